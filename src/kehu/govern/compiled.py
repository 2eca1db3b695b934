"""From SQL as written to SQL that may run, remembered per actor's roles, policy and snapshot."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import sqlglot
import sqlglot.dialects.duckdb  # sqlglot's own loading at first use shows other threads half a dialect
from sqlglot import exp
from sqlglot.errors import SqlglotError

from kehu.base.errors import QueryError, did_you_mean
from kehu.govern import gate, reread
from kehu.govern.bound import bound
from kehu.govern.scan import rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kehu.govern.access import Access
    from kehu.govern.policy import Columns, Policy

REMEMBERED = 512  # compiled queries; a page has about ten, a person types a few


@dataclass(frozen=True)
class View:
    """What one actor may see of one snapshot.

    Attributes
    ----------
    snapshot : int
        Its number.
    tables : mapping
        All tables with their (name, type) columns.
    policy : Policy
        The rules in force.
    access : Access
        Who reads.
    personal : callable
        Columns with personal data of a table; None when unknown.
    """

    snapshot: int
    tables: Mapping[str, Columns]
    policy: Policy
    access: Access
    personal: Callable[[str], frozenset[str] | None]

    def permitted(self, written: str, *, barrier: bool) -> tuple[str, exp.Query]:
        """Return a table's true name and the SELECT that stands for it.

        Raises
        ------
        QueryError
            When there is no such table in the snapshot.
        AccessError
            When the actor may not read it.
        """
        name = {name.lower(): name for name in self.tables}.get(written.lower())
        if name is None:
            seen = [table for table in self.tables if self.policy.sees(table, self.access)]
            raise QueryError(
                f"there is no table {written!r}", where="query", fix=did_you_mean(written, seen) or gate.ONE_SELECT
            )
        columns, personal = self.tables[name], self.personal(name)
        sql = self.policy.select(name, columns, self.access, personal=personal, barrier=barrier)
        return name, sqlglot.parse_one(sql, read="duckdb")  # type: ignore[return-value]  # a SELECT written above


class Compiler:
    """Compiles and remembers; safe for several threads."""

    def __init__(self) -> None:
        self._done: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._lock = Lock()

    def typed(self, sql: str, view: View, *, limit: int) -> str:
        """Return what runs for SQL typed by a person: through the gate, policy, at most ``limit`` rows."""
        return self._remember(sql, view, limit, lambda: _typed(sql, view, limit))

    def trusted(self, sql: str, view: View) -> str:
        """Return what runs for Kehu's own SQL: any function, and the policy."""
        return self._remember(sql, view, None, lambda: _trusted(sql, view))

    def _remember(self, sql: str, view: View, limit: int | None, make: Callable[[], str]) -> str:
        key = (sql, view.access.roles, view.policy.digest, view.snapshot, limit)
        with self._lock:
            if key in self._done:
                self._done.move_to_end(key)
                return self._done[key]
        text = make()
        with self._lock:
            self._done[key] = text
            while len(self._done) > REMEMBERED:
                self._done.popitem(last=False)
        return text


def _typed(sql: str, view: View, limit: int) -> str:
    tree = gate.check(sql)
    try:
        _limit(tree, limit)
        bound(tree)
        result = rewrite(tree, lambda name: view.permitted(name, barrier=True))
    except RecursionError as error:
        raise gate.refusal("the query is nested too deeply") from error
    reread.confirm(result.sql, result.tables, result.ctes)
    return result.sql


def _trusted(sql: str, view: View) -> str:
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except SqlglotError as error:
        raise QueryError(f"the SQL cannot be read: {error}", where="read", fix="Correct the SQL") from error
    if not isinstance(tree, gate.QUERIES):
        raise QueryError("only SELECT can be read", where="read", fix="Write through Workspace.write")
    return rewrite(tree, lambda name: view.permitted(name, barrier=False)).sql


def _limit(tree: exp.Query, limit: int) -> None:
    held = tree.args.get("limit")
    count = str(limit)
    if held is not None:
        asked = held.args.get("count") if isinstance(held, exp.Fetch) else held.expression
        options = held.args.get("limit_options")
        is_share = options is not None and (options.args.get("percent") or options.args.get("with_ties"))
        if not isinstance(asked, exp.Literal) or not asked.name.isdigit() or is_share:
            raise gate.refusal("LIMIT must be a plain number", fix="Write LIMIT 100")
        count = str(min(limit, int(asked.name)))
    tree.set("limit", exp.Limit(expression=exp.Literal.number(count)))
