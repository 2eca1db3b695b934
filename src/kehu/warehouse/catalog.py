"""All tables of a project and how they hang together: order, upstream, downstream, lineage."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from kehu.base.errors import TableError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kehu.warehouse.table import Table

Columns = tuple[tuple[str, str], ...]


class Catalog:
    """The tables of a project and the raw tables they read.

    Parameters
    ----------
    tables : dict of str to Table
        As `load_tables` returns them, plus tables made at run time.
    raw : mapping of str to columns
        Raw tables of the lake: name to (column, type) pairs, as ``Reader.tables()`` gives them.
    """

    def __init__(self, tables: dict[str, Table], raw: Mapping[str, Columns] | None = None) -> None:
        self.tables = tables
        self.raw = dict(raw or {})

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
            When a name is unknown, or tables read each other in a circle; it names the circle.
        """
        wanted = set(self.tables) if names is None else set().union(*({n, *self.upstream(n)} for n in names))
        graph = {name: sorted(self.depends(name)) for name in sorted(wanted)}
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = " -> ".join(reversed(error.args[1]))
            raise TableError(f"tables read each other in a circle: {circle}", fix="Break it") from error

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

    def _reach(self, start: str, edges: Mapping[str, Iterable[str]]) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for other in edges.get(waiting.pop(), ()):
                if other not in found and other != start:
                    found.add(other)
                    waiting.append(other)
        return found
