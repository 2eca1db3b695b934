"""What was built from what: per table the digest of its definition and the snapshot it is up to date with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.base.clock import now
from kehu.warehouse.store.history import META

if TYPE_CHECKING:
    from kehu.base.settings import Settings
    from kehu.warehouse.catalog import Catalog
    from kehu.warehouse.lake import Writer
    from kehu.warehouse.table import Table

STATE = "build_state"
SETTINGS_TABLE = "workspace_setting"
SURVIVORSHIP_TABLE = "survivorship_rule"  # shapes only the tables that read it
SHAPING = ("name", "time_zone", "currency", "region", "match_at", "review_at")  # settings that change rows


HELD = f"""
WITH file AS (
  SELECT table_id, data_file_id, record_count FROM {META}.ducklake_data_file WHERE end_snapshot IS NULL
), gone AS (
  SELECT data_file_id, sum(delete_count) AS records FROM {META}.ducklake_delete_file
  WHERE end_snapshot IS NULL GROUP BY data_file_id
)
SELECT t.table_name, CAST(coalesce(sum(f.record_count - coalesce(g.records, 0)), 0) AS BIGINT)
FROM {META}.ducklake_table AS t LEFT JOIN file AS f USING (table_id) LEFT JOIN gone AS g USING (data_file_id)
WHERE t.end_snapshot IS NULL GROUP BY ALL
"""


@dataclass(frozen=True)
class Built:
    """One row of ``build_state``: with which definition, and with every change up to which snapshot."""

    digest: str
    snapshot: int


def built(writer: Writer) -> dict[str, Built]:
    """Return what the lake says about each of its tables; empty before the first build."""
    if not writer.has(STATE):
        return {}
    rows = writer.connection.execute(f"SELECT table_name, digest, snapshot FROM lake.main.{STATE}").fetchall()
    return {table: Built(digest, snapshot) for table, digest, snapshot in rows}


def record(writer: Writer, state: dict[str, Built]) -> None:
    """Write the whole state anew."""
    rows = pa.table(
        {
            "table_name": pa.array(list(state), pa.string()),
            "digest": pa.array([one.digest for one in state.values()], pa.string()),
            "snapshot": pa.array([one.snapshot for one in state.values()], pa.int64()),
            "built_at": pa.array([now()] * len(state), pa.timestamp("us")),
        }
    )
    writer.connection.register("kehu_state", rows)
    writer.replace(STATE, "SELECT * FROM kehu_state", ("table_name",))
    writer.connection.unregister("kehu_state")


def committed(writer: Writer) -> int:
    """Return the newest snapshot before this transaction; the transaction's own will be the next number."""
    found = writer.connection.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchone()
    return int(found[0]) if found else 0


def held(writer: Writer, catalog: Catalog) -> dict[str, int]:
    """Return the rows that tables held before this transaction, without those that others than builds may write in it.

    To count the rows of a table takes 4 ms, however few there are.
    """
    found = dict(writer.connection.execute(HELD).fetchall())
    of_builds = (name for name, table in catalog.tables.items() if table.kind != "ledger")
    return {name: found[name] for name in of_builds if name in found and not writer.was_written(name)}


def digests(catalog: Catalog, settings: Settings, tables: list[str]) -> dict[str, str]:
    """Return the digest of each table's definition: everything but rows that its own rows depend on."""
    setting = repr([getattr(settings, field) for field in SHAPING])
    chosen = repr(settings.survivorship)
    return {
        table: _digest(catalog, table, setting + chosen if _reads_survivorship(catalog, table) else setting)
        for table in tables
    }


def _reads_survivorship(catalog: Catalog, table: str) -> bool:
    readers = (table, *passing(catalog, table))
    return any(SURVIVORSHIP_TABLE in catalog.tables[reader].depends for reader in readers)


def passing(catalog: Catalog, table: str) -> list[str]:
    """Return the scratch tables and views between a table and what the lake holds, each after what it reads."""
    found: list[str] = []
    for other in catalog.depends(table):
        if not catalog.tables[other].is_stored:
            found += [*passing(catalog, other), other]
    return list(dict.fromkeys(found))


def inputs(catalog: Catalog, table: str) -> list[str]:
    """Return the stored tables that a table's rows come from, directly or through scratch tables.

    Raw tables are among them, but for tables that follow ``import_batch``: raw rows come and go by batch.
    """
    read = {other for reader in (table, *passing(catalog, table)) for other in catalog.tables[reader].depends}
    by_batch = "import_batch" in catalog.tables[table].follows
    stored = {other for other in read if other in catalog.tables and catalog.tables[other].is_stored}
    raw = {other for other in read if other not in catalog.tables} - {SETTINGS_TABLE, SURVIVORSHIP_TABLE}
    return sorted((stored | (set() if by_batch else raw)) - {table})


def followed_raw(catalog: Catalog) -> set[str]:
    """Return the raw tables whose changed rows some table follows; by batch nobody needs to ask which rows came."""
    by_row = (table for table in catalog.tables.values() if "import_batch" not in table.follows)
    return {other for table in by_row for other in table.follows if other not in catalog.tables}


def _digest(catalog: Catalog, table: str, setting: str) -> str:
    parts = [version("kehu"), setting]
    for name in (*passing(catalog, table), table):
        parts += _definition(catalog.tables[name])
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _definition(table: Table) -> list[str]:
    code = table.sql
    if code is None:
        code = table.path.read_text(encoding="utf-8") if table.path else ""
    columns = repr([(column.name, column.type) for column in table.columns])
    follows = repr(sorted((other, repr(follow)) for other, follow in table.follows.items()))
    return [table.name, table.kind, code, columns, repr((table.key, table.by, table.sort, table.checks)), follows]
