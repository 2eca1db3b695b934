"""Slices: the rows of a table that belong to one row of an input, such as all customers at one cut-off.

A slice whose row of the input came, changed or went does so as a whole. All others are kept by key.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kehu.warehouse.build.compute import COMPUTED, column_list, rows_of
from kehu.warehouse.build.increment import NEW, SMALL, count
from kehu.warehouse.build.run import checked
from kehu.warehouse.build.state import passing
from kehu.warehouse.session.writer import ordered_by
from kehu.warehouse.store.engine import name, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.warehouse.build.run import Run
    from kehu.warehouse.table import Table


def moved(run: Run, table: Table) -> list[str]:
    """Return the slices, as SQL values, whose row of the input came, changed or went since the table was built."""
    other, column = table.slice_by
    if not other or run.changes.of(other) != "some":
        return []
    found = run.writer.connection.execute(f"SELECT DISTINCT {name(column)} FROM {name(f'changed_{other}')}").fetchall()
    return sorted(quoted(str(value)) for (value,) in found)


def coming(run: Run, table: Table) -> int:
    """Return how many slices must be computed: those that moved and are still there."""
    if not (slices := moved(run, table)):
        return 0
    other, column = table.slice_by
    return count(run.writer, f"lake.main.{name(other)} WHERE {name(column)} IN ({', '.join(slices)})")


@contextmanager
def staying(run: Run, table: Table) -> Iterator[None]:
    """Let the name of the input stand for the slices that did not move."""
    with _only(run, table, moved(run, table), is_moved=False):
        yield


def renew(run: Run, table: Table) -> int:
    """Compute the slices that came or changed and drop those that went; return how many rows went and came."""
    slices = moved(run, table)
    between = passing(run.catalog, table.name)
    bound = [other for other in between if run.reads(other, {table.slice_by[0]})]
    for other in bound:
        run.drop(other)
    run.make_between([other for other in between if other not in bound])
    with _only(run, table, slices, is_moved=True):
        for other in bound:
            run.make(run.catalog.tables[other])
        select = rows_of(run.writer, table, run.settings, run.progress)
        run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {NEW} AS {select}")
        run.writer.connection.unregister(COMPUTED)
        for other in reversed(bound):
            run.drop(other)
    checked(run, table, f"temp.{NEW}")  # the slice is a part of the key: no row beside can break it
    gone, come = _replace(run, table, slices), count(run.writer, f"temp.{NEW}")
    run.counted[table.name] += come - gone
    run.writer.connection.execute(f"DROP TABLE temp.{NEW}")
    return gone + come


@contextmanager
def _only(run: Run, table: Table, slices: list[str], *, is_moved: bool) -> Iterator[None]:
    """Let the name of the input stand for some of its rows while any slice moved."""
    if not slices:
        yield
        return
    other, column = table.slice_by
    which = f"{name(column)} {'IN' if is_moved else 'NOT IN'} ({', '.join(slices)})"
    select = f"SELECT * FROM lake.main.{name(other)} WHERE {which}"
    run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name(other)} AS {select}")
    try:
        yield
    finally:
        run.writer.connection.execute(f"DROP TABLE IF EXISTS temp.{name(other)}")


def _replace(run: Run, table: Table, slices: list[str]) -> int:
    """Put the computed rows in the place of the slices' former ones; return how many of those there were."""
    place, columns = f"lake.main.{name(table.name)}", column_list(table)
    former = f"{name(table.slice_by[1])} IN ({', '.join(slices)})"
    gone, connection = count(run.writer, f"{place} WHERE {former}"), run.writer.connection
    if run.count(table.name) < SMALL:
        kept = f"SELECT {columns} FROM {place} WHERE NOT ({former})"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE kehu_whole AS {kept} UNION ALL FROM temp.{NEW}")
        run.writer.replace(table.name, "SELECT * FROM temp.kehu_whole", table.sort, is_scanned=table.is_scanned)
        connection.execute("DROP TABLE temp.kehu_whole")
        return gone
    connection.execute(f"DELETE FROM {place} WHERE {former}")
    connection.execute(f"INSERT INTO {place} ({columns}) SELECT {columns} FROM temp.{NEW}{ordered_by(table.sort)}")
    return gone
