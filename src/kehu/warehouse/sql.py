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


@lru_cache(maxsize=512)
def columns_named(sql: str, where: str = "") -> frozenset[str] | None:
    """Return names, in lower case, among which are all columns that a SELECT reads; None where it reads unnamed ones.

    Unnamed are those of a star, a natural join or a pivot, and of a whole row (``to_json(t)`` of a table ``t``).
    """
    tree = parse(sql, where)
    stars = (star for star in tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count))
    natural = (join for join in tree.find_all(exp.Join) if join.method == "NATURAL")
    sources = {source.alias_or_name.lower() for source in tree.find_all(exp.Table, exp.Subquery, exp.CTE)}
    rows = (column for column in tree.find_all(exp.Column) if not column.table and column.name.lower() in sources)
    if any(True for found in (stars, natural, rows, tree.find_all(exp.Pivot, exp.Columns)) for _ in found):
        return None
    return frozenset(identifier.name.lower() for identifier in tree.find_all(exp.Identifier))


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
