"""Keep the lake from growing: old snapshots expire, and the files that only they needed go."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

import duckdb

from kehu.base import clock
from kehu.base.progress import Progress, silent
from kehu.warehouse.session.pool import borrowed
from kehu.warehouse.session.writer import OPTIONS, clean, prepare, sweep, written
from kehu.warehouse.store import apart, bucket, history
from kehu.warehouse.store.engine import attach, explained
from kehu.warehouse.store.turn import turn
from kehu.warehouse.store.upgrade import KEPT
from kehu.warehouse.upkeep.compact import compact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kehu.warehouse.lake import Lake
    from kehu.warehouse.store.history import Snapshot
    from kehu.warehouse.store.place import Place
    from kehu.warehouse.upkeep.compact import Sort


DAY = timedelta(days=1)
VACUUM_FROM = 1 << 20  # bytes of the catalog from which giving its free pages back is worth a process


@dataclass(frozen=True)
class Tidied:
    """What `tidy` did.

    Attributes
    ----------
    snapshots : int
        How many expired.
    freed_bytes : int
        What the Parquet files take less than before; negative when new files stand beside those of older snapshots.
    tables : tuple of str
        Tables whose files were merged or freed of deleted rows.
    files : int
        Parquet files that are left.
    catalog_bytes : int
        What the catalog takes less than before.
    """

    snapshots: int
    freed_bytes: int
    tables: tuple[str, ...] = ()
    files: int = 0
    catalog_bytes: int = 0


def tidy(
    lake: Lake, *, days: float = 7, sorts: Mapping[str, Sort] | None = None, progress: Progress = silent
) -> Tidied:
    """Merge files where it is worth it, expire snapshots that nobody may ask any more, delete what only they needed.

    Readers are never blocked: those of a snapshot that stays go on.

    Parameters
    ----------
    lake : Lake
        Its lock is taken; a reader of an expired snapshot must take a newer one.
    days : float
        Published snapshots live this long. The newest one that a build published and all after it always stay; a
        snapshot that only landed rows goes as soon as a later one is published, its rows stay.
    sorts : mapping, optional
        How a table's merged files are sorted.
    progress : Progress
        Told each step.

    Raises
    ------
    LakeError
        When a writer holds the lock too long, or the lake is damaged.
    """
    place = lake.place
    if not (place.is_shared or place.catalog.exists()):
        return Tidied(0, 0)
    with turn(place, "tidy"):
        before, catalog = _bytes(place.files), _catalog_bytes(place)
        try:
            prepare(place)
            tables, old, remote = _work(lake, days, sorts or {}, progress)
            if catalog > VACUUM_FROM and not place.is_shared:
                progress("vacuum the catalog", 0.9)
                apart.vacuum(place.catalog)
            _forget_dead_readers(place.folder / "tmp")
            _forget_kept(place.folder, days)
        except (duckdb.Error, OSError) as error:
            raise explained(error, str(place.folder)) from error
    left = list(written(place.files))
    freed = remote or before - _bytes(place.files)
    return Tidied(len(old), freed, tuple(tables), len(left), catalog - _catalog_bytes(place))


def expired(snapshots: list[Snapshot], before: datetime, now: datetime | None = None) -> list[int]:
    """Return the ids of the snapshots that may go; ``snapshots`` are newest first.

    A snapshot is as old as the newest one up to it, so that a clock that was set back makes nothing older; what seems
    to come from after ``now`` counts for nothing, and when the newest one does, no published one goes.

    Examples
    --------
    >>> from datetime import datetime as d
    >>> from kehu.warehouse.store.history import Snapshot
    >>> made = [Snapshot(3, "land: b", d(2026, 1, 9)), Snapshot(2, "publish: a", d(2026, 1, 1)),
    ...         Snapshot(1, "land: a", d(2026, 1, 1))]
    >>> expired(made, d(2026, 1, 8))
    [1]
    """
    built = (snapshot.id for snapshot in snapshots if snapshot.is_published and not snapshot.is_maintenance)
    newest = next(built, 0)
    oldest_first = list(reversed(snapshots))
    is_early = now is not None and bool(snapshots) and snapshots[0].at > now  # the clock stands wrong now
    likely = [snapshot.at if now is None or snapshot.at <= now else before - DAY for snapshot in oldest_first]
    gone = [
        snapshot.id
        for snapshot, at in zip(oldest_first, accumulate(likely, max), strict=True)
        if snapshot.id < newest and (not snapshot.is_published or (at < before and not is_early))
    ]
    return gone[::-1]


def _work(lake: Lake, days: float, sorts: Mapping[str, Sort], progress: Progress) -> tuple[list[str], list[int], int]:
    place = lake.place
    with borrowed(place) as connection:
        attach(connection, place, OPTIONS)
        before = bucket.size(connection) if place.is_remote else 0
        history.record(connection, place.folder)
        clean(connection, place)
        tables = compact(connection, place, lake.snapshots(), sorts=sorts, progress=progress)
        now = clock.now()
        old = expired(lake.snapshots(), now - timedelta(days=days), now)
        progress("expire snapshots", 0.8)
        if old:
            versions = ", ".join(map(str, old))
            connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{versions}])")
        connection.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)")
        sweep(connection, place)
        history.record(connection, place.folder)
        freed = before - bucket.size(connection) if place.is_remote else 0
    return tables, old, freed


def _bytes(files: Path) -> int:
    return sum(path.stat().st_size for path in written(files))


def _catalog_bytes(place: Place) -> int:
    parts = (place.catalog, place.catalog.with_name(f"{place.catalog.name}-wal"))
    return sum(path.stat().st_size for path in parts if path.exists())


def _forget_kept(folder: Path, days: float) -> None:
    for kept in folder.glob(f"{KEPT}*"):
        made = datetime.fromtimestamp(kept.stat().st_mtime, tz=UTC).replace(tzinfo=None)
        if clock.now() - made > timedelta(days=days):
            shutil.rmtree(kept, ignore_errors=True)


def _forget_dead_readers(tmp: Path) -> None:
    for folder in tmp.glob("reader-*"):
        try:
            os.kill(int(folder.name.removeprefix("reader-")), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:  # alive, another user's
            continue
