"""A workspace without policy over literal tables."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import duckdb
import pytest

from kehu.base.types import Result


class Open:
    """Answers `read` from an in-memory database; every table is open."""

    def __init__(self, **made: str) -> None:
        self.connection = duckdb.connect()
        self.settings = SimpleNamespace(currency="USD", time_zone="UTC")
        self.access = SimpleNamespace(demand=lambda action: None)
        self.asked = []
        for name, sql in made.items():
            self.connection.execute(f"CREATE TABLE {name} AS {sql}")

    def read(self, sql, params=(), *, action="read", subject=""):
        self.asked.append((action, subject))
        found = self.connection.execute(sql, params)
        return Result(tuple(column[0] for column in found.description), found.fetchall(), 7)

    def tables(self):
        found = self.connection.execute("SELECT table_name, column_name, data_type FROM duckdb_columns()").fetchall()
        return {name: tuple((column, kind) for table, column, kind in found if table == name) for name, *_ in found}

    def snapshot(self):
        return SimpleNamespace(id=7, at=datetime(2018, 1, 1, 6))  # noqa: DTZ001  # naive UTC, as tables store it

    def sees(self, table):
        return True


@pytest.fixture
def open_on():
    made = []

    def opened(**tables):
        made.append(Open(**tables))
        return made[-1]

    yield opened
    for one in made:
        one.connection.close()
