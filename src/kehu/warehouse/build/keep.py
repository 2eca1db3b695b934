"""Keeping a table: the rows of touched keys are computed anew, and those of slices that moved."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kehu.warehouse.build.compute import COMPUTED, rows_of
from kehu.warehouse.build.increment import NEW, TOUCHED, apply, asks_first, count, differ, hold, narrow, touch_also
from kehu.warehouse.build.run import checked, told
from kehu.warehouse.build.slices import moved, renew, staying
from kehu.warehouse.build.state import passing
from kehu.warehouse.build.whole import whole
from kehu.warehouse.sql import columns_named
from kehu.warehouse.store.engine import name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.warehouse.build.run import Run
    from kehu.warehouse.table import Table

FEW = 100_000  # touched keys up to which what stands between is computed once, not at every mention
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
        with _narrowed(run, table):
            if table.also and touch_also(run.writer, table):
                continue
            select = rows_of(run.writer, table, run.settings, run.progress, is_part=True)
            run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {NEW} AS {select}")
            run.writer.connection.unregister(COMPUTED)
            if table.compute is not None or not asks_first(table):  # Python may have touched more keys
                hold(run.writer, table)
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
    return changed


@contextmanager
def _narrowed(run: Run, table: Table) -> Iterator[None]:
    """Let the inputs' names, and the scratch tables between, stand for the touched keys' rows."""
    between = passing(run.catalog, table.name)
    bound = [other for other in between if run.reads(other, set(table.follows))]
    for other in bound:
        run.drop(other)  # one made of whole inputs would be read instead
    run.make_between([other for other in between if other not in bound])
    followed = [run.catalog.tables[other] for other in table.follows if other in run.catalog.tables]
    sorts = {other.name: other.sort[0] for other in followed if other.sort}
    narrowed = narrow(run.writer, table, run.changes, _wanted(run, table, bound), sorts)
    is_few = count(run.writer, f"temp.{TOUCHED}") <= FEW
    try:
        for other in bound:
            run.make(run.catalog.tables[other], is_few=is_few)
        yield
    finally:
        for other in reversed(bound):
            run.drop(other)
        for other in narrowed:
            run.writer.connection.execute(f"DROP TABLE IF EXISTS temp.{name(other)}")


def _wanted(run: Run, table: Table, bound: list[str]) -> dict[str, list[str]]:
    """Return the columns that a table, and the scratch tables between, read of each followed input, where known."""
    readers = [table, *(run.catalog.tables[other] for other in bound)]
    named: set[str] = set()
    for select in (select for reader in readers for select in (reader.sql, *reader.also)):
        read = columns_named(select) if select else None  # what Python reads is not known
        if read is None:
            return {}
        named |= read
    found = {}
    for other, follow in table.follows.items():
        if follow.narrows and other in run.catalog.tables:
            keyed = columns_named(f"SELECT {follow.key}") or frozenset()
            wanted = {*named, *keyed, follow.prune.lower()}
            columns = [column.name for column in run.catalog.tables[other].columns]
            found[other] = [column for column in columns if column.lower() in wanted]
    return found


def _remember_touched(run: Run, table: Table) -> None:
    wanted = [f for other in run.catalog.tables.values() for name_, f in other.follows.items() if name_ == table.name]
    if any(follow.touched for follow in wanted):
        kept = name(f"touched_{table.name}")
        run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {kept} AS FROM temp.{TOUCHED}")
        run.changes.note_touched(table.name)
