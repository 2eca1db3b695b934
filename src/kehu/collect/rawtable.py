"""Raw tables: rows as they came, widened when a source grows a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.collect.dialect import RESERVED
from kehu.collect.quote import name, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import duckdb

    from kehu.collect.connector import Reading
    from kehu.warehouse.session.writer import Writer

Columns = tuple[tuple[str, str], ...]
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_NUMBERS = (*_WHOLE, "DECIMAL", "FLOAT", "DOUBLE")
PLACE = (
    ("_file", "VARCHAR"),
    ("_line", "BIGINT"),
    ("_batch_id", "VARCHAR"),
    ("_landed_at", "TIMESTAMP"),
)


def raw_table(source: str, stream: str) -> str:
    """Return the name of a stream's raw table."""
    return f"raw_{source}_{stream}".lower()


def widened(writer: Writer, table: str, readings: Iterable[Reading]) -> Columns:
    """Make a raw table able to hold the columns of some readings; return all its source columns.

    A new column is added (NULL in older rows). A column whose type no longer fits is rewritten with the narrowest type
    that holds both, VARCHAR at last.
    """
    wanted: dict[str, tuple[str, str]] = {}
    for reading in readings:
        for column, kind in reading.columns:
            known = wanted.get(column.lower(), (column, kind))
            wanted[column.lower()] = (known[0], _common(writer.connection, known[1], kind))
    if not writer.has(table):
        columns = (*PLACE, *wanted.values())
        writer.replace(
            table, f"SELECT {', '.join(f'CAST(NULL AS {kind}) AS {name(c)}' for c, kind in columns)} WHERE false"
        )
        return tuple(wanted.values())
    stands = {column.lower(): (column, kind) for column, kind in writer.tables()[table]}
    for key, (column, kind) in wanted.items():
        if key not in stands:
            writer.connection.execute(f"ALTER TABLE lake.main.{name(table)} ADD COLUMN {name(column)} {kind}")
            stands[key] = (column, kind)
    grown = {key: _common(writer.connection, stands[key][1], kind) for key, (_, kind) in wanted.items()}
    if any(kind != stands[key][1] for key, kind in grown.items()):
        stands = {key: (column, grown.get(key, kind)) for key, (column, kind) in stands.items()}
        cells = ", ".join(f"CAST({name(column)} AS {kind}) AS {name(column)}" for column, kind in stands.values())
        writer.replace(table, f"SELECT {cells} FROM {name(table)}")
    return tuple(column for key, column in stands.items() if key not in RESERVED)


def _common(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> str:
    if one == other:
        return one
    if not (one.startswith(_NUMBERS) and other.startswith(_NUMBERS)):
        return "TIMESTAMP" if {one, other} == {"DATE", "TIMESTAMP"} else "VARCHAR"
    found = connection.execute(
        f"SELECT typeof(x) FROM (SELECT CAST(NULL AS {one}) AS x UNION ALL SELECT CAST(NULL AS {other})) LIMIT 1"
    ).fetchone()
    return str(found[0]) if found else "VARCHAR"


def landing_select(reading: Reading, columns: Columns, *, batch: str, file: str, at: datetime) -> str:
    """Return the SELECT of one file's rows as its raw table holds them, missing columns as NULL."""
    given = {column.lower(): column for column, _ in reading.columns}
    cells = [
        f"{text(file)} AS _file",
        "_line",
        f"{text(batch)} AS _batch_id",
        f"CAST({text(at.isoformat(sep=' '))} AS TIMESTAMP) AS _landed_at",
    ]
    for column, kind in columns:
        value = name(given[column.lower()]) if column.lower() in given else "NULL"
        cells.append(f"CAST({value} AS {kind}) AS {name(column)}")
    return f"SELECT {', '.join(cells)} FROM ({reading.select})"
