"""Parquet files, with their own types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import SourceError
from kehu.collect.column import sampled
from kehu.collect.connector import Reading, Stream, StreamLook
from kehu.collect.dialect import column_names
from kehu.collect.quote import name, text

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

_NESTED = ("STRUCT", "MAP", "UNION", "LIST")


class Parquet:
    """Reads Parquet; ``_line`` is the row number in the file, nested values become JSON text."""

    suffixes = (".parquet", ".pq")

    def look(self, path: Path, connection: DuckDBPyConnection, scratch: Path) -> list[StreamLook]:  # noqa: ARG002
        """Return the one stream of a Parquet file."""
        columns, select = _opened(path, connection)
        looks, sample = sampled(connection, select, columns)
        ((rows,),) = connection.execute(f"SELECT count(*) FROM read_parquet({text(str(path))})").fetchall()
        return [StreamLook("", "parquet", columns=looks, rows=rows, sample=sample)]

    def read(self, path: Path, stream: Stream, connection: DuckDBPyConnection, scratch: Path) -> Reading:  # noqa: ARG002
        """Return how DuckDB reads one file in place.

        Raises
        ------
        SourceError
            When the file is no whole Parquet file.
        """
        columns, select = _opened(path, connection)
        return Reading(columns, select)


def _opened(path: Path, connection: DuckDBPyConnection) -> tuple[tuple[tuple[str, str], ...], str]:
    source = f"read_parquet({text(_literal(path))}, file_row_number = true)"
    try:
        described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()
    except duckdb.Error as error:
        fix = "Export it again; a file being written is not whole yet"
        raise SourceError(f"not a whole Parquet file: {error}", where=str(path), fix=fix) from error
    names = column_names(row[0] for row in described)
    cells, columns = ["file_row_number + 1 AS _line"], []
    for given, (raw, kind, *_) in zip(names, described, strict=True):
        cell, plain = _plain(name(raw), kind)
        columns.append((given, plain))
        cells.append(f"{cell} AS {name(given)}")
    return tuple(columns), f"SELECT {', '.join(cells)} FROM {source}"


def _plain(cell: str, kind: str) -> tuple[str, str]:
    if kind.startswith(_NESTED) or kind.endswith("]"):
        return f"CAST(to_json({cell}) AS VARCHAR)", "VARCHAR"
    if kind.startswith("ENUM"):
        return f"CAST({cell} AS VARCHAR)", "VARCHAR"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"({cell} AT TIME ZONE 'UTC')", "TIMESTAMP"
    return (f"CAST({cell} AS TIMESTAMP)", "TIMESTAMP") if kind.startswith("TIMESTAMP_") else (cell, kind)


def _literal(path: Path) -> str:
    return str(path).replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
