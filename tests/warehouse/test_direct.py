"""A reader's views give what DuckLake gives, at every snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.warehouse.engine import attach
from kehu.warehouse.lake import Lake
from kehu.warehouse.pool import borrowed
from kehu.warehouse.writer import OPTIONS

if TYPE_CHECKING:
    from pathlib import Path

STEPS = (
    "CREATE TABLE person AS SELECT * FROM (VALUES (1, 'Ann', 1.5::DECIMAL(18,2)), (2, '王芳', NULL)) t(id, name, paid)",
    "INSERT INTO person VALUES (3, 'Bob', 2)",
    "DELETE FROM person WHERE id = 1",
    "ALTER TABLE person ADD COLUMN tags VARCHAR[]",
    "UPDATE person SET name = 'Robert' WHERE id = 3",
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    held = Lake(tmp_path / "main")
    for number, step in enumerate(STEPS):
        with held.writer(str(number), publish=True) as writer:
            writer.connection.execute(step)
    return held


@pytest.mark.parametrize(
    ("at", "rows"),
    [
        (1, [(1, "Ann"), (2, "王芳")]),
        (2, [(1, "Ann"), (2, "王芳"), (3, "Bob")]),
        (3, [(2, "王芳"), (3, "Bob")]),
        (4, [(2, "王芳"), (3, "Bob")]),
        (5, [(2, "王芳"), (3, "Robert")]),
    ],
)
def test_every_snapshot_shows_its_own_rows(lake: Lake, at: int, rows: list[tuple[int, str]]) -> None:
    assert lake.reader(at).execute("SELECT id, name FROM person ORDER BY id").rows == rows


def test_a_column_that_came_later_is_there_and_empty(lake: Lake) -> None:
    assert lake.reader(4).execute("SELECT tags FROM lake.person ORDER BY id").rows == [(None,), (None,)]
    assert dict(lake.reader(4).tables()["person"])["tags"] == "VARCHAR[]"


def test_plain_files_are_read_without_the_catalog_and_changed_ones_with_it(lake: Lake) -> None:
    def plan(at: int) -> str:
        return str(lake.reader(at).execute("EXPLAIN SELECT * FROM person").rows)

    assert "DUCKLAKE_SCAN" not in plan(2).upper()
    assert "DUCKLAKE_SCAN" in plan(5).upper()


def test_merged_files_never_show_the_rows_of_a_later_snapshot(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "main")
    for number in (1, 2, 3):
        with lake.writer(str(number), publish=True) as writer:
            writer.append("one", f"SELECT {number} AS n")
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, OPTIONS)
        connection.execute("CALL ducklake_merge_adjacent_files('lake', 'one')")

    counts = [lake.reader(at).execute("SELECT count(*), max(n) FROM one").rows for at in (1, 2, 3)]

    assert counts == [[(1, 1)], [(2, 2)], [(3, 3)]]
