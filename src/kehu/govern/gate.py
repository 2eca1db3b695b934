"""The gate for SQL typed by people: one SELECT over named tables of this workspace, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from kehu.base.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH = 50_000  # characters; a longer text is no longer typed by a person
DEPTH = 100  # levels of nesting; deeper trees serve only to exhaust the parser's stack
QUERIES = (exp.Select, exp.SetOperation, exp.Subquery)
ONE_SELECT = "Type one SELECT over the workspace's tables ('kehu status' lists them)"
TABLE_PARTS = {"this", "alias", "joins"}  # what a table in FROM may carry: no AT, sample, pivot, hint, index
FORBIDDEN: dict[type[exp.Expr], str] = {
    exp.Into: "SELECT INTO",
    exp.Lock: "row locks",
    exp.Pivot: "PIVOT",
    exp.TableSample: "samples",
    exp.Describe: "DESCRIBE",
    exp.Summarize: "SUMMARIZE",
    exp.Command: "commands",
    exp.DDL: "changes",
    exp.DML: "changes",
    exp.Show: "SHOW",
}


def check(sql: str) -> exp.Query:
    """Return the parsed tree of ``sql`` when it is one plain SELECT.

    Which tables it may name is for `kehu.govern.scan`, which functions it may call for `kehu.govern.reread`.

    Raises
    ------
    QueryError
        When the text is no SQL, is not exactly one SELECT, or uses what the gate does not let through.
    """
    tree = _parsed(sql)
    if not isinstance(tree, QUERIES):
        kind = tree.this if isinstance(tree, exp.Command) else tree.key.upper()
        raise refusal(f"{kind} is not allowed here: only SELECT is")
    for depth, node in _nodes(tree):
        if depth > DEPTH * 3:  # sqlglot spends up to three nodes on one level of brackets
            raise refusal("the query is nested too deeply")
        _check_node(node)
    return tree


def refusal(what: str, *, fix: str = ONE_SELECT) -> QueryError:
    """Return the error of the gate for ``what``."""
    return QueryError(what, where="query", fix=fix)


def _parsed(sql: str) -> exp.Expr:
    if len(sql) > LENGTH:
        raise refusal(f"the query is longer than {LENGTH:,} characters")
    if "\x00" in sql:
        raise refusal("the query holds a NUL character")
    try:
        found = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None]
    except RecursionError as error:
        raise refusal("the query is nested too deeply") from error
    except SqlglotError as error:
        raise refusal(f"the SQL cannot be read: {_first_line(error)}", fix="Correct it and try again") from error
    found = [tree for tree in found if not isinstance(tree, exp.Semicolon)]
    if len(found) != 1:
        raise refusal(f"exactly one statement is allowed, not {len(found)}")
    return found[0]


def _nodes(tree: exp.Expr) -> Iterator[tuple[int, exp.Expr]]:
    waiting: list[tuple[int, exp.Expr]] = [(0, tree)]
    while waiting:
        depth, node = waiting.pop()
        yield depth, node
        waiting.extend((depth + 1, child) for child in node.iter_expressions())


def _check_node(node: exp.Expr) -> None:
    for kind, what in FORBIDDEN.items():
        if isinstance(node, kind):
            raise refusal(f"{what} is not allowed here")
    if isinstance(node, exp.With) and node.recursive:
        raise refusal("WITH RECURSIVE is not allowed here")
    if isinstance(node, exp.Table):
        _check_table(node)


def _check_table(table: exp.Table) -> None:
    if not isinstance(table.this, exp.Identifier):
        name = table.this.name or table.this.key
        raise refusal(f"{name.lower()}(...) cannot be read from: only tables of the workspace can")
    if table.db or table.catalog:
        raise refusal(f"the name {table.sql('duckdb')} is qualified", fix="Write the table's bare name")
    for part, value in table.args.items():
        if value and part not in TABLE_PARTS:
            raise refusal(f"{part.upper()} is not allowed on table {table.name}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
