"""Compaction: many small files become few sorted ones, and deleted rows leave their files.

Rows stay as they are: every snapshot still answers what it answered, and readers of older ones go on. What is worth it
is decided per table, so that the work follows what changed and not what the table holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kehu.base.progress import Progress, silent
from kehu.warehouse.session.writer import packed, transaction
from kehu.warehouse.store.engine import name, quoted
from kehu.warehouse.store.history import META, TIDY, level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from kehu.warehouse.catalog import Catalog
    from kehu.warehouse.store.history import Snapshot
    from kehu.warehouse.store.place import Place

Columns = dict[str, tuple[str, ...]]  # of tables


class Sort(NamedTuple):
    """How a table's rows are sorted: by which columns, and whether for scans rather than for looking up."""

    columns: tuple[str, ...]
    is_scanned: bool = False


NO_SORT = Sort(())
WORKING = f"{TIDY}: files"  # a step on the way: nobody may ask this snapshot
LANDED = ("_batch_id", "_line")  # raw rows are asked by batch: each file's and row group's bounds then tell
FEW = 8  # files of a table that are left alone
SMALL = 64 << 20  # bytes: a table of this size is rewritten whole within a second or two
DELETED = 0.1  # share of a large file's rows that must be deleted before it is worth rewriting
UNSORTED = 0.25  # share of a large table outside its largest file from which it is sorted anew
LAYOUT = f"""
SELECT t.table_name, count(*), sum(f.file_size_bytes)::BIGINT, max(f.file_size_bytes),
  count(*) FILTER (f.file_size_bytes < {SMALL}), coalesce(sum(d.delete_count), 0)::BIGINT,
  coalesce(max(d.delete_count / greatest(f.record_count, 1)), 0)
FROM {META}.ducklake_table AS t
JOIN {META}.ducklake_schema AS s ON s.schema_id = t.schema_id AND s.schema_name = 'main'
JOIN {META}.ducklake_data_file AS f ON f.table_id = t.table_id AND f.end_snapshot IS NULL
LEFT JOIN {META}.ducklake_delete_file AS d ON d.data_file_id = f.data_file_id AND d.end_snapshot IS NULL
WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL GROUP BY t.table_name ORDER BY t.table_name
"""


@dataclass(frozen=True)
class Layout:
    """How the newest state of one table lies on disk.

    Attributes
    ----------
    table : str
        The table.
    files, bytes, largest, small : int
        Its data files, their bytes, the bytes of the largest, and how many are below 64 MB.
    deleted : int
        Rows that are deleted and still in the files.
    worst : float
        The largest share of deleted rows in one file.
    """

    table: str
    files: int
    bytes: int
    largest: int
    small: int
    deleted: int
    worst: float

    @property
    def is_small(self) -> bool:
        """Whether rewriting all of it costs next to nothing."""
        return self.bytes <= SMALL

    @property
    def is_holed(self) -> bool:
        """Whether deleted rows are worth taking out."""
        return self.deleted > 0 and (self.is_small or self.worst >= DELETED)

    @property
    def is_scattered(self) -> bool:
        """Whether its files are worth merging."""
        if self.files <= FEW:
            return False
        return self.is_small or self.is_unsorted or self.small > FEW

    @property
    def is_unsorted(self) -> bool:
        """Whether so much of a large table lies outside its largest file that all of it is sorted anew."""
        return self.bytes - self.largest >= UNSORTED * self.bytes


def sorts_of(catalog: Catalog | None) -> dict[str, Sort]:
    """Return how the rows of each table are sorted."""
    return {table: Sort(held.sort, held.is_scanned) for table, held in catalog.tables.items()} if catalog else {}


def layouts(connection: DuckDBPyConnection) -> list[Layout]:
    """Return how every table of the attached lake lies on disk, in the order of their names."""
    return [Layout(*row) for row in connection.execute(LAYOUT).fetchall()]


def compact(
    connection: DuckDBPyConnection,
    place: Place,
    snapshots: Sequence[Snapshot],
    *,
    sorts: Mapping[str, Sort],
    progress: Progress = silent,
) -> list[str]:
    """Take deleted rows out and merge small files where it is worth it; return the tables that were worked on.

    Parameters
    ----------
    connection : DuckDBPyConnection
        With the lake attached; needs the lock.
    place : Place
        The lake.
    snapshots : sequence of Snapshot
        Newest first. When the newest one is published, what this makes is published under the same name: readers
        gain at once. Otherwise rows wait for a build, which publishes it with them.
    sorts : mapping
        How the merged files of each table are sorted.
    progress : Progress
        Told each step.
    """
    found = layouts(connection)
    holed = [one for one in found if one.is_holed]
    scattered = [one for one in found if one.is_scattered]
    orders = _orders(connection, {one.table: sorts.get(one.table, NO_SORT).columns or LANDED for one in scattered})
    steps = (
        (f"sort {len(orders)} tables", [(table, _ordered(table, cells)) for table, cells in orders.items()]),
        (f"take deleted rows out of {len(holed)} tables", [(one.table, _rewritten(one)) for one in holed]),
        (f"merge the files of {len(scattered)} tables", [(one.table, _merged(one)) for one in scattered]),
    )
    todo = [(step, statements) for step, statements in steps if statements]
    for number, (step, statements) in enumerate(todo):
        progress(step, number / len(todo))
        message = _published(snapshots) if number == len(todo) - 1 else WORKING
        with transaction(connection, place, message, author=TIDY):
            for table, statement in statements:
                with packed(connection, *sorts.get(table, NO_SORT)):
                    connection.execute(statement)
    return sorted({one.table for one in (*holed, *scattered)})


def _published(snapshots: Sequence[Snapshot]) -> str:
    newest = next((held for held in snapshots if held.is_published), None)
    return newest.name if newest and level(snapshots, newest.id) == snapshots[0].id else WORKING


def _rewritten(one: Layout) -> str:
    share = 0 if one.is_small else DELETED
    return f"CALL ducklake_rewrite_data_files('lake', {quoted(one.table)}, delete_threshold => {share})"


def _merged(one: Layout) -> str:
    most = "" if one.is_small or one.is_unsorted else f", max_file_size => {SMALL}"
    return f"CALL ducklake_merge_adjacent_files('lake', {quoted(one.table)}{most})"


def _ordered(table: str, cells: tuple[str, ...]) -> str:
    order = ", ".join(f"{name(cell)} ASC" for cell in cells)
    return f"ALTER TABLE lake.main.{name(table)} SET SORTED BY ({order})"


def _orders(connection: DuckDBPyConnection, wanted: Columns) -> Columns:
    """Return the wanted sorts that DuckLake does not know yet and whose columns exist."""
    known = _sorted(connection)
    sql = "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE database_name = 'lake' GROUP BY 1"
    columns = {table: set(cells) for table, cells in connection.execute(sql).fetchall()} if wanted else {}
    return {
        table: cells
        for table, cells in wanted.items()
        if cells and known.get(table) != cells and {*cells} <= columns[table]
    }


def _sorted(connection: DuckDBPyConnection) -> Columns:
    sql = f"""
    SELECT t.table_name, list(trim(e.expression, '"') ORDER BY e.sort_key_index)
    FROM {META}.ducklake_sort_info AS i JOIN {META}.ducklake_sort_expression AS e USING (sort_id)
    JOIN {META}.ducklake_table AS t ON t.table_id = i.table_id AND t.end_snapshot IS NULL
    WHERE i.end_snapshot IS NULL GROUP BY t.table_name
    """
    return {table: tuple(cells) for table, cells in connection.execute(sql).fetchall()}
