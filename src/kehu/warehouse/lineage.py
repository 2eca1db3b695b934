"""Column lineage of one SELECT: which columns of which tables each output column is computed from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Origin = tuple[str, str]  # (table, column)
Origins = frozenset[Origin]
Outputs = list[tuple[str, Origins]]  # in select order; names may repeat
NOTHING: Origins = frozenset()


@dataclass(frozen=True)
class _Source:
    """What one FROM item offers: its columns; for a table of unknown columns its name.

    ``rest`` is what any other name may be computed from (the columns that a PIVOT makes).
    """

    outputs: Outputs
    unknown: str = ""
    rest: Origins = NOTHING

    def find(self, column: str) -> Origins | None:
        found = [origins for name, origins in self.outputs if name.lower() == column.lower()]
        return frozenset().union(*found) if found else self.rest or None

    def asked(self, column: str) -> Origins:
        return self.find(column) or (frozenset({(self.unknown, column)}) if self.unknown else NOTHING)


@dataclass
class _Scope:
    """Names that an expression can see: FROM items, the select's own aliases, and the outer query."""

    schema: Mapping[str, Iterable[str]]
    ctes: dict[str, _Source]
    outer: _Scope | None = None
    sources: dict[str, _Source] = field(default_factory=dict)
    aliases: dict[str, Origins] = field(default_factory=dict)


def column_origins(tree: exp.Query, schema: Mapping[str, Iterable[str]]) -> dict[str, Origins]:
    """Return the (table, column) pairs that each output column of a SELECT is computed from.

    Parameters
    ----------
    tree : sqlglot.exp.Query
        One SELECT, UNION or WITH, in DuckDB's dialect.
    schema : mapping of str to iterable of str
        Column names of every table it may read; a table that is not in it is taken to hold what is asked of it.

    Returns
    -------
    dict of str to frozenset
        Values only: a column that merely filters, joins or groups is no origin. Where a name is ambiguous,
        every candidate counts, so that nothing personal is missed.
    """
    merged: dict[str, Origins] = {}
    for name, origins in _query(tree, _Scope(schema, {})):
        merged[name] = merged.get(name, NOTHING) | origins
    return merged


def _query(query: exp.Expr, scope: _Scope) -> Outputs:
    inner = _Scope(scope.schema, dict(scope.ctes), scope.outer, scope.sources, scope.aliases)
    for cte in query.args["with_"].expressions if query.args.get("with_") else ():
        inner.ctes[cte.alias.lower()] = _cte(cte, inner)
    if isinstance(query, exp.Subquery):
        return _query(query.this, inner)
    if isinstance(query, exp.SetOperation):
        return _set_operation(query, inner)
    if isinstance(query, exp.Select):
        return _select(query, _Scope(inner.schema, inner.ctes, scope if scope.sources else scope.outer))
    return _table(query, inner).outputs if isinstance(query, exp.Table) else []


def _cte(cte: exp.CTE, scope: _Scope) -> _Source:
    name = cte.alias.lower()
    body = cte.this
    if isinstance(body, exp.SetOperation) and any(table.name.lower() == name for table in body.find_all(exp.Table)):
        first = _renamed(_query(body.left, scope), cte)  # recursive: what the first branch gives
        known = _Scope(scope.schema, {**scope.ctes, name: _Source(first)})
        return _Source(_renamed(_query(body, known), cte))
    return _Source(_renamed(_query(body, scope), cte))


def _set_operation(query: exp.SetOperation, scope: _Scope) -> Outputs:
    left, right = _query(query.left, scope), _query(query.right, scope)
    if query.args.get("by_name"):
        found = _Source(right)
        extra = [pair for pair in right if pair[0] not in {name for name, _ in left}]
        return [(name, origins | (found.find(name) or NOTHING)) for name, origins in left] + extra
    return [
        (name, origins | (right[place][1] if place < len(right) else NOTHING))
        for place, (name, origins) in enumerate(left)
    ]


def _select(select: exp.Select, scope: _Scope) -> Outputs:
    items = [select.args["from_"].this] if select.args.get("from_") else []
    items += [join.this for join in select.args.get("joins") or ()]
    items += select.args.get("laterals") or ()
    for place, item in enumerate(items):
        scope.sources[(item.alias_or_name or f"#{place}").lower()] = _item(item, scope)
    outputs: Outputs = []
    for projection in select.expressions:
        for name, origins in _projected(projection, scope):
            scope.aliases.setdefault(name.lower(), origins)
            outputs.append((name, origins))
    return outputs


def _item(item: exp.Expr, scope: _Scope) -> _Source:
    for join in item.args.get("joins") or ():  # FROM (a JOIN b)
        scope.sources[join.this.alias_or_name.lower()] = _item(join.this, scope)
    if isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
        found = _table(item, scope)
    elif isinstance(_body(item), exp.Pivot):
        return _Source([], rest=_beneath(item, scope))
    elif isinstance(_body(item), exp.Query):
        found = _Source(_query(_body(item), scope))
    else:  # UNNEST, LATERAL, VALUES, a table function: all its names hold all it reads
        found = _Source([(name, _expression(item, scope)) for name in _alias_columns(item)])
    found = _Source(_renamed(found.outputs, item), found.unknown, found.rest)
    if item.args.get("pivots"):
        return _Source(found.outputs, found.unknown, _beneath(item, scope))
    return found


def _body(item: exp.Expr) -> exp.Expr:
    """Return the query inside LATERAL and parentheses."""
    while isinstance(item, exp.Lateral | exp.Subquery) and isinstance(item.this, exp.Expr):
        if item.args.get("with_"):
            break
        item = item.this
    return item


def _beneath(item: exp.Expr, scope: _Scope) -> Origins:
    """Return every column of every table under a construct whose output names only the data knows."""
    sources = (_table(table, scope) for table in item.find_all(exp.Table) if table.name)
    return frozenset().union(*(origins for source in sources for _, origins in source.outputs))


def _table(table: exp.Table, scope: _Scope) -> _Source:
    name = table.name
    if not table.db and name.lower() in scope.ctes:
        return scope.ctes[name.lower()]
    columns = scope.schema.get(name)
    if columns is None:
        return _Source([], name)
    return _Source([(column, frozenset({(name, column)})) for column in columns])


def _alias_columns(item: exp.Expr) -> list[str]:
    alias = item.args.get("alias")
    columns = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    return columns or [item.alias_or_name or "unnest"]


def _renamed(outputs: Outputs, item: exp.Expr) -> Outputs:
    alias = item.args.get("alias")
    columns = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    return [
        (columns[place] if place < len(columns) else name, origins) for place, (name, origins) in enumerate(outputs)
    ]


def _projected(projection: exp.Expr, scope: _Scope) -> Outputs:
    star = projection.this if isinstance(projection, exp.Column) else projection
    if not isinstance(star, exp.Star):
        return [(projection.alias_or_name or projection.sql("duckdb"), _expression(projection, scope))]
    wanted = projection.table.lower() if isinstance(projection, exp.Column) else ""
    without = {column.name.lower() for column in star.args.get("except_") or ()}
    replaced = {item.alias.lower(): _expression(item, scope) for item in star.args.get("replace") or ()}
    renamed = {item.this.name.lower(): item.alias for item in star.args.get("rename") or ()}
    return [
        (renamed.get(name.lower(), name), replaced.get(name.lower(), origins))
        for alias, source in scope.sources.items()
        if wanted in {"", alias}
        for name, origins in source.outputs
        if name.lower() not in without
    ]


def _expression(node: exp.Expr, scope: _Scope) -> Origins:
    if isinstance(node, exp.Column):
        return _column(node, scope)
    if isinstance(node, exp.Query):
        return frozenset().union(*(origins for _, origins in _query(node, scope)))
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Star):
        return NOTHING
    if isinstance(node, exp.Star | exp.Columns):
        return frozenset().union(*(o for source in scope.sources.values() for _, o in source.outputs))
    return frozenset().union(*(_expression(child, scope) for child in node.iter_expressions()))


def _column(column: exp.Column, scope: _Scope | None) -> Origins:
    first = column.parts[0].name.lower()
    while scope is not None:
        if len(column.parts) > 1 and first in scope.sources:
            return scope.sources[first].asked(column.parts[1].name)
        found = _unqualified(column.parts[0].name, scope)
        if found is not None:
            return found
        scope = scope.outer
    return NOTHING


def _unqualified(name: str, scope: _Scope) -> Origins | None:
    found = [origins for source in scope.sources.values() if (origins := source.find(name)) is not None]
    if found:
        return frozenset().union(*found)
    if name.lower() in scope.aliases:
        return scope.aliases[name.lower()]
    if name.lower() in scope.sources:  # the whole row as a struct
        return frozenset().union(*(origins for _, origins in scope.sources[name.lower()].outputs))
    unknown = [source.asked(name) for source in scope.sources.values() if source.unknown]
    return frozenset().union(*unknown) if unknown else None
