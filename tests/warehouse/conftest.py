from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from kehu.base.settings import Settings
from kehu.warehouse.lake import Lake
from kehu.warehouse.table import load_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kehu.warehouse.table import Table


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "data" / "main", memory_limit="200MB", threads=1, lock_seconds=0.2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, name="Acme", time_zone="Asia/Shanghai")


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., dict[str, Table]]:
    """Write table files given as ``{"entity/customer.sql": text}`` and load them."""

    def load(files: dict[str, str]) -> dict[str, Table]:
        for place, text in files.items():
            path = tmp_path / "tables" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return load_tables(tmp_path / "tables")

    return load
