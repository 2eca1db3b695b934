"""Rows of a few keys are found in any of the ways to look for them."""

from __future__ import annotations

import duckdb
import pytest

from kehu.warehouse.sql import ALONE, among, sought

SOURCES = ("crm", "o'till", "")
KEYS = [f"{number}'x" for number in range(3 * ALONE)]


@pytest.mark.parametrize("count", [0, 1, 2, ALONE, len(KEYS)])
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
