"""Which tables, rows and values a role sees, as the SELECT that stands for each table."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kehu.base.errors import AccessError
from kehu.govern.mask import Level, cell, either, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kehu.govern.access import Access

Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rule:
    """What one role sees.

    Attributes
    ----------
    personal : {"show", "partial", "null"}
        What becomes of personal data.
    deny, allow : tuple of str
        Patterns of table names; a denied table stays denied.
    columns : mapping
        Level per column (``email`` on every table, ``customer.email`` on one); stronger than ``personal``.
    rows : mapping
        Condition per table, as SQL over the table's own columns.
    """

    personal: Level = "null"
    deny: tuple[str, ...] = ()
    allow: tuple[str, ...] = ("*",)
    columns: Mapping[str, Level] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)

    def sees(self, table: str) -> bool:
        """Return whether the role may read ``table`` at all."""
        return _matches(table, self.allow) and not _matches(table, self.deny)

    def level(self, table: str, column: str, *, is_personal: bool) -> Level:
        """Return what the role sees of a column."""
        name = column.lower()
        usual: Level = self.personal if is_personal else "show"
        return self.columns.get(f"{table}.{name}", self.columns.get(name, usual))


@dataclass(frozen=True)
class Policy:
    """The rules of every role.

    Attributes
    ----------
    rules : mapping of str to Rule
        By role.
    digest : str
        Changes when any rule does; part of every cache key.
    """

    rules: Mapping[str, Rule]
    digest: str

    def sees(self, table: str, access: Access) -> bool:
        """Return whether any role of ``access`` may read ``table``."""
        return any(rule.sees(table) for rule in self._held(access))

    def select(
        self, table: str, columns: Columns, access: Access, *, personal: Iterable[str] | None, barrier: bool
    ) -> str:
        """Return the SELECT that stands for ``lake.<table>`` in a query of this actor.

        Parameters
        ----------
        table : str
            A table of the lake.
        columns : tuple of (name, type)
            All its columns.
        access : Access
            Who reads.
        personal : iterable of str or None
            Its columns with personal data; None when nobody knows them, then every column counts as one.
        barrier : bool
            Whether filtered-out rows must stay out of reach of the query's own expressions, so that neither a
            conversion error nor its absence tells about them; costs the pushing down of the query's filters.

        Raises
        ------
        AccessError
            When no role may read the table.
        """
        rules = [rule for rule in self._held(access) if rule.sees(table)]
        if not rules:
            roles = ", ".join(sorted(access.roles))
            fix = "Ask an owner, or read a table of customers or marts"
            raise AccessError(f"{roles} may not read table {table}", where=table, fix=fix)
        hidden = {name for name, _ in columns} if personal is None else set(personal)
        conditions = [rule.rows.get(table) for rule in rules]
        cells = []
        for name, kind in columns:
            levels = [
                (rule.level(table, name, is_personal=name in hidden), condition)
                for rule, condition in zip(rules, conditions, strict=True)
            ]
            text = cell(name, kind, levels)
            cells.append(text if text == quoted(name) else f"{text} AS {quoted(name)}")
        sql = f"SELECT {', '.join(cells)} FROM lake.{quoted(table)}"
        if None in conditions:
            return sql
        fence = f" LIMIT {2**62}" if barrier else ""  # DuckDB pushes no filter below a LIMIT
        return f"{sql} WHERE {either(conditions)}{fence}"

    def _held(self, access: Access) -> list[Rule]:
        return [self.rules[role] for role in sorted(access.roles) if role in self.rules]


def _matches(table: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(table.lower(), pattern.lower()) for pattern in patterns)
