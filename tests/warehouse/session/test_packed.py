"""Tables sorted by one column are packed for looking single rows up, whoever writes their files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from kehu.base.errors import KehuError
from kehu.warehouse.session.writer import GROUP, LOOKED_UP
from kehu.warehouse.upkeep.tidy import tidy

if TYPE_CHECKING:
    from kehu.warehouse.lake import Lake

ROWS = "SELECT range AS id, 'c' || range AS name FROM range({since}, {until})"
SORTS = {"person": ("id",), "line": ("id", "name")}


def largest_groups(lake: Lake, table: str) -> set[int]:
    files = lake.place.files.glob(f"main/{table}/*.parquet")
    sql = "SELECT max(row_group_num_rows) FROM parquet_metadata('{}')"
    return {row[0] for file in files for row in duckdb.sql(sql.format(file)).fetchall()}


def test_a_written_table_is_packed_by_how_it_is_sorted(lake: Lake) -> None:
    with lake.writer("two tables", publish=True) as writer:
        for table, sort in SORTS.items():
            writer.replace(table, ROWS.format(since=0, until=200_000), sort)

    assert (largest_groups(lake, "person"), largest_groups(lake, "line")) == ({LOOKED_UP}, {GROUP})


def test_merged_files_are_packed_like_written_ones(lake: Lake) -> None:
    for step in range(9):
        with lake.writer(f"step {step}", publish=True) as writer:
            for table in SORTS:
                writer.append(table, ROWS.format(since=step * 30_000, until=(step + 1) * 30_000))

    tidy(lake, days=0, sorts=SORTS)

    assert (largest_groups(lake, "person"), largest_groups(lake, "line")) == ({LOOKED_UP}, {GROUP})


def test_a_run_that_fails_leaves_the_packing_as_it_was(lake: Lake) -> None:
    def fail() -> None:
        with lake.writer("fails", publish=True) as writer:
            writer.replace("person", "SELECT no_such", ("id",))

    with pytest.raises(KehuError):
        fail()

    with lake.writer("whole", publish=True) as writer:
        writer.append("line", ROWS.format(since=0, until=200_000))

    assert largest_groups(lake, "line") == {GROUP}
