"""A build under way: what it has at hand, the scratch tables it makes, the checks and errors of a table."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import duckdb

from kehu.base.errors import KehuError, TableError
from kehu.warehouse.build.check import failures
from kehu.warehouse.build.compute import COMPUTED, rows_of
from kehu.warehouse.build.increment import count
from kehu.warehouse.build.state import passing
from kehu.warehouse.store.engine import explained, is_full, name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kehu.base.progress import Progress
    from kehu.base.settings import Settings
    from kehu.warehouse.build.change import Changes
    from kehu.warehouse.catalog import Catalog
    from kehu.warehouse.lake import Writer
    from kehu.warehouse.table import Table


class Engine(Protocol):
    """Computes whole SQL tables: entry points ``kehu.engines``."""

    def replace(self, writer: Writer, table: str, select: str, sort: Sequence[str]) -> None:
        """Make a table of the lake hold exactly the rows of ``select``, ordered by ``sort``, in the transaction."""


@dataclass(frozen=True)
class Cut:
    """What several tables read of an input: its rows of the keys that they asked for so far.

    Attributes
    ----------
    rows, keys : str
        The temporary tables of the rows and of the keys (_k1, ...).
    columns : list of str
        Columns of the rows: all that one of the tables reads.
    readers : frozenset of str
        The tables.
    """

    rows: str
    keys: str
    columns: list[str]
    readers: frozenset[str]


@dataclass
class Run:
    """One build under way.

    Attributes
    ----------
    changes : Changes
        What changed so far.
    made : set of str
        Scratch tables and views that exist now, over whole inputs.
    kinds : dict
        What each of these and of those over a part of their inputs is: VIEW or TABLE.
    counted : dict
        Rows of tables of the lake, as far as they are known; who writes one puts that right.
    cuts : dict
        What was cut of inputs, by the input, the expressions that make the key, and through what.
    """

    writer: Writer
    catalog: Catalog
    settings: Settings
    changes: Changes
    engine: Engine | None
    progress: Progress
    made: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    cuts: dict[tuple[str, tuple[str, ...], str], Cut] = field(default_factory=dict)

    def count(self, table: str) -> int:
        """Return the rows of a table of the lake."""
        if table not in self.counted:
            self.counted[table] = count(self.writer, f"lake.main.{name(table)}")
        return self.counted[table]

    def forget(self, waiting: list[str]) -> None:
        """Drop the scratch tables, and the cuts of inputs, that no waiting table reads."""
        needed = {other for table in waiting for other in passing(self.catalog, table)}
        for table in self.made - needed:
            self.drop(table)
        for place, cut in list(self.cuts.items()):
            if not cut.readers.intersection(waiting):
                for part in (cut.rows, cut.keys):
                    self.writer.connection.execute(f"DROP TABLE temp.{part}")
                del self.cuts[place]

    def make(self, table: Table, *, is_few: bool = False) -> None:
        """Make a scratch table or view over what its inputs' names stand for; of few rows a view is computed once."""
        select = rows_of(self.writer, table, self.settings, self.progress)
        kind = self.kinds[table.name] = "VIEW" if table.kind == "view" and not is_few else "TABLE"
        self.writer.connection.execute(f"CREATE OR REPLACE TEMP {kind} {name(table.name)} AS {select}")
        self.writer.connection.unregister(COMPUTED)
        if table.kind == "scratch":
            checked(self, table, f"temp.{name(table.name)}")

    def drop(self, table: str) -> None:
        """Drop a scratch table or view."""
        if kind := self.kinds.pop(table, None):
            self.writer.connection.execute(f"DROP {kind} IF EXISTS temp.{name(table)}")
        self.made.discard(table)

    def make_between(self, tables: list[str]) -> None:
        """Make the scratch tables and views that are not there yet, over whole inputs."""
        for other in tables:
            if other not in self.made:
                self.make(self.catalog.tables[other])
                self.made.add(other)

    def reads(self, scratch: str, followed: set[str]) -> bool:
        """Return whether a scratch table comes from a followed input, directly or through others."""
        readers = (scratch, *passing(self.catalog, scratch))
        return any(other in followed for reader in readers for other in self.catalog.tables[reader].depends)


def checked(run: Run, table: Table, place: str, *, is_unique: bool = False) -> None:
    """Raise a TableError when rows at ``place`` break a check of the table."""
    broken = failures(run.writer.connection, table, place, is_unique=is_unique)
    if broken:
        first = broken[0]
        what = f"check {first.check} fails for {first.count} rows, for example {first.example}"
        fix = "Nothing was published. Correct the data, the SELECT or the check"
        raise TableError(what, where=table.name, fix=fix)


@contextmanager
def told(table: Table) -> Iterator[None]:
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
