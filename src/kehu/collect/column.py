"""What the columns of a stream hold: types, samples, shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.collect.connector import ColumnLook
from kehu.collect.quote import name, text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from kehu.base.types import Json

LOOKED_AT = 20_000  # rows; enough for a rare type to show, quick on any file
SPREAD = 200  # different values of a column; a format that one in fifty shows is seen in all but 2 of 100 columns
_NARROWEST = ("BOOLEAN", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP")
_NUMBERS = {"BIGINT": "[+-]?[0-9]{1,18}", "DOUBLE": "[+-]?[0-9]*[.]?[0-9]+([eE][+-]?[0-9]+)?"}
_ZERO_LED = r"^\s*[+-]?0[0-9]+\s*$"  # postcodes, phones, keys: the zero would be lost


def column_looks(
    connection: DuckDBPyConnection, table: str, columns: tuple[tuple[str, str], ...]
) -> tuple[ColumnLook, ...]:
    """Return one look per column of a table of sampled rows.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Where the table is.
    table : str
        Table name; one row per sampled row.
    columns : tuple of (name, DuckDB type)
        VARCHAR columns are tried against narrower types.
    """
    return tuple(_looked(connection, table, column, kind) for column, kind in columns)


def _looked(connection: DuckDBPyConnection, table: str, column: str, kind: str) -> ColumnLook:
    cell = f"nullif(trim(CAST({name(column)} AS VARCHAR)), '')"
    fits = ", ".join(f"bool_and({_fits(t)})" for t in _NARROWEST)
    row = connection.execute(
        f"WITH value AS (SELECT {cell} AS c, count(*) AS times FROM {table} GROUP BY ALL) "
        f"SELECT sum(times), sum(times) FILTER (c IS NOT NULL), count(c), "
        f"(SELECT list(left(c, 80) ORDER BY times DESC, c) FROM "
        f"(SELECT c, times FROM value WHERE c IS NOT NULL ORDER BY times DESC, c LIMIT 5)), "
        f"(SELECT list(left(c, 80) ORDER BY hash(c), c) FROM "
        f"(SELECT c FROM value WHERE c IS NOT NULL ORDER BY hash(c), c LIMIT {SPREAD})), {fits} FROM value"
    ).fetchone()
    total, filled, distinct, samples, spread, *fitting = row or (0, 0, 0, [], [])
    found = next((t for t, ok in zip(_NARROWEST, fitting, strict=False) if ok), "VARCHAR")
    return ColumnLook(
        name=column,
        type=found if kind == "VARCHAR" and filled else kind,
        samples=tuple(samples or ()),
        spread=tuple(spread or ()),
        null_share=round(1 - (filled or 0) / total, 4) if total else 0.0,
        distinct_share=round(distinct / filled, 4) if filled else 0.0,
    )


def _fits(kind: str) -> str:
    if kind == "BOOLEAN":
        return "lower(c) IN ('true', 'false')"
    if kind in _NUMBERS:
        return f"regexp_full_match(c, {text(_NUMBERS[kind])}) AND NOT regexp_matches(c, {text(_ZERO_LED)})"
    longest = 10 if kind == "DATE" else 35
    tried = f"length(c) <= {longest} AND TRY_CAST(c AS {kind}) IS NOT NULL"
    return f"CASE WHEN c IS NULL THEN NULL WHEN regexp_matches(c, '^[0-9]{{4}}[-/][0-9]') THEN {tried} ELSE false END"


def sampled(
    connection: DuckDBPyConnection, select: str, columns: tuple[tuple[str, str], ...]
) -> tuple[tuple[ColumnLook, ...], list[dict[str, Json]]]:
    """Return (looks, first ten rows as text) of a SELECT that gives ``_line`` and the columns."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE looked_at AS SELECT * FROM ({select}) LIMIT {LOOKED_AT}")
    if not columns:
        return (), []
    cells = ", ".join(f"CAST({name(column)} AS VARCHAR)" for column, _ in columns)
    rows = connection.execute(f"SELECT {cells} FROM looked_at ORDER BY _line LIMIT 10").fetchall()
    sample = [{column: cell for (column, _), cell in zip(columns, row, strict=True)} for row in rows]
    return column_looks(connection, "looked_at", columns), sample
