"""Tables are packed for how they are read, and sorted by numbers where these sort alike, whoever writes their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from kehu.base.errors import KehuError
from kehu.warehouse.session.writer import GATHERED, GROUP, LOOKED_UP, OPTIONS
from kehu.warehouse.store.engine import attach, connect
from kehu.warehouse.upkeep.compact import Sort
from kehu.warehouse.upkeep.tidy import tidy

if TYPE_CHECKING:
    from kehu.warehouse.lake import Lake

ROWS = "SELECT range AS id, range // 3 AS person_id, 'c' || range AS name FROM range({since}, {until})"
SORTS = {
    "person": Sort(("id",)),
    "visit": Sort(("person_id", "id")),
    "day": Sort(("name", "id")),
    "line": Sort(("person_id", "id"), is_scanned=True),
}
PACKED = {"person": {LOOKED_UP}, "visit": {GATHERED}, "day": {GROUP}, "line": {GROUP}}

COUNTED = """
SELECT table_name, record_count FROM __ducklake_metadata_lake.main.ducklake_table
JOIN __ducklake_metadata_lake.main.ducklake_table_stats USING (table_id)
"""


def largest_groups(lake: Lake, table: str) -> set[int]:
    files = lake.place.files.glob(f"main/{table}/*.parquet")
    sql = "SELECT max(row_group_num_rows) FROM parquet_metadata('{}')"
    return {row[0] for file in files for row in duckdb.sql(sql.format(file)).fetchall()}


def test_a_written_table_is_packed_by_how_it_is_sorted(lake: Lake) -> None:
    with lake.writer("four tables", publish=True) as writer:
        for table, sort in SORTS.items():
            writer.replace(table, ROWS.format(since=0, until=200_000), sort.columns, is_scanned=sort.is_scanned)

    assert {table: largest_groups(lake, table) for table in SORTS} == PACKED


def test_files_are_packed_to_be_read_fast_in_a_lake_of_an_earlier_version_too(lake: Lake) -> None:
    with lake.writer("first", publish=True) as writer:
        writer.replace("person", ROWS.format(since=0, until=10))
    with connect(lake.place, "other") as connection:
        attach(connection, lake.place, OPTIONS)
        for option, value in (("parquet_compression", "snappy"), ("parquet_version", "1")):
            connection.execute(f"CALL lake.set_option('{option}', '{value}')")

    with lake.writer("second", publish=True) as writer:
        writer.replace("line", ROWS.format(since=0, until=200_000))

    (file,) = lake.place.files.glob("main/line/*.parquet")
    sql = f"SELECT DISTINCT path_in_schema, compression, encodings FROM parquet_metadata('{file}')"
    found = {column: (compression, encodings) for column, compression, encodings in duckdb.sql(sql).fetchall()}
    assert found["name"] == ("LZ4_RAW", "DELTA_LENGTH_BYTE_ARRAY")
    assert found["id"] == ("LZ4_RAW", "DELTA_BINARY_PACKED")
    assert len(lake.snapshots()) == 2


def test_a_table_without_rows_is_known_to_have_none_and_takes_rows_later(lake: Lake) -> None:
    with lake.writer("empty", publish=True) as writer:
        writer.replace("person", ROWS.format(since=0, until=0))
    with lake.writer("asked", publish=True) as writer:
        counted = writer.connection.execute(COUNTED).fetchall()
        writer.append("person", ROWS.format(since=0, until=9))
    with lake.writer("more", publish=True) as writer:
        writer.append("person", ROWS.format(since=9, until=12))

    ids = lake.reader().execute("SELECT id FROM person WHERE name >= 'c' AND person_id > 0 ORDER BY id").rows
    assert counted == [("person", 0)]
    assert [number for (number,) in ids] == list(range(3, 12))
    with lake.writer("asked again", publish=True) as writer:
        assert writer.connection.execute(COUNTED).fetchall() == [("person", 12)]


def test_merged_files_are_packed_like_written_ones(lake: Lake) -> None:
    for step in range(9):
        with lake.writer(f"step {step}", publish=True) as writer:
            for table in SORTS:
                writer.append(table, ROWS.format(since=step * 30_000, until=(step + 1) * 30_000))

    tidy(lake, days=0, sorts=SORTS)

    assert {table: largest_groups(lake, table) for table in SORTS} == PACKED


def test_a_run_that_fails_leaves_the_packing_as_it_was(lake: Lake) -> None:
    def fail() -> None:
        with lake.writer("fails", publish=True) as writer:
            writer.replace("person", "SELECT no_such", ("id",))

    with pytest.raises(KehuError):
        fail()

    with lake.writer("whole", publish=True) as writer:
        writer.append("line", ROWS.format(since=0, until=200_000))

    assert largest_groups(lake, "line") == {GROUP}


def test_rows_of_one_customer_stand_together_in_order_of_time(lake: Lake) -> None:
    ids = "CASE range % 3 WHEN 0 THEN 'c00000000000a' WHEN 1 THEN 'c0000000000a0' ELSE 'guest' END"
    rows = f"SELECT {ids} AS customer_id, 30 - range AS day FROM range(30) UNION ALL SELECT NULL, 7"
    with lake.writer("visits", publish=True) as writer:
        writer.replace("visit", rows, ("customer_id", "day"))

    found = lake.reader().execute("SELECT customer_id, day FROM visit").rows

    assert [row[0] for row in found[:20]] == ["c00000000000a"] * 10 + ["c0000000000a0"] * 10
    assert [row[1] for row in found[:10]] == sorted(range(3, 31, 3))
    assert len(found) == 31


def test_a_table_of_others_may_number_its_customers(lake: Lake) -> None:
    with lake.writer("visits", publish=True) as writer:
        writer.replace("visit", "SELECT range AS customer_id FROM range(30)", ("customer_id",))

    assert lake.reader().execute("SELECT count(DISTINCT customer_id) FROM visit").value() == 30
