"""DuckDB's SQL in Spark's words, with the same answers; what has no tried translation is refused, never guessed.

sqlglot translates the syntax. Where the two engines mean different things by the same words (a division of decimals, a
missing value in a maximum, the week's first day), a rule here says what DuckDB means in words of Spark's.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from kehu.base.errors import TableError
from kehu.warehouse.spark.rules import RULES, SPANS
from kehu.warehouse.spark.shape import reshape
from kehu.warehouse.sql import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

FIX = "Build it with --engine duckdb, or write it with functions that both engines know"
TRIED = {  # on both engines, by the tests; a window's frame, EXISTS and the like are syntax
    exp.Abs, exp.And, exp.AnyValue, exp.ArgMax, exp.ArgMin, exp.Array, exp.Avg, exp.Case, exp.Cast, exp.Coalesce,
    exp.Concat, exp.ConcatWs, exp.Contains, exp.Count, exp.CountIf, exp.DateDiff, exp.DayOfWeek, exp.DenseRank,
    exp.Exists, exp.Explode, exp.FirstValue, exp.GenerateSeries, exp.Greatest, exp.GroupConcat, exp.If, exp.Lag,
    exp.LastDay, exp.Lead, exp.Least, exp.Left, exp.Length, exp.LogicalAnd, exp.LogicalOr, exp.Lower, exp.Max, exp.Min,
    exp.Month, exp.Nullif, exp.Or, exp.Rank, exp.RegexpFullMatch, exp.RegexpLike, exp.RegexpReplace, exp.Replace,
    exp.Right, exp.RowNumber, exp.Split, exp.SplitPart, exp.Sqrt, exp.StartsWith, exp.Struct, exp.Substring, exp.Sum,
    exp.TimestampTrunc, exp.Unnest, exp.Upper, exp.Year, exp.MD5, exp.SortArray, exp.ArrayDistinct, exp.ArrayAppend,
}  # fmt: skip
TRIED_NAMES = {"timezone", "list_extract", "to_json", "to_months", *SPANS}
REFUSED: dict[type[exp.Expr], str] = {
    exp.Interval: "an interval",
    exp.TableSample: "a sample",
    exp.Lambda: "a lambda",
    exp.Placeholder: "a parameter",
    exp.Like: "LIKE",  # a backslash escapes for Spark
    exp.ILike: "ILIKE",
    exp.Mod: "a remainder",  # of nothing is nothing for DuckDB, an error for Spark
}


def translated(sql: str, schema: Mapping[str, Mapping[str, str]], where: str = "") -> str:
    """Return a SELECT of DuckDB's in the SQL of Spark 4 (ANSI mode, time zone UTC) with the same rows.

    Parameters
    ----------
    sql : str
        One SELECT in DuckDB's dialect over bare table names.
    schema : mapping
        DuckDB's types of the columns of every table it reads; a minus between dates is known by them.
    where : str
        What an error names.

    Raises
    ------
    TableError
        When the SELECT holds something whose translation was not tried, or is known to give other rows.

    Examples
    --------
    >>> translated("SELECT d - 1 AS d, a / b AS c FROM t", {"t": {"d": "DATE", "a": "INTEGER", "b": "INTEGER"}})
    'SELECT DATE_ADD(t.d, CAST(-(1) AS INT)) AS d, CAST(t.a AS DOUBLE) / CAST(t.b AS DOUBLE) AS c FROM t AS t'
    """
    tree = parse(sql, where).copy()
    refuse(tree, where)
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of an UNPIVOT, which it leaves as it is
    known: dict[str, object] = {table: dict(columns) for table, columns in schema.items()}
    try:
        shaped: exp.Expr = qualify(
            reshape(tree, schema), schema=known, dialect="duckdb", infer_schema=False,
            validate_qualify_columns=False, quote_identifiers=False,
        )  # fmt: skip
        shaped = annotate_types(shaped, schema=known, dialect="duckdb")
        for node in reversed(list(shaped.walk())):  # what is inside first
            rule = RULES.get(type(node))
            if rule is not None:
                fresh = rule(node)
                if fresh is not node:
                    fresh.type = fresh.type or node.type
                    node.replace(fresh)
        return str(shaped.sql(dialect="spark"))
    except (SqlglotError, ValueError) as error:
        raise TableError(f"not to be said in Spark's SQL: {error}", where=where, fix=FIX) from error


def refuse(tree: exp.Expr, where: str) -> None:
    """Raise a `TableError` when a SELECT holds something that was not tried on Spark, with its name."""
    for node in tree.walk():
        said = _refused(node)
        if said:
            raise TableError(f"Spark has no tried translation of {said}", where=where, fix=FIX)


def _refused(node: exp.Expr) -> str:
    if isinstance(node, exp.Func):
        return _refused_function(node)
    said = REFUSED.get(type(node), "")
    if isinstance(node, exp.Join) and (node.method or "").upper() in {"ASOF", "POSITIONAL"}:
        said = f"a join of kind {node.method}"
    elif isinstance(node, exp.In) and node.args.get("query") and not _is_condition(node):
        said = "IN over a SELECT other than as a condition of WHERE"  # Spark takes a missing value for false
    elif isinstance(node, exp.Pivot) and not node.args.get("unpivot"):
        said = "a pivot"
    elif isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
        said = f"the table function {node.sql('duckdb')}"
    return said


def _refused_function(node: exp.Func) -> str:
    if isinstance(node, exp.Anonymous):
        return "" if node.name.lower() in TRIED_NAMES else f"the function {node.name}"
    return "" if type(node) in TRIED else REFUSED.get(type(node), f"the function {node.sql_name()}")


def _is_condition(node: exp.Expr) -> bool:
    """Tell whether WHERE asks for exactly this, or that it is not so."""
    above = node.parent
    while isinstance(above, exp.And | exp.Not | exp.Paren):
        above = above.parent
    return isinstance(above, exp.Where)
