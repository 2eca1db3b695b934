"""The faulty rows of all entities, each with its whole raw row, so quarantine can show what came."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kehu.integrate.feed import CURRENT, ROW_ID, matches, reads
from kehu.integrate.quality import FAULTS
from kehu.integrate.transform import literal, quoted
from kehu.warehouse.table import Column, Table

if TYPE_CHECKING:
    from kehu.integrate.feed import FeedRows

REJECT = "stg_reject_"
COLUMNS = (
    Column("source", "VARCHAR"),
    Column("stream", "VARCHAR"),
    Column("entity", "VARCHAR"),
    Column("row_id", "VARCHAR"),
    Column("file", "VARCHAR"),
    Column("line", "BIGINT"),
    Column("batch_id", "VARCHAR"),
    Column("faults", FAULTS, pii=True),
    Column("row_text", "VARCHAR", pii=True),
)


def reject_tables(rows: list[FeedRows]) -> list[Table]:
    """Return ``stg_reject_<entity>``, one row per faulty raw row, ``stg_reject_none`` and the view over them all."""
    entities: dict[str, list[FeedRows]] = {}
    for row in rows:
        entities.setdefault(row.feed.entity, []).append(row)
    found = [_table(f"{REJECT}{entity}", [_faulty(row) for row in fed]) for entity, fed in sorted(entities.items())]
    if unfed := _unfed(rows):
        found.append(_table(f"{REJECT}none", unfed))
    empty = ", ".join(f"CAST(NULL AS {c.type}) AS {quoted(c.name)}" for c in COLUMNS)
    names = ", ".join(quoted(c.name) for c in COLUMNS)
    union = " UNION ALL ".join(f"SELECT {names} FROM {table.name}" for table in found)
    every = _table("mapped_reject", [union or f"SELECT {empty} WHERE FALSE"])
    return [*found, replace(every, kind="view", key=())]


def _table(name: str, selects: list[str]) -> Table:
    sql = " UNION ALL ".join(selects)
    return Table(
        name=name, layer="staging", kind="full", description="Faulty rows, each with its whole raw row.",
        grain="one row per faulty raw row", key=("row_id",), owner="data", columns=COLUMNS,
        sql=sql, depends=reads(sql),
    )  # fmt: skip


def _faulty(row: FeedRows) -> str:
    place = f"m._source = {literal(row.source)} AND m._stream = {literal(row.stream.name)}"
    return (
        f"SELECT m._source AS source, m._stream AS stream, {literal(row.feed.entity)} AS entity, m._row_id AS row_id,"
        f" m._file AS file, m._line AS line, m._batch_id AS batch_id, m._faults AS faults, {_text(row)} AS row_text"
        f" FROM mapped_{row.feed.entity} AS m JOIN {quoted(row.table)} AS r"
        " ON r._batch_id = m._batch_id AND r._line = m._line"
        f" WHERE m._faults IS NOT NULL AND {place}"
    )


def _unfed(rows: list[FeedRows]) -> list[str]:
    """Return the SELECTs of rows that no feed of their stream wants: nothing may vanish between conditions."""
    streams: dict[str, list[FeedRows]] = {}
    for row in rows:
        streams.setdefault(row.table, []).append(row)
    return [_no_entity(feeds) for feeds in streams.values() if all(row.feed.only for row in feeds)]


def _no_entity(feeds: list[FeedRows]) -> str:
    row = feeds[0]
    wanted = " OR ".join(f"({matches(feed)})" for feed in feeds)
    column = row.feed.only[0].column
    value = f"CAST(r.{quoted(column)} AS VARCHAR)"
    reason = f"{literal(column + ': no entity takes rows with ')} || COALESCE('\"' || {value} || '\"', 'nothing')"
    fault = f"{{'rule': 'no_entity', 'column': {literal(column)}, 'value': {value}, 'reason': {reason}}}"
    return (
        f"SELECT {literal(row.source)} AS source, {literal(row.stream.name)} AS stream, '' AS entity,"
        f" {ROW_ID} AS row_id,"
        f" _file AS file, _line AS line, _batch_id AS batch_id, CAST([{fault}] AS {FAULTS}) AS faults,"
        f" {_text(row)} AS row_text FROM {quoted(row.table)} AS r WHERE {CURRENT} AND NOT ({wanted})"
    )


def _text(row: FeedRows) -> str:
    names = [name for name in row.raw if not name.startswith("_")]
    return f"CAST(JSON_OBJECT({', '.join(f'{literal(n)}, r.{quoted(n)}' for n in names)}) AS VARCHAR)"
