"""A lake as one consistent set of files to copy, while others read it and, after a moment, write it again.

SQLite's own library asks the copied catalog what there is: DuckDB with DuckLake takes a second to start, several times
what a backup takes when little has changed.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.base.errors import BackupError
from kehu.warehouse.store import apart, history
from kehu.warehouse.store.turn import turn
from kehu.warehouse.store.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kehu.warehouse.store.history import Snapshot
    from kehu.warehouse.store.place import Place

BESIDE = (history.LIST, "version.json", "id.key")  # small files that belong to the catalog's state

KEPT = "{one}.begin_snapshot <= n AND ({one}.end_snapshot IS NULL OR {one}.end_snapshot > n)"
# The rows of every table of the newest published snapshot as the catalog tells them, and whether a file of it holds
# what a later snapshot did too.
TOLD = f"""
SELECT t.table_name, coalesce(sum(f.record_count - coalesce(d.delete_count, 0)), 0),
  coalesce(max(f.partial_max > n OR d.partial_max > n), 0)
FROM (
  SELECT max(snapshot_id) AS n FROM ducklake_snapshot JOIN ducklake_snapshot_changes USING (snapshot_id)
  WHERE substr(commit_message, 1, {len(history.PUBLISH)}) = '{history.PUBLISH}'
) JOIN ducklake_table AS t ON {KEPT.format(one="t")}
JOIN ducklake_schema AS s ON s.schema_id = t.schema_id AND s.schema_name = 'main'
LEFT JOIN ducklake_data_file AS f ON f.table_id = t.table_id AND {KEPT.format(one="f")}
LEFT JOIN ducklake_delete_file AS d ON d.data_file_id = f.data_file_id AND {KEPT.format(one="d")}
GROUP BY t.table_name ORDER BY t.table_name
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
        Rows of every table in that snapshot as the catalog tells them. A restore counts, so that what was told is
        compared with what is there.
    """

    folder: Path
    snapshot: int
    rows: dict[str, int]


@contextmanager
def frozen(place: Place) -> Iterator[Frozen]:
    """Yield one consistent state of a lake; writers wait only while its catalog is copied and its files are linked.

    Parameters
    ----------
    place : Place
        A lake whose catalog and files are in its folder.

    Raises
    ------
    BackupError
        When the catalog is on a server or the files are in an object store: those have backups of their own.
    LakeError
        When a writer holds the lock too long, or the lake is damaged.
    """
    if place.is_shared or place.is_remote:
        fix = "Use pg_dump for the catalog first, then copy the bucket's files"
        raise BackupError("the catalog is on a server or the files are in a bucket", where=str(place.folder), fix=fix)
    folder = place.folder / "tmp" / f"backup-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with turn(place, "backup"):
            found, told = _freeze(place, folder)
        newest = next((one.id for one in found if one.is_published), 0)
        yield Frozen(folder, newest, _rows(folder, told))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _freeze(place: Place, folder: Path) -> tuple[list[Snapshot], list[tuple[str, int, int]]]:
    try:
        upgrade(place)
        questions = (history.SNAPSHOTS, history.FILES.format(catalog="main"), TOLD)
        told, files, rows = apart.copy(place.catalog, folder / place.catalog.name, *questions)
        found = [history.snapshot(row) for row in told]
        history.keep(found, place.folder)
        for row in files:
            path = history.placed(place.files, row)
            if path.exists():  # one that waits for deletion may be gone
                linked = folder / place.files.name / path.relative_to(place.files)
                linked.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, linked)
        for small in BESIDE:
            if (place.folder / small).exists():
                shutil.copy2(place.folder / small, folder / small)
    except OSError as error:
        from kehu.warehouse.store.engine import explained

        raise explained(error, str(place.folder)) from error
    return found, rows


def _rows(folder: Path, told: list[tuple[str, int, int]]) -> dict[str, int]:
    rows = {table: count for table, count, _ in told}
    if shared := {table for table, _, goes_on in told if goes_on}:
        from kehu.warehouse.lake import Lake
        from kehu.warehouse.upkeep.table_rows import table_rows

        rows |= table_rows(Lake(folder), shared)
    return rows
