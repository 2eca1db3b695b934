"""Computing one table of a build: whole, or for its touched keys."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import duckdb

from kehu.base.errors import KehuError, TableError
from kehu.warehouse.build.check import failures
from kehu.warehouse.build.compute import COMPUTED, column_list, rows_of
from kehu.warehouse.build.increment import NEW, TOUCHED, apply, asks_first, count, differ, hold, narrow, touch_also
from kehu.warehouse.build.state import inputs, passing
from kehu.warehouse.sql import columns_named
from kehu.warehouse.store.engine import explained, is_full, name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kehu.base.progress import Progress
    from kehu.base.settings import Settings
    from kehu.warehouse.build.change import Changes
    from kehu.warehouse.catalog import Catalog
    from kehu.warehouse.lake import Writer
    from kehu.warehouse.table import Table

COMPARED = 30_000_000  # values (rows times columns) up to which a table computed whole is compared with what it was
TURNS = 5  # times that the rows of further keys may bring further keys


class Engine(Protocol):
    """Computes whole SQL tables: entry points ``kehu.engines``."""

    def replace(self, writer: Writer, table: str, select: str, sort: Sequence[str]) -> None:
        """Make a table of the lake hold exactly the rows of ``select``, ordered by ``sort``, in the transaction."""


@dataclass
class Run:
    """One build under way.

    Attributes
    ----------
    changes : Changes
        What changed so far.
    made : set of str
        Scratch tables and views that exist now, over whole inputs.
    """

    writer: Writer
    catalog: Catalog
    settings: Settings
    changes: Changes
    engine: Engine | None
    progress: Progress
    made: set[str] = field(default_factory=set)

    def count(self, place: str) -> int:
        """Return the rows of a table."""
        return count(self.writer, place)

    def forget(self, waiting: list[str]) -> None:
        """Drop the scratch tables that no waiting table reads."""
        needed = {other for table in waiting for other in passing(self.catalog, table)}
        for table in self.made - needed:
            self.drop(table)

    def make(self, table: Table) -> None:
        """Make a scratch table or view over what its inputs' names stand for."""
        select = rows_of(self.writer, table, self.settings, self.progress)
        kind = "VIEW" if table.kind == "view" else "TABLE"
        self.writer.connection.execute(f"CREATE OR REPLACE TEMP {kind} {name(table.name)} AS {select}")
        self.writer.connection.unregister(COMPUTED)
        if table.kind == "scratch":
            checked(self, table, f"temp.{name(table.name)}")

    def drop(self, table: str) -> None:
        """Drop a scratch table or view."""
        kind = "VIEW" if self.catalog.tables[table].kind == "view" else "TABLE"
        self.writer.connection.execute(f"DROP {kind} IF EXISTS temp.{name(table)}")
        self.made.discard(table)


def whole(run: Run, table: Table, *, compare: bool) -> int:
    """Compute a table whole; return how many rows changed, -1 when that is not known.

    With ``compare`` a table of moderate size is compared with its former rows: where nothing differs nothing is
    written, and tables that follow it learn which rows did.
    """
    place = f"lake.main.{name(table.name)}"
    run.changes.note_whole(table.name)
    with _told(table), _planned(run, table):
        _make_between(run, passing(run.catalog, table.name))
        select = rows_of(run.writer, table, run.settings, run.progress)
        if compare and _is_worth_comparing(run, table, place):
            return _compared(run, table, select)
        is_file = table.compute is None and table.path is not None  # what mappings generate reads raw rows: DuckDB's
        if run.engine is not None and is_file:
            run.engine.replace(run.writer, table.name, select, table.sort)
        else:
            run.writer.replace(table.name, select, table.sort, is_scanned=table.is_scanned)
        run.writer.connection.unregister(COMPUTED)
        checked(run, table, place, is_unique=table.is_local or _is_one_to_one(run, table, place))
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
    run.writer.connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        with suppress(duckdb.Error):  # after an error it takes no word; the writer's end puts it right
            run.writer.connection.execute("RESET disabled_optimizers")


def _is_one_to_one(run: Run, table: Table, place: str) -> bool:
    """Return whether one row came of every row of a ``unique`` input that has a key, checked or made to be unique.

    To count the distinct keys of 100 million rows takes as long as to sort them.
    """
    if set(table.by) != set(table.key):
        return False
    keyed = [other for other in table.follows if other in run.catalog.tables and run.catalog.tables[other].key]
    one = [other for other in keyed if table.follows[other].unique and run.writer.has(other)]
    return any(run.count(f"lake.main.{name(other)}") == run.count(place) for other in one)


def _is_worth_comparing(run: Run, table: Table, place: str) -> bool:
    """Return whether other tables could do less when they know which rows differ, and finding out costs little."""
    is_read = any(table.name in other.depends for other in run.catalog.tables.values())
    return is_read and run.count(place) * len(table.columns) <= COMPARED


def keep(run: Run, table: Table) -> int:
    """Compute the touched keys of a table and write what differs; return how many rows that were."""
    with _told(table):
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
        else:  # rows that hang together without end: the safe way is the long one
            return whole(run, table, compare=True)
        is_local = table.is_local or set(table.by) <= set(
            table.key
        )  # rows of one key are then all among the computed ones
        if is_local:
            checked(run, table, f"temp.{NEW}")
        changed = differ(run.writer, table)
        if changed:
            apply(run.writer, table)
        if changed and not is_local:
            checked(run, table, f"lake.main.{name(table.name)}")
        _remember_touched(run, table)
    run.changes.note(table.name, "some" if changed else "none")
    return changed


def checked(run: Run, table: Table, place: str, *, is_unique: bool = False) -> None:
    """Raise a TableError when rows at ``place`` break a check of the table."""
    broken = failures(run.writer.connection, table, place, is_unique=is_unique)
    if broken:
        first = broken[0]
        what = f"check {first.check} fails for {first.count} rows, for example {first.example}"
        fix = "Nothing was published. Correct the data, the SELECT or the check"
        raise TableError(what, where=table.name, fix=fix)


def _compared(run: Run, table: Table, select: str) -> int:
    connection, columns = run.writer.connection, column_list(table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {NEW} AS {select}")
    connection.unregister(COMPUTED)
    checked(run, table, f"temp.{NEW}")
    old, new = f"SELECT {columns} FROM lake.main.{name(table.name)}", f"SELECT {columns} FROM temp.{NEW}"
    gone, come = f"{old} EXCEPT ALL {new}", f"{new} EXCEPT ALL {old}"
    delta = f"SELECT *, TRUE AS _is_old FROM ({gone}) UNION ALL SELECT *, FALSE FROM ({come})"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name(f'delta_{table.name}')} AS {delta}")
    changed = run.count(f"temp.{name(f'delta_{table.name}')}")
    if changed:
        run.writer.replace(table.name, f"SELECT * FROM temp.{NEW}", table.sort, is_scanned=table.is_scanned)
    connection.execute(f"DROP TABLE temp.{NEW}")
    run.changes.note(table.name, "some" if changed else "none")
    return changed


@contextmanager
def _narrowed(run: Run, table: Table) -> Iterator[None]:
    """Let the inputs' names, and the scratch tables between, stand for the touched keys' rows."""
    between = passing(run.catalog, table.name)
    bound = [other for other in between if _reads(run, other, set(table.follows))]
    for other in bound:
        run.drop(other)  # one made of whole inputs would be read instead
    _make_between(run, [other for other in between if other not in bound])
    narrowed = narrow(run.writer, table, run.changes, _wanted(run, table, bound))
    try:
        for other in bound:
            run.make(run.catalog.tables[other])
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


def _make_between(run: Run, tables: list[str]) -> None:
    """Make the scratch tables and views that are not there yet, over whole inputs."""
    for other in tables:
        if other not in run.made:
            run.make(run.catalog.tables[other])
            run.made.add(other)


def _reads(run: Run, scratch: str, followed: set[str]) -> bool:
    """Return whether a scratch table comes from a followed input, directly or through others."""
    readers = (scratch, *passing(run.catalog, scratch))
    return any(other in followed for reader in readers for other in run.catalog.tables[reader].depends)


def _remember_touched(run: Run, table: Table) -> None:
    wanted = [f for other in run.catalog.tables.values() for name_, f in other.follows.items() if name_ == table.name]
    if any(follow.touched for follow in wanted):
        kept = name(f"touched_{table.name}")
        run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {kept} AS FROM temp.{TOUCHED}")
        run.changes.note_touched(table.name)


@contextmanager
def _told(table: Table) -> Iterator[None]:
    """Say which table a DuckDB error is about."""
    try:
        yield
    except duckdb.Error as error:
        raise _table_error(table, error) from error


def _table_error(table: Table, error: duckdb.Error) -> KehuError:
    where = str(table.path or table.name)
    if is_full(error) or isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
        return explained(error, where)
    return TableError(str(error).strip(), where=where, fix="Correct the table's SQL")
