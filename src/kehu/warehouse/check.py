"""Checks of a table: what must hold for every row, counted with an example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from kehu.base.errors import TableError
from kehu.warehouse.engine import name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from kehu.warehouse.table import Check, Table

BUILTIN = re.compile(r"\s*(unique|not_null)\s*\((?P<columns>[^()]*)\)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Failure:
    """A check that does not hold.

    Attributes
    ----------
    check : str
        The check as its file writes it.
    count : int
        Rows that break it; for ``unique``, keys that occur more than once.
    example : str
        The key of one such row.
    """

    check: str
    count: int
    example: str


def failures(connection: DuckDBPyConnection, table: Table) -> tuple[Failure, ...]:
    """Return the checks that the built ``table`` breaks; its key is always checked to be unique.

    Raises
    ------
    TableError
        When a check is no SQL condition on the table.
    """
    unique, rows = _sorted(table)
    repeated = (_repeated(connection, table, columns) for columns in unique)
    return (*filter(None, repeated), *_broken(connection, table, rows))


def _sorted(table: Table) -> tuple[list[tuple[str, ...]], list[tuple[Check, str]]]:
    unique = [table.key] if table.key else []
    rows: list[tuple[Check, str]] = []
    for check in table.checks:
        match = BUILTIN.fullmatch(check.sql)
        columns = tuple(column.strip() for column in match["columns"].split(",")) if match else ()
        if match and match[1].lower() == "unique":
            if columns not in unique:
                unique.append(columns)
        elif match:
            rows.append((check, " AND ".join(f"{name(column)} IS NOT NULL" for column in columns)))
        else:
            rows.append((check, check.sql))
    return unique, rows


def _repeated(connection: DuckDBPyConnection, table: Table, columns: tuple[str, ...]) -> Failure | None:
    check, keys, place = f"unique({', '.join(columns)})", ", ".join(map(name, columns)), name(table.name)
    distinct = f"SELECT count(*) - count(DISTINCT hash({keys})) FROM {place}"
    if _rows(connection, table, check, distinct)[0][0] == 0:  # equal keys have equal hashes
        return None
    repeated = f"SELECT {keys} FROM {place} GROUP BY ALL HAVING count(*) > 1"
    first = f"SELECT count(*) OVER (), * FROM ({repeated}) ORDER BY ALL LIMIT 1"
    found = _rows(connection, table, check, first)
    return Failure(check, found[0][0], _shown(columns, found[0][1:])) if found else None


def _broken(connection: DuckDBPyConnection, table: Table, rows: list[tuple[Check, str]]) -> list[Failure]:
    if not rows:
        return []
    counts = ", ".join(f"count(*) FILTER (WHERE ({sql}) IS FALSE)" for _, sql in rows)
    names = "; ".join(check.name for check, _ in rows)
    totals = _rows(connection, table, names, f"SELECT {counts} FROM {name(table.name)}")[0]
    return [_failure(connection, table, check, sql) for (check, sql), count in zip(rows, totals, strict=True) if count]


def _failure(connection: DuckDBPyConnection, table: Table, check: Check, sql: str) -> Failure:
    columns = table.key or tuple(column.name for column in table.columns)
    shown = ", ".join(map(name, columns))
    first = f"SELECT count(*) OVER (), {shown} FROM {name(table.name)} WHERE ({sql}) IS FALSE ORDER BY ALL LIMIT 1"
    row = _rows(connection, table, check.name, first)[0]
    return Failure(check.name, row[0], _shown(columns, row[1:]))


def _shown(columns: tuple[str, ...], values: tuple[Any, ...]) -> str:
    return ", ".join(f"{column}={value}" for column, value in zip(columns, values, strict=True))


def _rows(connection: DuckDBPyConnection, table: Table, check: str, sql: str) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(sql).fetchall()
    except (duckdb.BinderException, duckdb.ParserException, duckdb.ConversionException) as error:
        where = f"{table.path or table.name}, check {check}"
        raise TableError(f"the check is no condition: {error}", where=where, fix="Correct it") from error
