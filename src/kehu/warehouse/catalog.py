"""All tables of a project and how they hang together: order, upstream, downstream, lineage, personal data."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from threading import Lock
from typing import TYPE_CHECKING

from kehu.base.errors import TableError, did_you_mean
from kehu.warehouse.lineage import Origins, column_origins
from kehu.warehouse.personal import personal_columns
from kehu.warehouse.sql import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kehu.warehouse.table import Column, Table

Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Node:
    """One column in a lineage tree.

    Attributes
    ----------
    table, column : str
        Which column it is.
    pii : bool
        Whether it is personal data.
    sources : tuple of Node
        The columns it is computed from; none at a raw column, a constant or a ledger.
    """

    table: str
    column: str
    pii: bool
    sources: tuple[Node, ...] = ()

    def leaves(self) -> frozenset[str]:
        """Return the columns at the ends of the tree as ``table.column``."""
        if not self.sources:
            return frozenset({f"{self.table}.{self.column}"})
        return frozenset().union(*(source.leaves() for source in self.sources))


class Catalog:
    """The tables of a project and the raw tables they read.

    Parameters
    ----------
    tables : dict of str to Table
        As `load_tables` returns them, plus tables made at run time.
    raw : mapping of str to columns
        Raw tables of the lake: name to (column, type) pairs, as ``Reader.tables()`` gives them.
    cache : Path, optional
        A file that remembers which columns are personal data, so that a start need not parse every table.
    """

    def __init__(
        self, tables: dict[str, Table], raw: Mapping[str, Columns] | None = None, cache: Path | None = None
    ) -> None:
        self.tables = tables
        self.raw = dict(raw or {})
        self._cache = cache
        self._origins: dict[str, dict[str, Origins]] = {}
        self._nodes: dict[tuple[str, str], Node] = {}
        self._pii: dict[str, frozenset[str]] = {}
        self._deriving = Lock()  # pages ask from several threads at once

    def table(self, name: str) -> Table:
        """Return the table called ``name``; raises TableError with the closest name when there is none."""
        if name not in self.tables:
            fix = did_you_mean(name, self.tables) or "List the tables with 'kehu show'"
            raise TableError(f"there is no table {name!r}", fix=fix)
        return self.tables[name]

    def depends(self, name: str) -> tuple[str, ...]:
        """Return the project's tables that ``name`` reads directly, without raw tables and itself."""
        return tuple(other for other in self.tables[name].depends if other in self.tables and other != name)

    def order(self, names: Iterable[str] | None = None) -> list[str]:
        """Return ``names`` and all they read (default: everything), each after what it reads.

        Raises
        ------
        TableError
            When a name is unknown, or tables read each other in a circle (it names the circle), or one says how it
            follows what it does not read.
        """
        wanted = set(self.tables) if names is None else set().union(*({n, *self.upstream(n)} for n in names))
        graph = {name: sorted(self.depends(name)) for name in sorted(wanted)}
        try:
            ordered = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = " -> ".join(reversed(error.args[1]))
            raise TableError(f"tables read each other in a circle: {circle}", fix="Break it") from error
        for name in ordered:
            self._refuse_strangers(self.tables[name])
        return ordered

    def upstream(self, name: str) -> set[str]:
        """Return every table that ``name`` is computed from, directly or through others."""
        return self._reach(self.table(name).name, {other: self.depends(other) for other in self.tables})

    def downstream(self, name: str) -> set[str]:
        """Return every table that is computed from ``name`` (a raw table too), directly or through others."""
        readers: dict[str, tuple[str, ...]] = {}
        for other, table in self.tables.items():
            for source in table.depends:
                readers[source] = (*readers.get(source, ()), other)
        return self._reach(name, readers)

    def origins(self, name: str) -> dict[str, Origins]:
        """Return, per column of a table, the (table, column) pairs it is computed from directly."""
        if name not in self._origins:
            self._origins[name] = self._computed(self.table(name))
        return self._origins[name]

    def lineage(self, name: str, column: str) -> Node:
        """Return the tree of columns that one column is computed from, down to raw columns.

        Raises
        ------
        TableError
            When the table or the column does not exist.
        """
        if name not in self.raw and self.table(name).column(column) is None:
            known = [known.name for known in self.table(name).columns]
            fix = did_you_mean(column, known) or f"Known: {', '.join(known)}"
            raise TableError(f"{name} has no column {column!r}", fix=fix)
        return self._node(name, column, frozenset())

    def personal(self, name: str, columns: Iterable[str]) -> frozenset[str] | None:
        """Return which of a snapshot's ``columns`` of table ``name`` are personal; None when the table is unknown.

        A column that the table's file does not name, left there by an older version of it, counts as personal.
        """
        if name not in self.tables:
            return None
        return self.pii(name) | (set(columns) - {column.name for column in self.tables[name].columns})

    def pii(self, name: str) -> frozenset[str]:
        """Return the columns of a table that hold personal data: declared so, or computed from such a column.

        All columns of a raw table count. A column declared ``pii: false`` does not, nor what comes from it alone.
        """
        if name in self.raw:
            return frozenset(column for column, _ in self.raw[name])
        self.table(name)
        with self._deriving:
            if not self._pii:
                self._pii = personal_columns(self.tables.values(), self.raw, self.origins, self._cache)
        return self._pii[name]

    def show(self, name: str) -> dict[str, object]:
        """Return all that is known of a table, JSON-ready: header, columns with origins, neighbors, SQL."""
        table, personal = self.table(name), self.pii(name)
        columns = [
            {
                "name": column.name,
                "type": column.type,
                "meaning": column.meaning,
                "unit": column.unit,
                "pii": column.name in personal,
                "origin": sorted(".".join(origin) for origin in self.origins(name).get(column.name, ())),
            }
            for column in table.columns
        ]
        words = {"name": name, "layer": table.layer, "kind": table.kind, "owner": table.owner}
        keys = {"description": table.description, "grain": table.grain, "key": list(table.key)}
        near = {"reads": list(table.depends), "read_by": sorted(self.downstream(name)), "columns": columns}
        return {**words, **keys, **near, "checks": [check.sql for check in table.checks], "sql": table.sql}

    def _computed(self, table: Table) -> dict[str, Origins]:
        declared = {column.name: self._declared(column) for column in table.columns}
        if table.sql is None:
            return declared
        schema: dict[str, list[str]] = {raw: [column for column, _ in columns] for raw, columns in self.raw.items()}
        schema |= {name: [column.name for column in other.columns] for name, other in self.tables.items()}
        parsed = column_origins(parse(table.sql, str(table.path or table.name)), schema)
        everything = frozenset(
            (source, column) for source in table.depends for column in schema.get(source, ())
        )  # for names that only the data knows: a PIVOT
        return {name: origins or parsed.get(name, everything) for name, origins in declared.items()}

    def _declared(self, column: Column) -> Origins:
        found: set[tuple[str, str]] = set()
        for origin in column.origin:
            table, _, name = origin.partition(".")
            known = self.tables[table].columns if name in {"", "*"} and table in self.tables else ()
            found.update((table, each.name) for each in known)
            if name not in {"", "*"}:
                found.add((table, name))
        return frozenset(found)

    def _node(self, name: str, column: str, above: frozenset[tuple[str, str]]) -> Node:
        key = (name, column)
        if key not in self._nodes:
            origins = self.origins(name).get(column, ()) if name in self.tables else ()
            sources = tuple(
                self._node(*origin, above | {key}) for origin in sorted(origins) if origin not in {*above, key}
            )
            is_personal = name in self.tables and column in self.pii(name)
            self._nodes[key] = Node(name, column, is_personal, sources)
        return self._nodes[key]

    def _refuse_strangers(self, table: Table) -> None:
        """Refuse a ``follows`` that names what the SELECT does not read: a changed input would seem unfollowed."""
        read = self._read(table)
        for other in table.follows:
            if other not in read:
                fix = did_you_mean(other, read) or f"It reads {', '.join(sorted(read))}"
                what = f"follows names {other!r}, which the SELECT does not read"
                raise TableError(what, where=str(table.path or table.name), fix=fix)
            if through := table.follows[other].through:
                self._refuse_through(table, other, through)

    def _refuse_through(self, table: Table, other: str, through: str) -> None:
        """Refuse to cut an input by another that is not cut itself, or does not hold its key."""
        where, beside = str(table.path or table.name), table.follows.get(through)
        if beside is None:
            fix = did_you_mean(through, table.follows)
            raise TableError(f"through names {through!r}, which the table does not follow", where=where, fix=fix)
        if beside.through or not beside.narrows:
            fix = "Name one that is followed by expressions over its rows"
            raise TableError(f"through names {through!r}, which is not cut to the touched keys", where=where, fix=fix)
        key = self.tables[other].key if other in self.tables else ()
        if not key:
            fix = "Follow it by a key of its own"
            raise TableError(f"through cuts {other!r}, which has no key", where=where, fix=fix)
        held = {column.name for column in self.tables[through].columns} if through in self.tables else {*key}
        if missing := [column for column in key if column not in held]:
            fix = "Follow it by a key of its own"
            raise TableError(f"{through} has no column {missing[0]!r} of the key of {other}", where=where, fix=fix)

    def _read(self, table: Table) -> set[str]:
        between = (self.tables[other] for other in self.depends(table.name) if not self.tables[other].is_stored)
        return set(table.depends).union(*(self._read(other) for other in between))

    def _reach(self, start: str, edges: Mapping[str, Iterable[str]]) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for other in edges.get(waiting.pop(), ()):
                if other not in found and other != start:
                    found.add(other)
                    waiting.append(other)
        return found
