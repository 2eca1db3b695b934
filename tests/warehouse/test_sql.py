"""Rows of a few keys are found in any of the ways to look for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from kehu.warehouse.sql import ALONE, LISTED, among, passed, sought

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = ("crm", "o'till", "")
KEYS = [f"{number}'x" for number in range(2 * LISTED)]


@pytest.mark.parametrize("count", [0, 1, ALONE, LISTED // 2, len(KEYS)])
def test_few_keys_are_sought_one_by_one_and_give_the_same_rows(count: int) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE record (source VARCHAR, source_key VARCHAR, number INT)")
        rows = [(source, key, number) for number, key in enumerate(KEYS) for source in SOURCES]
        connection.executemany("INSERT INTO record VALUES (?, ?, ?)", [*rows, ("crm", None, 9)])
        connection.execute("CREATE TABLE wanted AS SELECT 'crm' AS _k1, source_key AS _k2 FROM record LIMIT 0")
        wanted = [("crm", key) for key in KEYS[:count]] + [("o'till", key) for key in KEYS[:count:2]]
        for row in wanted:
            connection.execute("INSERT INTO wanted VALUES (?, ?)", row)
        by, sides = ("source", "source_key"), ("SELECT * FROM wanted", ("_k1", "_k2"))

        select = sought(connection, "SELECT * FROM record", by, *sides)

        expected = connection.execute(f"SELECT * FROM ({among('SELECT * FROM record', by, *sides)}) ORDER BY ALL")
        expected = expected.fetchall()
        assert connection.execute(f"SELECT * FROM ({select}) ORDER BY ALL").fetchall() == expected
        assert bool(expected) == bool(count)
        assert ("source_key = '0''x'" in select) == (0 < len(wanted) <= ALONE)
        assert ("list_contains" in select) == (ALONE < len(wanted) <= LISTED)


@pytest.mark.parametrize(
    ("column", "values", "is_asked"),
    [
        ("source_key", {"1", "o'b"}, True),
        ('"order"', {"1"}, True),
        ("source_key || ''", {"1"}, False),  # an expression
        ("number", {1, 2}, False),
        ("number", {"1"}, False),  # a text for a number, as where two inputs name one key by different types
        ("day", {"2026-01-01"}, False),
        ("source_key", {"1", *KEYS}, False),  # too many
    ],
)
def test_a_few_texts_are_compared_within_the_scan(column: str, values: set[object], is_asked: bool) -> None:
    with duckdb.connect() as connection:
        row = "'1' AS source_key, '1' AS \"order\", 1 AS number, DATE '2026-01-01' AS day"
        connection.execute(f"CREATE TABLE record AS SELECT {row} UNION ALL SELECT '9', '9', 9, DATE '2026-01-09'")

        condition = passed(connection, "FROM record", column, values)

        found = connection.execute(f"SELECT number FROM record WHERE {condition}").fetchall()
    assert found == [(1,)]
    assert ("list_contains" in condition) == is_asked


def test_duckdb_compares_them_within_the_scan(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 'k' || range AS k, range AS n FROM range(1000)) TO '{file}'")
        listed, alone = (
            connection.execute(f"EXPLAIN SELECT * FROM '{file}' WHERE {condition}").fetchall()[0][1]
            for condition in ("k IN ('k1', 'k2', 'k3', 'k4', 'k5')", "list_contains(['k1', 'k2'], k)")
        )

    assert "FILTER" in listed
    assert "FILTER" not in alone
