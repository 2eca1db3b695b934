"""SQL as a tree: parsing with errors that name the file, and the tables a statement reads."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import sqlglot
import sqlglot.dialects.duckdb  # sqlglot's own loading at first use shows other threads half a dialect
from sqlglot import exp
from sqlglot.errors import SqlglotError

from kehu.base.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator


@lru_cache(maxsize=512)
def parse(sql: str, where: str = "") -> exp.Query:
    """Return the tree of one SELECT in DuckDB's dialect; shared by all callers, so never change it.

    Raises
    ------
    TableError
        When the text is not exactly one SELECT.
    """
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect="duckdb") if tree is not None]
    except SqlglotError as error:
        raise TableError(f"the SQL cannot be parsed: {error}", where=where, fix="Correct the SQL") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise TableError("a table is exactly one SELECT", where=where, fix="Remove the other statements")
    return trees[0]


def tables_in(sql: str, where: str = "") -> set[str]:
    """Return the names of the tables that a SELECT reads, without its CTEs."""
    tables = parse(sql, where).find_all(exp.Table)
    return {table.name for table in tables if isinstance(table.this, exp.Identifier) and not _is_cte(table)}


def _is_cte(table: exp.Table) -> bool:
    """Return whether an enclosing WITH defines the name before (or, when recursive, at) the place of use."""
    inside: exp.Expr = table
    for ancestor in _ancestors(table):
        if isinstance(ancestor, exp.With):
            visible = ancestor.expressions[: (inside.index or 0) + bool(ancestor.args.get("recursive"))]
        else:
            given = ancestor.args.get("with_")
            visible = given.expressions if given and given is not inside else []
        if any(cte.alias.lower() == table.name.lower() for cte in visible):
            return True
        inside = ancestor
    return False


def _ancestors(node: exp.Expr) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        yield node
