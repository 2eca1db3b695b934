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
        ("source_key", ["a", "o'b"], True),
        ('"order"', ["a"], True),
        ("source || source_key", ["a"], False),
        ("number", [1, 2], False),
        ("source_key", KEYS, False),
    ],
)
def test_a_few_texts_are_compared_within_the_scan(column: str, values: list[object], is_asked: bool) -> None:
    condition = passed(column, values)

    assert ("list_contains" in condition) == is_asked
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT 'a' AS source_key, 'a' AS \"order\", 1 AS number, NULL AS source")
        assert connection.execute(f"SELECT count(*) FROM t WHERE {condition}").fetchone() == (
            len(values) < 10 and "|" not in column,
        )


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
