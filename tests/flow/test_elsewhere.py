"""A small project whose catalog is on PostgreSQL and whose files are in an object store."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from kehu.warehouse.store import shared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def far_shop(built_shop: Path, tmp_path: Path, postgres: str, bucket: str) -> Path:
    """The shop's settings, mappings and files, with nothing collected, on servers."""
    folder = shutil.copytree(built_shop, tmp_path / "far", ignore=shutil.ignore_patterns("data"))
    key = folder / "data" / "main" / "id.key"  # what new customers' ids are made with is the same on every host
    key.parent.mkdir(parents=True)
    shutil.copy2(built_shop / "data" / "main" / "id.key", key)
    settings = folder / "kehu.toml"
    told = f'catalog = "postgres:{postgres}"\nfiles = "s3://{bucket}/acme"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + told, encoding="utf-8")
    return folder


def test_collect_build_and_query_give_the_same_rows_as_on_a_disk(
    run: Callable[..., Any], far_shop: Path, built_shop: Path
) -> None:
    sql = "SELECT customer_id, full_name, email, revenue, order_count FROM customer_360 ORDER BY ALL"

    ran = run("-C", far_shop, "run", "--json")
    far = run("-C", far_shop, "query", sql, "--json").json()["rows"]

    assert ran.status == 0, ran.err
    assert far == run("-C", built_shop, "query", sql, "--json").json()["rows"]
    assert list(far_shop.rglob("*.parquet")) == []
    assert run("-C", far_shop, "query", sql, "--json").json()["rows"] == far
    shared._forget()
