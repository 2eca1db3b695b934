"""Build tables in order, inside one transaction of the lake, and check each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import KehuError, TableError
from kehu.base.progress import Progress, silent
from kehu.warehouse.check import Failure, failures
from kehu.warehouse.engine import explained, is_full, name, quoted
from kehu.warehouse.table import Column, Inputs, Table
from kehu.warehouse.writer import exists

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.base.settings import Settings
    from kehu.warehouse.catalog import Catalog
    from kehu.warehouse.lake import Writer

SETTINGS = "workspace_setting"


@dataclass(frozen=True)
class TableRun:
    """How building one table went: its rows, its seconds, and the checks it broke (none when published)."""

    name: str
    rows: int
    seconds: float
    failed_checks: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class BuildReport:
    """How a build went, table by table, with the seconds of the whole."""

    tables: tuple[TableRun, ...]
    seconds: float


def build(  # the Protocol of every builder, keyword-only after the second
    writer: Writer,
    catalog: Catalog,
    settings: Settings,
    names: Iterable[str] | None = None,
    *,
    alone: bool = False,
    progress: Progress = silent,
) -> BuildReport:
    """Compute tables in dependency order inside the writer's transaction.

    Parameters
    ----------
    writer : Writer
        An open transaction; whoever opened it with ``publish=True`` publishes the result on success.
    catalog : Catalog
        All tables of the project.
    settings : Settings
        Shown to SQL as the one-row table ``workspace_setting`` (time_zone, currency, name).
    names : iterable of str, optional
        Tables to build, with everything they read; default all.
    alone : bool
        Build the named tables only; what they read stays as the lake holds it.
    progress : Progress
        Told each table's name and the share of tables done.

    Returns
    -------
    BuildReport
        One `TableRun` per table, in build order.

    Raises
    ------
    TableError
        When a table's SQL, its columns or a check fail; nothing is published then.
    """
    start = time.monotonic()
    _show_settings(writer, settings)
    order = catalog.order(names)
    if alone and names is not None:
        order = [table_name for table_name in order if table_name in set(names)]
    runs = []
    for number, table_name in enumerate(order):
        progress(table_name, number / len(order))
        runs.append(_run(writer, catalog.tables[table_name], settings, progress))
        _drop_scratch(writer, catalog, order[: number + 1], order[number + 1 :])
    progress("built", 1.0)
    return BuildReport(tuple(runs), time.monotonic() - start)


def ensure(writer: Writer, table: Table) -> None:
    """Create a ledger from its header when it is absent, and add the columns its header has gained."""
    if not writer.has(table.name):
        columns = ", ".join(f"{name(column.name)} {column.type}" for column in table.columns)
        writer.connection.execute(f"CREATE TABLE lake.main.{name(table.name)} ({columns})")
        return
    known = {column for column, _ in writer.tables()[table.name]}
    for column in table.columns:
        if column.name not in known:
            addition = f"ADD COLUMN {name(column.name)} {column.type}"
            writer.connection.execute(f"ALTER TABLE lake.main.{name(table.name)} {addition}")


def _drop_scratch(writer: Writer, catalog: Catalog, done: list[str], waiting: list[str]) -> None:
    """Free the memory of the scratch tables that no waiting table reads."""
    needed = {source for other in waiting for source in catalog.depends(other)}
    for table_name in done:
        if catalog.tables[table_name].kind == "scratch" and table_name not in needed:
            writer.connection.execute(f"DROP TABLE IF EXISTS temp.{name(table_name)}")


def _run(writer: Writer, table: Table, settings: Settings, progress: Progress) -> TableRun:
    start = time.monotonic()
    try:
        _compute(writer, table, settings, progress)
        broken = () if table.kind == "ledger" else failures(writer.connection, table)
    except duckdb.Error as error:
        raise _table_error(table, error) from error
    if broken:
        first = broken[0]
        what = f"check {first.check} fails for {first.count} rows, for example {first.example}"
        fix = "Nothing was published. Correct the data, the SELECT or the check"
        raise TableError(what, where=table.name, fix=fix)
    place = "temp" if table.kind == "scratch" else "lake.main"
    count = writer.connection.execute(f"SELECT count(*) FROM {place}.{name(table.name)}").fetchone()
    return TableRun(table.name, count[0] if count else 0, time.monotonic() - start, broken)


def _compute(writer: Writer, table: Table, settings: Settings, progress: Progress) -> None:
    if table.kind == "ledger":
        ensure(writer, table)
        return
    if table.compute is not None:
        inputs = Inputs(writer.connection, settings, progress, lambda wanted: _has(writer, wanted))
        select = _converted(writer, table, table.compute(inputs))
    else:
        select = _verified(writer, table, str(table.sql))
    if table.kind == "scratch":
        writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name(table.name)} AS {select}")
    else:
        writer.replace(table.name, select, table.sort)
    writer.connection.unregister("kehu_result")


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
    writer.connection.register("kehu_result", result)
    actual = _described(writer, "SELECT * FROM kehu_result")
    wanted = _types(writer, table)
    problems = _differences(wanted, dict.fromkeys(actual, ""), types=False)
    if problems:
        fix = "Return exactly the header's columns"
        raise TableError("; ".join(problems), where=str(table.path or table.name), fix=fix)
    columns = ", ".join(f"CAST({name(column)} AS {kind}) AS {name(column)}" for column, kind in wanted.items())
    return f"SELECT {columns} FROM kehu_result"


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


def _show_settings(writer: Writer, settings: Settings) -> None:
    names = ("time_zone", "currency", "name")
    values = ", ".join(f"{quoted(getattr(settings, field))} AS {name(field)}" for field in names)
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {SETTINGS} AS SELECT {values}")


def _table_error(table: Table, error: duckdb.Error) -> KehuError:
    where = str(table.path or table.name)
    if is_full(error) or isinstance(error, duckdb.IOException | duckdb.OutOfMemoryException):
        return explained(error, where)
    return TableError(str(error).strip(), where=where, fix="Correct the table's SQL")
