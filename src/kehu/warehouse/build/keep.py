"""Keeping a table: the rows of touched keys are computed anew, and those of slices that moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.warehouse.build.compute import COMPUTED, rows_of
from kehu.warehouse.build.increment import NEW, OLD, TOUCHED, apply, asks_first, differ, hold, touch_also
from kehu.warehouse.build.narrow import narrowed, offer
from kehu.warehouse.build.run import checked, told
from kehu.warehouse.build.slices import moved, renew, staying
from kehu.warehouse.build.whole import whole
from kehu.warehouse.store.engine import name

if TYPE_CHECKING:
    from kehu.warehouse.build.run import Run
    from kehu.warehouse.table import Table

TURNS = 5  # times that the rows of further keys may bring further keys


def keep(run: Run, table: Table) -> int:
    """Compute the touched keys of a table, and the slices that moved; return how many rows went and came."""
    with told(table):
        with staying(run, table):
            changed = _keep_touched(run, table)
        if changed is None:  # rows that hang together without end: the safe way is the long one
            return whole(run, table, compare=True)
        if not moved(run, table):
            run.changes.note(table.name, "some" if changed else "none")
            return changed
        run.changes.note(table.name, "all")
        return changed + renew(run, table)


def _keep_touched(run: Run, table: Table) -> int | None:
    """Write what differs in the rows of touched keys; return how many rows that were, None where keys find no end."""
    for _ in range(TURNS):
        with narrowed(run, table):
            if table.also and touch_also(run.writer, table):
                continue
            held = _Held(run, table)
            select = rows_of(run.writer, table, run.settings, run.progress, held=held)
            run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {NEW} AS {select}")
            run.writer.connection.unregister(COMPUTED)
            if not held.is_read and (table.compute is not None or not asks_first(table)):
                held()  # not before: Python may have touched more keys
            break
    else:
        return None
    is_local = table.is_local or set(table.by) <= set(table.key)  # rows of one key are then all among the computed ones
    if is_local:
        checked(run, table, f"temp.{NEW}")
    gone, come = differ(run.writer, table)
    changed = gone + come
    if changed:
        apply(run.writer, table, run.count(table.name))
        run.counted[table.name] += come - gone
    if changed and not is_local:
        checked(run, table, f"lake.main.{name(table.name)}")
    _remember_touched(run, table)
    offer(run, table)
    return changed


class _Held:
    """Reads the rows that the lake holds of the touched keys; Python may ask for them once it touches no more."""

    def __init__(self, run: Run, table: Table) -> None:
        self._run, self._table, self.is_read = run, table, False

    def __call__(self) -> str:
        hold(self._run.writer, self._table)
        self.is_read = True
        return f"temp.{OLD}"


def _remember_touched(run: Run, table: Table) -> None:
    wanted = [f for other in run.catalog.tables.values() for name_, f in other.follows.items() if name_ == table.name]
    if any(follow.touched for follow in wanted):
        kept = name(f"touched_{table.name}")
        run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {kept} AS FROM temp.{TOUCHED}")
        run.changes.note_touched(table.name)
