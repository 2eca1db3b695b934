"""Checks of a table: what must hold for every row, counted with an example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from kehu.base.errors import TableError
from kehu.warehouse.store.engine import name
from kehu.warehouse.table import Check

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from kehu.warehouse.table import Table

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


def failures(
    connection: DuckDBPyConnection, table: Table, place: str = "", *, is_unique: bool = False
) -> tuple[Failure, ...]:
    """Return the checks that rows of ``table`` break; its key is always checked to be unique.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the rows are.
    table : Table
        Whose checks.
    place : str
        The table, as SQL, that holds the rows; the one of that name when empty.
    is_unique : bool
        The way the rows were made leaves no key twice, so that it need not be checked.

    Raises
    ------
    TableError
        When a check is no SQL condition on the table.
    """
    unique, rows = _sorted(table)
    unique = [columns for columns in unique if columns != table.key or not is_unique]
    held = _Held(connection, table, place or name(table.name))
    return (*filter(None, (_repeated(held, columns) for columns in unique)), *_broken(held, rows))


@dataclass(frozen=True)
class _Held:
    connection: DuckDBPyConnection
    table: Table
    place: str


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
    if table.kind == "merge":  # a change reaches rows by their key; one without would stay for ever
        wanted = " AND ".join(f"{name(column)} IS NOT NULL" for column in table.by)
        said = f"not_null({', '.join(table.by)})"
        rows.append((Check(said, said), wanted))
    return unique, rows


def _repeated(held: _Held, columns: tuple[str, ...]) -> Failure | None:
    check, keys = f"unique({', '.join(columns)})", ", ".join(map(name, columns))
    distinct = f"SELECT count(*) - count(DISTINCT hash({keys})) FROM {held.place}"
    if _rows(held, check, distinct)[0][0] == 0:  # equal keys have equal hashes
        return None
    repeated = f"SELECT {keys} FROM {held.place} GROUP BY ALL HAVING count(*) > 1"
    first = f"SELECT count(*) OVER (), * FROM ({repeated}) ORDER BY ALL LIMIT 1"
    found = _rows(held, check, first)
    return Failure(check, found[0][0], _shown(columns, found[0][1:])) if found else None


def _broken(held: _Held, rows: list[tuple[Check, str]]) -> list[Failure]:
    if not rows:
        return []
    counts = ", ".join(f"count(*) FILTER (WHERE ({sql}) IS FALSE)" for _, sql in rows)
    names = "; ".join(check.name for check, _ in rows)
    totals = _rows(held, names, f"SELECT {counts} FROM {held.place}")[0]
    return [_failure(held, check, sql) for (check, sql), count in zip(rows, totals, strict=True) if count]


def _failure(held: _Held, check: Check, sql: str) -> Failure:
    columns = held.table.key or tuple(column.name for column in held.table.columns)
    shown = ", ".join(map(name, columns))
    first = f"SELECT count(*) OVER (), {shown} FROM {held.place} WHERE ({sql}) IS FALSE ORDER BY ALL LIMIT 1"
    row = _rows(held, check.name, first)[0]
    return Failure(check.name, row[0], _shown(columns, row[1:]))


def _shown(columns: tuple[str, ...], values: tuple[Any, ...]) -> str:
    return ", ".join(f"{column}={value}" for column, value in zip(columns, values, strict=True))


def _rows(held: _Held, check: str, sql: str) -> list[tuple[Any, ...]]:
    try:
        return held.connection.execute(sql).fetchall()
    except (duckdb.BinderException, duckdb.ParserException, duckdb.ConversionException) as error:
        where = f"{held.table.path or held.table.name}, check {check}"
        raise TableError(f"the check is no condition: {error}", where=where, fix="Correct it") from error
