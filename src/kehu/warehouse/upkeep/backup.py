"""A lake as one consistent set of files to copy, while others read it and, after a moment, write it again."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import BackupError
from kehu.warehouse.lake import Lake
from kehu.warehouse.session.pool import borrowed
from kehu.warehouse.session.reader import COLUMNS, by_table
from kehu.warehouse.session.writer import prepare
from kehu.warehouse.store import apart, history
from kehu.warehouse.store.engine import attach, explained, name, quoted
from kehu.warehouse.store.turn import turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kehu.warehouse.store.place import Place

BESIDE = (history.LIST, "version.json", "id.key")  # small files that belong to the catalog's state

KEPT = "(SELECT * FROM {m}.{table} WHERE begin_snapshot <= {n} AND (end_snapshot IS NULL OR end_snapshot > {n}))"
# The rows of every table as the catalog tells them, and whether a file of it holds what a later snapshot did too.
TOLD = """
SELECT t.table_name, coalesce(sum(f.record_count - coalesce(d.delete_count, 0)), 0)::BIGINT,
  coalesce(bool_or(f.partial_max > {n} OR d.partial_max > {n}), false)
FROM {tables} AS t JOIN {m}.ducklake_schema AS s ON s.schema_id = t.schema_id AND s.schema_name = 'main'
LEFT JOIN {data} AS f ON f.table_id = t.table_id LEFT JOIN {deleted} AS d ON d.data_file_id = f.data_file_id
GROUP BY t.table_name
"""


@dataclass(frozen=True)
class Frozen:
    """One state of a lake on disk.

    Attributes
    ----------
    folder : Path
        Laid out like the lake's own folder: a copy of the catalog, hard links to the Parquet files.
    snapshot : int
        The newest published snapshot, 0 before the first build.
    rows : dict
        Rows of every table in that snapshot.
    """

    folder: Path
    snapshot: int
    rows: dict[str, int]


@contextmanager
def frozen(lake: Lake) -> Iterator[Frozen]:
    """Yield one consistent state of a lake; writers wait only while its catalog is copied and its files are linked.

    Parameters
    ----------
    lake : Lake
        Its catalog and its files must be in its folder.

    Raises
    ------
    BackupError
        When the catalog is on a server or the files are in an object store: those have backups of their own.
    LakeError
        When a writer holds the lock too long, or the lake is damaged.
    """
    place = lake.place
    if place.is_shared or place.is_remote:
        fix = "Use pg_dump for the catalog first, then copy the bucket's files"
        raise BackupError("the catalog is on a server or the files are in a bucket", where=str(place.folder), fix=fix)
    folder = place.folder / "tmp" / f"backup-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with turn(place, "backup"):
            _freeze(place, folder)
        copy = Lake(folder, memory_limit=place.memory_limit, threads=place.threads)
        snapshot = copy.snapshot()
        yield Frozen(folder, snapshot.id if snapshot else 0, told_rows(copy))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def told_rows(lake: Lake) -> dict[str, int]:
    """Return what `table_rows` returns as the catalog tells it: one question instead of one per table.

    A restore counts, so that what was told is compared with what is there.
    """
    newest = lake.snapshot()
    if newest is None:
        return {}
    at = {"m": history.META, "n": newest.id}
    parts = {"tables": "ducklake_table", "data": "ducklake_data_file", "deleted": "ducklake_delete_file"}
    sql = TOLD.format(**at, **{part: KEPT.format(**at, table=table) for part, table in parts.items()})
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, f"READ_ONLY, SNAPSHOT_VERSION {newest.id:d}")
        found = connection.execute(sql).fetchall()
        shared = [table for table, _, goes_on in found if goes_on]
        counted = {
            table: count
            for table in shared
            for (count,) in connection.execute(f"SELECT count(*) FROM {name(table)}").fetchall()
        }
    return {table: counted.get(table, count) for table, count, _ in sorted(found)}


def table_rows(lake: Lake) -> dict[str, int]:
    """Return the rows of every table in the newest published snapshot; none before the first build."""
    newest = lake.snapshot()
    if newest is None:
        return {}
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, f"READ_ONLY, SNAPSHOT_VERSION {newest.id:d}")
        tables = by_table(connection.execute(COLUMNS).fetchall())
        counts = [f"SELECT {quoted(table)}, count(*) FROM {name(table)}" for table in tables]
        return dict(connection.execute(" UNION ALL ".join(counts)).fetchall()) if counts else {}


def _freeze(place: Place, folder: Path) -> None:
    try:
        prepare(place)
        with borrowed(place) as connection:
            attach(connection, place, "READ_ONLY")
            history.record(connection, place.folder)
            files = history.files(connection, place.files)
        apart.copy(place.catalog, folder / place.catalog.name)
        for path in files:
            if path.exists():  # one that waits for deletion may be gone
                linked = folder / place.files.name / path.relative_to(place.files)
                linked.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, linked)
        for small in BESIDE:
            if (place.folder / small).exists():
                shutil.copy2(place.folder / small, folder / small)
    except (duckdb.Error, OSError) as error:
        raise explained(error, str(place.folder)) from error
