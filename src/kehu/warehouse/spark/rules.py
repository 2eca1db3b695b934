"""What DuckDB means, said in Spark's words: one rule for each kind of expression where the two differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Callable

INTEGERS = {exp.DType.INT, exp.DType.BIGINT, exp.DType.SMALLINT, exp.DType.TINYINT}
WHOLE = INTEGERS | {exp.DType.INT128}
TIMES = {exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ}
TEXTS = {exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.BOOLEAN, exp.DType.DATE, *TIMES}
SPANS = {"to_seconds": "SECOND", "to_minutes": "MINUTE", "to_hours": "HOUR", "to_days": "DAY"}
STRING = exp.DataType.build("STRING", dialect="spark")


def _kind(node: exp.Expr | None) -> exp.DType | None:
    """Return an expression's type; through windows and brackets, where sqlglot does not look."""
    while isinstance(node, exp.Window | exp.Paren | exp.Lag | exp.Lead | exp.FirstValue | exp.LastValue):
        node = node.this
    if isinstance(node, exp.RowNumber | exp.Rank | exp.DenseRank | exp.Count):
        return exp.DType.BIGINT
    return node.type.this if node is not None and node.type is not None else None


def _call(name: str, *parts: exp.Expr | str | int, kind: str = "") -> exp.Expr:
    made = exp.Anonymous(this=name, expressions=[_literal(part) for part in parts])
    if kind:
        made.type = exp.DataType.build(kind)
    return made


def _literal(part: exp.Expr | str | int) -> exp.Expr:
    if isinstance(part, str):
        return exp.Literal.string(part)
    return exp.Literal.number(part) if isinstance(part, int) else part


def _cast(part: exp.Expr, kind: str) -> exp.Expr:
    made = exp.Cast(this=part, to=exp.DataType.build(kind))
    made.type = made.to
    return made


def _double(part: exp.Expr) -> exp.Expr:
    return part if _kind(part) == exp.DType.DOUBLE and isinstance(part, exp.Cast) else _cast(part, "DOUBLE")


def _div(node: exp.Expr) -> exp.Expr:
    """Divide as DuckDB does: in DOUBLE, whatever the operands (Spark divides decimals in decimals)."""
    fresh = exp.Div(this=_double(node.this), expression=_double(node.expression), typed=True)
    fresh.type = exp.DataType.build("DOUBLE")
    return fresh


def _sub(node: exp.Expr) -> exp.Expr:
    left, right = node.this, node.expression
    if _kind(left) == exp.DType.DATE and _kind(right) == exp.DType.DATE:
        return _cast(_call("DATEDIFF", left, right), "BIGINT")
    if _kind(left) == exp.DType.DATE and _kind(right) in WHOLE:
        return _call("DATE_ADD", left, _cast(exp.Neg(this=exp.paren(right)), "INT"), kind="DATE")
    return node


def _add(node: exp.Expr) -> exp.Expr:
    left, right = node.this, node.expression
    spans = right.name.lower() if isinstance(right, exp.Anonymous) else ""
    if spans == "to_months" and _kind(left) == exp.DType.DATE:
        return _call("ADD_MONTHS", left, right.expressions[0], kind="DATE")
    if spans in SPANS and _kind(left) in TIMES:
        return _call("TIMESTAMPADD", exp.Var(this=SPANS[spans]), right.expressions[0], left, kind="TIMESTAMP")
    if spans.startswith("to_"):
        raise ValueError(f"{spans.upper()} added to this")
    for day, days in ((left, right), (right, left)):
        if _kind(day) == exp.DType.DATE and _kind(days) in WHOLE:
            return _call("DATE_ADD", day, _cast(days, "INT"), kind="DATE")
    return node


def _date_diff(node: exp.Expr) -> exp.Expr:
    """Count the borders crossed, as DuckDB does; Spark counts whole months."""
    end, start, unit = (
        node.this,
        node.expression,
        str(node.args["unit"].name if node.args.get("unit") else "DAY").upper(),
    )
    if unit == "DAY":
        return _cast(_call("DATEDIFF", end, start), "BIGINT")
    months = exp.paren(_count(end, unit) - _count(start, unit))
    return _cast(months, "BIGINT")


def _count(day: exp.Expr, unit: str) -> exp.Expr:
    year, month = _call("YEAR", day.copy()), _call("MONTH", day.copy())
    if unit == "YEAR":
        return year
    if unit == "MONTH":
        return exp.paren(year * exp.Literal.number(12) + month)
    raise ValueError(f"DATE_DIFF of {unit}")


def _typed_cast(node: exp.Expr) -> exp.Expr:
    """Round as DuckDB does where a number loses its fraction; Spark cuts it off, or rounds its decimal text."""
    part, to = node.this, node.args["to"]
    if to.this in (exp.DType.JSON, exp.DType.TEXT, exp.DType.VARCHAR):
        fresh = _text(part)
        fresh = fresh.copy() if fresh is part else fresh
    elif to.this in TIMES:
        fresh = exp.Cast(this=part, to=exp.DataType.build("TIMESTAMP_NTZ", dialect="spark"))
    elif _kind(part) in WHOLE | TEXTS or isinstance(part, exp.Null | exp.Literal):
        return node
    elif to.this in INTEGERS:
        fresh = _by_type(part, _call("RINT", part.copy()), _call("ROUND", part.copy(), 0), to)
    elif to.this == exp.DType.DECIMAL:
        scale = int(to.expressions[1].name) if len(to.expressions) > 1 else 3
        power = exp.Literal.number(f"1e{scale}")
        whole = _cast(_call("ROUND", exp.Mul(this=part.copy(), expression=power), 0), "DECIMAL(38, 0)")
        scaled = exp.Mul(this=whole, expression=exp.Literal.number(f"{10**-scale:.{scale}f}" if scale else "1"))
        fresh = _by_type(part, scaled, part.copy(), to)
    else:
        return node
    fresh.type = to
    return fresh


def _by_type(part: exp.Expr, if_double: exp.Expr, otherwise: exp.Expr, to: exp.Expr) -> exp.Expr:
    """Choose by the type that Spark gives an expression; it does so once, when it plans."""

    def cast(chosen: exp.Expr) -> exp.Expr:
        return exp.Cast(this=chosen, to=to.copy())

    if _kind(part) in (exp.DType.DOUBLE, exp.DType.FLOAT):
        return cast(if_double)
    if _kind(part) == exp.DType.DECIMAL:
        return cast(otherwise)
    is_double = _call("TYPEOF", part.copy()).eq("double")
    is_decimal = exp.Like(this=_call("TYPEOF", part.copy()), expression=exp.Literal.string("decimal%"))
    plain = exp.If(this=is_decimal, true=cast(otherwise), false=cast(part.copy()))
    return exp.If(this=is_double, true=cast(if_double), false=plain)


def _series(node: exp.Expr) -> exp.Expr:
    if node.args.get("step") is not None:
        raise ValueError("RANGE with a step")
    start, end = _cast(node.args["start"], "BIGINT"), _cast(node.args["end"], "BIGINT")
    last = end - 1 if node.args.get("is_end_exclusive") else end
    has_any = exp.GTE(this=last.copy(), expression=start.copy())
    return exp.If(this=has_any, true=_call("SEQUENCE", start, last), false=exp.Array(expressions=[]))


def _best(name: str) -> Callable[[exp.Expr], exp.Expr]:
    """Take the value of the row that is first by a key, rows without a value left out (Spark keeps those)."""

    def rule(node: exp.Expr) -> exp.Expr:
        value, key = node.this, node.expression
        if isinstance(key, exp.Struct):  # a missing part is the greatest for DuckDB, the least for Spark
            parts = [part.expression if isinstance(part, exp.PropertyEQ) else part for part in key.expressions]
            key = _call("STRUCT", *(made for part in parts for made in (part.is_(exp.null()), part.copy())))
        has_value = value.copy().is_(exp.null()).not_()
        return _filtered(node, _call(name, value, key), has_value)

    return rule


def _filtered(node: exp.Expr, fresh: exp.Expr, condition: exp.Expr) -> exp.Expr:
    if isinstance(node.parent, exp.Filter):
        where = node.parent.expression
        where.set("this", exp.and_(where.this, condition))
        return fresh
    return exp.Filter(this=fresh, expression=exp.Where(this=condition))


def _joined(node: exp.Expr) -> exp.Expr:
    order = node.this
    inner = order.this if isinstance(order, exp.Order) else order
    if not isinstance(order, exp.Order) or len(order.expressions) != 1:
        raise ValueError("STRING_AGG without one ORDER BY gives its texts in any order")
    is_distinct = isinstance(inner, exp.Distinct)
    text = inner.expressions[0] if is_distinct else inner
    if order.expressions[0].this.sql() != text.sql() or order.expressions[0].args.get("desc"):
        raise ValueError("STRING_AGG that is ordered by anything but its own text")
    held = _call("COLLECT_SET" if is_distinct else "COLLECT_LIST", text)
    separator = node.args.get("separator") or exp.Literal.string(",")
    is_empty = _call("SIZE", held.copy()).eq(0)
    return exp.If(this=is_empty, true=exp.null(), false=_call("ARRAY_JOIN", _call("ARRAY_SORT", held), separator))


def _pattern(node: exp.Expr | None) -> str:
    """Return a literal pattern so that Java's reader sees lines and ends of texts as RE2 does."""
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise ValueError("a pattern that is no literal")
    found = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|\$", lambda m: r"\z" if m[0] == "$" else m[0], node.name)
    return f"(?d){found}"


def _like(node: exp.Expr) -> exp.Expr:
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(_pattern(node.expression)))


def _full_match(node: exp.Expr) -> exp.Expr:
    pattern = rf"^(?:{_pattern(node.expression)})\z"
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(pattern))


def _replaced(node: exp.Expr) -> exp.Expr:
    flags = node.args.get("modifiers")
    is_all = "g" in flags.name if flags is not None else bool(node.args.get("single_replace") is False)
    new = node.args.get("replacement")
    if not is_all or not isinstance(new, exp.Literal) or "\\" in new.name:
        raise ValueError("REGEXP_REPLACE without 'g', or with a part of what was found")
    return _call("REGEXP_REPLACE", node.this, _pattern(node.expression), new.name.replace("$", r"\$"))


def _element(node: exp.Expr) -> exp.Expr:
    place = node.expressions[0]
    if len(node.expressions) != 1 or not place.is_int:
        raise ValueError("a bracket that holds no number")
    from_one = int(place.to_py()) + 1 - int(node.args.get("offset") or 0)
    return _call("TRY_ELEMENT_AT", node.this, from_one)


def _named(node: exp.Expr) -> exp.Expr:
    name, parts = node.name.lower(), node.expressions
    if name.startswith("to_") and name != "to_json" and not isinstance(node.parent, exp.Add):
        raise ValueError(f"{name.upper()} that is not added to a time")
    if name == "list_extract":
        return _call("TRY_ELEMENT_AT", *parts)
    if name == "timezone" and isinstance(parts[1], exp.Anonymous) and parts[1].name.lower() == "timezone":
        return _call("CONVERT_TIMEZONE", parts[1].expressions[0], parts[0], parts[1].expressions[1])
    if name == "timezone" and not (isinstance(node.parent, exp.Anonymous) and node.parent.name.lower() == "timezone"):
        raise ValueError("TIMEZONE other than from one zone to another")
    return node


def _split(node: exp.Expr) -> exp.Expr:
    if not node.expression.is_string:
        raise ValueError("STRING_SPLIT at anything but a literal")
    return _call("SPLIT", node.this, re.escape(node.expression.name))


def _concat(node: exp.Expr) -> exp.Expr:
    """Take a missing part for an empty text, as DuckDB's CONCAT does (its || does not, nor does Spark)."""
    return _call("CONCAT", *(_call("COALESCE", _text(part), "") for part in node.expressions), kind="TEXT")


def _text(part: exp.Expr) -> exp.Expr:
    if _kind(part) in (exp.DType.DOUBLE, exp.DType.FLOAT):
        raise ValueError("a DOUBLE as text, which each engine writes in its own way")
    return part if _kind(part) in (exp.DType.TEXT, exp.DType.VARCHAR) else exp.Cast(this=part, to=STRING.copy())


def _average(node: exp.Expr) -> exp.Expr:
    node.set("this", _double(node.this))
    return node


RULES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Div: _div,
    exp.Sub: _sub,
    exp.Add: _add,
    exp.DateDiff: _date_diff,
    exp.Cast: _typed_cast,
    exp.GenerateSeries: _series,
    exp.ArgMax: _best("MAX_BY"),
    exp.ArgMin: _best("MIN_BY"),
    exp.AnyValue: lambda node: _call("ANY_VALUE", node.this, exp.true()),
    exp.IgnoreNulls: lambda node: node.this if isinstance(node.this, exp.Anonymous) else node,
    exp.Concat: _concat,
    exp.Avg: _average,
    exp.GroupConcat: _joined,
    exp.RegexpLike: _like,
    exp.RegexpFullMatch: _full_match,
    exp.RegexpReplace: _replaced,
    exp.Bracket: _element,
    exp.Anonymous: _named,
    exp.Split: _split,
    exp.DayOfWeek: lambda node: _cast(exp.paren(_call("DAYOFWEEK", node.this) - 1), "BIGINT"),
}
