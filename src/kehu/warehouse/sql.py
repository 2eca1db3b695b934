"""SQL as a tree: parsing with errors that name the file, and the tables a statement reads."""

from __future__ import annotations

from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from kehu.base.errors import TableError


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
    found: set[str] = set()
    for scope in traverse_scope(parse(sql, where)):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
                found.add(source.name)
    return found
