from __future__ import annotations

import duckdb
import pytest

from kehu.warehouse.build.check import Failure, failures
from kehu.warehouse.table import Check, Column, Table

ROWS = "VALUES (1, 'ann', 5), (2, 'bob', -1), (3, NULL, -2), (3, 'eve', NULL)"


def _broken(*checks: str, key: tuple[str, ...] = ("id",)) -> tuple[Failure, ...]:
    table = Table(
        name="person", layer="entity", kind="full", description="", grain="", key=key, owner="",
        columns=(Column("id", "INTEGER"), Column("name", "VARCHAR"), Column("n", "INTEGER")),
        checks=tuple(Check(check, check) for check in checks),
    )  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE person AS SELECT * FROM ({ROWS}) AS t(id, name, n)")
        return failures(connection, table)


def test_a_key_that_repeats_is_found_without_a_check() -> None:
    assert _broken() == (Failure("unique(id)", 1, "id=3"),)


@pytest.mark.parametrize(
    ("check", "count", "example"),
    [
        ("n >= 0", 2, "id=2, name=bob"),
        ("not_null(name)", 1, "id=3, name=None"),
        ("Not_Null(name, n)", 2, "id=3, name=eve"),
    ],
)
def test_rows_that_break_a_check_are_counted_with_an_example(check: str, count: int, example: str) -> None:
    assert _broken(check, key=("id", "name")) == (Failure(check, count, example),)


@pytest.mark.parametrize("check", ["unique(id, name)", "n < 6", "id > 0"])
def test_a_check_that_holds_is_silent(check: str) -> None:
    assert _broken(check, key=()) == ()
