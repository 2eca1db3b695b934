"""What a table's rows are: its SELECT, or what its Python computes, with exactly the header's columns and types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import TableError
from kehu.warehouse.build.state import SETTINGS_TABLE, SURVIVORSHIP_TABLE
from kehu.warehouse.session.writer import exists
from kehu.warehouse.store.engine import name, quoted
from kehu.warehouse.table import Column, Inputs, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.base.progress import Progress
    from kehu.base.settings import Settings
    from kehu.warehouse.lake import Writer

SHOWN = ("time_zone", "currency", "name")
COMPUTED = "kehu_result"  # the name under which a Python table's rows are registered


def show_settings(writer: Writer, settings: Settings) -> None:
    """Show the settings to SQL: as the one-row table ``workspace_setting``, and ``survivorship_rule`` by field."""
    values = ", ".join(f"{quoted(getattr(settings, field))} AS {name(field)}" for field in SHOWN)
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {SETTINGS_TABLE} AS SELECT {values}")
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {SURVIVORSHIP_TABLE} AS {settings.survivorship.sql()}")


def rows_of(
    writer: Writer, table: Table, settings: Settings, progress: Progress, *, held: Callable[[], str] | None = None
) -> str:
    """Return a SELECT of a table's rows over whatever its inputs' names stand for now.

    With ``held`` only the rows of its touched keys are wanted, see `kehu.warehouse.table.Inputs`.

    Raises
    ------
    TableError
        When its columns or types are not the header's.
    """
    if table.compute is None:
        return _verified(writer, table, str(table.sql))
    inputs = Inputs(writer.connection, settings, progress, lambda wanted: _has(writer, wanted), held)
    return _converted(writer, table, table.compute(inputs))


def column_list(table: Table) -> str:
    """Return the header's columns as SQL."""
    return ", ".join(name(column.name) for column in table.columns)


def _has(writer: Writer, wanted: str) -> bool:
    return exists(writer.connection, wanted, "database_name IN ('temp', 'lake')")


def _verified(writer: Writer, table: Table, sql: str) -> str:
    """Return ``sql`` with the header's column order, its names and types compared with the header."""
    actual = _described(writer, sql)
    wanted = _types(writer, table)
    problems = _differences(wanted, actual)
    if problems:
        fix = "Correct the SELECT or the header"
        raise TableError("; ".join(problems), where=str(table.path or table.name), fix=fix)
    if list(actual) == list(wanted):
        return sql
    return f"SELECT {', '.join(map(name, wanted))} FROM ({sql}) AS result"


def _converted(writer: Writer, table: Table, result: object) -> str:
    """Return a SELECT of what a Python table computed, cast to the header's types."""
    if isinstance(result, duckdb.DuckDBPyRelation):
        result = result.to_arrow_table()
    writer.connection.register(COMPUTED, result)
    actual = _described(writer, f"SELECT * FROM {COMPUTED}")
    wanted = _types(writer, table)
    problems = _differences(wanted, dict.fromkeys(actual, ""), types=False)
    if problems:
        fix = "Return exactly the header's columns"
        raise TableError("; ".join(problems), where=str(table.path or table.name), fix=fix)
    columns = ", ".join(f"CAST({name(column)} AS {kind}) AS {name(column)}" for column, kind in wanted.items())
    return f"SELECT {columns} FROM {COMPUTED}"


def _differences(wanted: dict[str, str], actual: dict[str, str], *, types: bool = True) -> list[str]:
    lines = [f"column {column} is missing" for column in wanted if column not in actual]
    lines += [f"column {column} is not in the header" for column in actual if column not in wanted]
    if types:
        lines += [
            f"column {column} is {actual[column]}, the header says {kind}"
            for column, kind in wanted.items()
            if column in actual and actual[column] != kind
        ]
    return lines


def _types(writer: Writer, table: Table) -> dict[str, str]:
    def typed(column: Column) -> str:
        return f"CAST(NULL AS {column.type}) AS {name(column.name)}"

    return _described(writer, f"SELECT {', '.join(map(typed, table.columns))}")


def _described(writer: Writer, sql: str) -> dict[str, str]:
    rows = writer.connection.execute(f"DESCRIBE {sql}").fetchall()
    return {row[0]: row[1] for row in rows}
