from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from kehu.base.settings import Settings
from kehu.warehouse.lake import Lake
from kehu.warehouse.table import load_tables

sys.path.append(str(Path(__file__).parent))
from sales import SALES, Shop  # beside this file

if TYPE_CHECKING:
    from collections.abc import Callable

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


@pytest.fixture
def shop(lake: Lake, tables: Callable[..., dict[str, Table]], settings: Settings) -> Callable[..., Shop]:
    """Make a lake of four sales, with the given table files built from them."""

    def made(**files: str) -> Shop:
        one = Shop(lake, tables, settings, files)
        columns = "sale_id VARCHAR, customer_id VARCHAR, channel VARCHAR, amount BIGINT"
        one.sql(f"CREATE TABLE raw_sale ({columns})", f"INSERT INTO raw_sale VALUES {SALES}")
        one.build()
        return one

    return made
