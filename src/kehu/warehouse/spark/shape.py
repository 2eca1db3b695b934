"""SELECTs whose shape Spark does not know, in one that it does: rows made of a list, rows made of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Mapping


def reshape(tree: exp.Query, known: Mapping[str, Mapping[str, str]]) -> exp.Query:
    """Return a SELECT whose UNNESTs are lateral views and whose UNPIVOTs are SELECTs."""
    for pivot in list(tree.find_all(exp.Pivot)):
        pivot.replace(_unpivoted(pivot, known))
    for number, select in enumerate(list(tree.find_all(exp.Select))):
        _lateral(select, number)
    return tree


def _unpivoted(pivot: exp.Pivot, known: Mapping[str, Mapping[str, str]]) -> exp.Query:
    into, columns = pivot.args["into"], [column.name for column in pivot.expressions]
    if not isinstance(pivot.this, exp.Table) or not all(isinstance(column, exp.Column) for column in pivot.expressions):
        raise ValueError("UNPIVOT of anything but a table's plain columns")
    table, field, value = pivot.this.name, into.this.name, into.expressions[0].name
    kept = [name for name in _columns(pivot, table, known) if name not in columns]
    pairs: list[exp.Expr] = [part for name in columns for part in (exp.Literal.string(name), exp.column(name, table))]
    stack = exp.Anonymous(this="STACK", expressions=[exp.Literal.number(len(columns)), *pairs])
    made = exp.select(
        *(exp.column(name, table) for name in kept), exp.column(field, "_long"), exp.column(value, "_long")
    )
    made = made.from_(table).where(exp.column(value, "_long").is_(exp.null()).not_())
    made.append("laterals", _view(stack, "_long", [field, value]))
    return made


def _columns(pivot: exp.Pivot, table: str, known: Mapping[str, Mapping[str, str]]) -> list[str]:
    cte = pivot.find_ancestor(exp.CTE)
    given = cte.parent.expressions if cte is not None and isinstance(cte.parent, exp.With) else []
    for other in given:
        if other.alias == table:
            return [str(name) for name in other.this.named_selects]
    return list(known[table])


def _lateral(select: exp.Select, number: int) -> None:
    """Move the UNNEST of a projection to a lateral view: Spark lets none stand inside an expression."""
    found = [node for part in select.expressions for node in part.find_all(exp.Explode, exp.Unnest)]
    if not found:
        return
    if len(found) > 1:
        raise ValueError("two UNNESTs in one SELECT")
    rows = found[0].this if isinstance(found[0], exp.Explode) else found[0].expressions[0]
    name = f"_rows_{number}"
    found[0].replace(exp.column("item", name))
    if select.args.get("from_") is None:
        select.from_("(SELECT 1 AS one) AS _one", copy=False)
    select.append("laterals", _view(exp.Explode(this=rows), name, ["item"]))


def _view(rows: exp.Expr, name: str, columns: list[str]) -> exp.Lateral:
    alias = exp.TableAlias(this=exp.to_identifier(name), columns=[exp.to_identifier(column) for column in columns])
    return exp.Lateral(this=rows, view=True, alias=alias)
