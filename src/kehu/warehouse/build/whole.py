"""Computing a table whole, and finding out what changed in it where that is worth knowing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kehu.base.memory import give_back
from kehu.warehouse.build.compute import COMPUTED, column_list, rows_of
from kehu.warehouse.build.increment import NEW, count
from kehu.warehouse.build.run import checked, told
from kehu.warehouse.build.state import inputs, passing
from kehu.warehouse.store.engine import name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.warehouse.build.run import Run
    from kehu.warehouse.table import Table

COMPARED = 30_000_000  # values (rows times columns) up to which a table computed whole is compared with what it was


def whole(run: Run, table: Table, *, compare: bool) -> int:
    """Compute a table whole; return how many rows changed, -1 when that is not known.

    With ``compare`` a table of moderate size is compared with its former rows: where nothing differs nothing is
    written, and tables that follow it learn which rows did.
    """
    place = f"lake.main.{name(table.name)}"
    run.changes.note_whole(table.name)
    with told(table), _planned(run, table):
        run.make_between(passing(run.catalog, table.name))
        select = rows_of(run.writer, table, run.settings, run.progress)
        if compare and _is_worth_comparing(run, table):
            return _compared(run, table, select)
        is_file = table.compute is None and table.path is not None  # what mappings generate reads raw rows: DuckDB's
        if run.engine is not None and is_file:
            run.engine.replace(run.writer, table.name, select, table.sort)
        else:
            run.writer.replace(table.name, select, table.sort, is_scanned=table.is_scanned)
        run.writer.connection.unregister(COMPUTED)
        run.counted.pop(table.name, None)
        if table.compute is not None:
            give_back()
        checked(run, table, place, is_unique=table.is_local or _is_one_to_one(run, table))
    run.changes.note(table.name, "all")
    return -1


@contextmanager
def _planned(run: Run, table: Table) -> Iterator[None]:
    """Let joins keep the side that the SQL gives them, where DuckDB would have to guess which one is small.

    Of a table made anew in the open transaction it knows no size and takes it for empty. Beside a table of an earlier
    run, however small, it would keep the new one in memory, of a million customers more than there is.
    """
    is_new = {run.writer.was_written(other) for other in inputs(run.catalog, table.name)}
    if is_new != {True, False}:
        yield
        return
    with run.writer.as_written():
        yield


def _is_one_to_one(run: Run, table: Table) -> bool:
    """Return whether one row came of every row of a ``unique`` input that has a key, checked or made to be unique.

    To count the distinct keys of 100 million rows takes as long as to sort them.
    """
    if set(table.by) != set(table.key):
        return False
    keyed = [other for other in table.follows if other in run.catalog.tables and run.catalog.tables[other].key]
    one = [other for other in keyed if table.follows[other].unique and run.writer.has(other)]
    return any(run.count(other) == run.count(table.name) for other in one)


def _is_worth_comparing(run: Run, table: Table) -> bool:
    """Return whether other tables could do less when they know which rows differ, and finding out costs little."""
    is_read = any(table.name in other.depends for other in run.catalog.tables.values())
    return is_read and run.count(table.name) * len(table.columns) <= COMPARED


def _compared(run: Run, table: Table, select: str) -> int:
    connection, columns = run.writer.connection, column_list(table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {NEW} AS {select}")
    connection.unregister(COMPUTED)
    checked(run, table, f"temp.{NEW}")
    old, new = f"SELECT {columns} FROM lake.main.{name(table.name)}", f"SELECT {columns} FROM temp.{NEW}"
    gone, come = f"{old} EXCEPT ALL {new}", f"{new} EXCEPT ALL {old}"
    delta = f"SELECT *, NULL AS _rowid, TRUE AS _is_old FROM ({gone}) UNION ALL SELECT *, NULL, FALSE FROM ({come})"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name(f'delta_{table.name}')} AS {delta}")
    changed = count(run.writer, f"temp.{name(f'delta_{table.name}')}")
    if changed:
        run.counted.pop(table.name, None)
        run.writer.replace(table.name, f"SELECT * FROM temp.{NEW}", table.sort, is_scanned=table.is_scanned)
    connection.execute(f"DROP TABLE temp.{NEW}")
    run.changes.note(table.name, "some" if changed else "none")
    return changed
