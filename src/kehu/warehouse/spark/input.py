"""What Spark reads: a table's Parquet files as the open transaction sees it, or a copy where they do not say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import SqlglotError

from kehu.base.errors import TableError
from kehu.warehouse.session.writer import exists
from kehu.warehouse.store.engine import name, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from kehu.warehouse.session.writer import Writer

SPARK_TYPES = {
    "BOOLEAN": "BOOLEAN", "TINYINT": "TINYINT", "SMALLINT": "SMALLINT", "INTEGER": "INT", "BIGINT": "BIGINT",
    "HUGEINT": "DECIMAL(38, 0)", "FLOAT": "FLOAT", "DOUBLE": "DOUBLE", "VARCHAR": "STRING", "JSON": "STRING",
    "BLOB": "BINARY", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
}  # fmt: skip


@dataclass(frozen=True)
class Input:
    """A table as Parquet.

    Attributes
    ----------
    table : str
        Its name.
    columns : dict of str to str
        DuckDB's types of its columns, in order.
    files, deletes : tuple of str
        Paths of its files, and of the files that say which rows of those are deleted.
    """

    table: str
    columns: dict[str, str]
    files: tuple[str, ...]
    deletes: tuple[str, ...] = ()


def input_of(writer: Writer, table: str, scratch: Path) -> Input:
    """Return a table as Parquet files: those of the lake where they hold exactly its rows, else a copy in ``scratch``.

    A TEMP table or view is always copied. A table of the lake is when this transaction deleted rows of it: its files
    do not show that before the commit, so the rows are counted both ways.
    """
    connection = writer.connection
    columns = columns_of(connection, f"SELECT * FROM {name(table)}")
    if not exists(connection, table, "database_name = 'temp'"):
        files = _column(connection, f"SELECT DISTINCT filename FROM lake.main.{name(table)}")
        deletes = _deletes(connection, table, files)
        if _count(connection, f"FROM lake.main.{name(table)}") == _rows(connection, files) - _rows(connection, deletes):
            return Input(table, columns, tuple(files), tuple(deletes))
    scratch.mkdir(parents=True, exist_ok=True)
    path = scratch / f"{table}.parquet"
    cells = ", ".join(f"CAST({name(column)} AS {_stored(kind)}) AS {name(column)}" for column, kind in columns.items())
    connection.execute(f"COPY (SELECT {cells} FROM {name(table)}) TO {quoted(path)} (FORMAT parquet)")
    return Input(table, columns, (str(path),))


def columns_of(connection: DuckDBPyConnection, select: str) -> dict[str, str]:
    """Return the columns that a SELECT gives with DuckDB's types, in order."""
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {select}").fetchall()}


def spark_type(kind: str) -> str:
    """Return Spark's word for one of DuckDB's types.

    Raises
    ------
    TableError
        When Spark has no such type.

    Examples
    --------
    >>> spark_type("TIMESTAMP"), spark_type("STRUCT(a INTEGER, b VARCHAR)[]")
    ('TIMESTAMP_NTZ', 'ARRAY<STRUCT<a: INT, b: STRING>>')
    """
    if kind in SPARK_TYPES:
        return SPARK_TYPES[kind]
    if kind.startswith(("DECIMAL", "STRUCT", "MAP")) or kind.endswith("]"):
        try:
            return str(exp.DataType.build(kind, dialect="duckdb").sql(dialect="spark"))
        except SqlglotError:
            pass
    raise TableError(f"Spark has no type {kind}", where="--engine spark", fix="Cast it, or build with --engine duckdb")


def _stored(kind: str) -> str:
    return {"HUGEINT": "DECIMAL(38, 0)", "JSON": "VARCHAR"}.get(kind, kind)


def _deletes(connection: DuckDBPyConnection, table: str, files: list[str]) -> list[str]:
    sql = (
        f"SELECT data_file, delete_file FROM ducklake_list_files('lake', {quoted(table)}) WHERE delete_file IS NOT NULL"
    )
    return [gone for path, gone in connection.execute(sql).fetchall() if path in files]


def _rows(connection: DuckDBPyConnection, files: Sequence[str]) -> int:
    if not files:
        return 0
    return _count(connection, f"FROM read_parquet([{', '.join(map(quoted, files))}], union_by_name = true)")


def _count(connection: DuckDBPyConnection, rows: str) -> int:
    row = connection.execute(f"SELECT count(*) {rows}").fetchone()
    return int(row[0]) if row else 0


def _column(connection: DuckDBPyConnection, select: str) -> list[str]:
    return sorted(str(row[0]) for row in connection.execute(select).fetchall())
