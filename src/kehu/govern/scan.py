"""Puts the policy where tables are scanned: every real table in a query becomes its permitted view."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Callable

CTE = "_cte_{}"


@dataclass(frozen=True)
class Rewritten:
    """SQL that may run.

    Attributes
    ----------
    sql : str
        DuckDB SQL; tables of the lake are qualified, subqueries in WITH have names of their own.
    tables : Counter
        How often each table of the lake is scanned.
    ctes : frozenset of str
        The new names of the WITH subqueries.
    """

    sql: str
    tables: Counter[str]
    ctes: frozenset[str]


@dataclass
class _Names:
    """What has been found so far in one query."""

    permitted: Callable[[str], tuple[str, exp.Query]]
    tables: Counter[str] = field(default_factory=Counter)
    ctes: set[str] = field(default_factory=set)


def rewrite(tree: exp.Query, permitted: Callable[[str], tuple[str, exp.Query]]) -> Rewritten:
    """Return ``tree`` with every scan of a real table replaced by what is permitted of it.

    Parameters
    ----------
    tree : exp.Query
        A parsed query with bare (or ``lake.``) table names; it is changed in place.
    permitted : callable
        Takes the name as written; returns the table's true name and the SELECT to read instead; raises
        where there is no such table for this actor.

    Notes
    -----
    WITH subqueries are renamed, so that one called like a real table can neither hide that table's masks nor
    be taken for it: should the scopes found here ever differ from DuckDB's, the query fails and shows nothing.
    """
    names = _Names(permitted)
    root = exp.Paren(this=tree)  # replace() needs a parent
    _visit(root, {}, names)
    sql = root.this.sql("duckdb", comments=False)
    return Rewritten(sql, names.tables, frozenset(names.ctes))


def _visit(node: exp.Expr, scope: dict[str, str], names: _Names) -> None:
    clause = node.args.get("with_")
    if isinstance(clause, exp.With):
        scope = _visit_with(clause, scope, names)
    for child in list(node.iter_expressions()):
        if child is not clause:
            _visit(child, scope, names)
    if isinstance(node, exp.Table):
        _replace(node, scope, names)


def _visit_with(clause: exp.With, scope: dict[str, str], names: _Names) -> dict[str, str]:
    scope = dict(scope)
    for cte in clause.expressions:
        new = CTE.format(len(names.ctes) + 1)
        names.ctes.add(new)
        old = cte.alias.lower()
        _visit(cte.this, {**scope, old: new} if clause.recursive else scope, names)
        cte.args["alias"].set("this", exp.to_identifier(new))
        scope[old] = new
    return scope


def _replace(table: exp.Table, scope: dict[str, str], names: _Names) -> None:
    if not isinstance(table.this, exp.Identifier):
        return  # a table function of Kehu's own SQL; the gate refuses those typed by people
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
    joins = table.args.get("joins")
    if not table.db and table.name.lower() in scope:
        table.set("this", exp.to_identifier(scope[table.name.lower()]))
        table.set("alias", alias)
        return
    written = f"{table.db}.{table.name}" if table.db not in {"", "lake"} or table.catalog else table.name
    true_name, select = names.permitted(written)
    names.tables[true_name] += 1
    table.replace(exp.Subquery(this=select, alias=alias, joins=joins))
