"""Keep the lake from growing: old snapshots expire, and the files that only they needed go."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import duckdb

from kehu.base import clock
from kehu.warehouse import history
from kehu.warehouse.engine import attach, explained
from kehu.warehouse.lock import exclusive
from kehu.warehouse.pool import borrowed
from kehu.warehouse.writer import OPTIONS, clean, written

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from kehu.warehouse.history import Snapshot
    from kehu.warehouse.lake import Lake
    from kehu.warehouse.place import Place


@dataclass(frozen=True)
class Tidied:
    """What `tidy` did: snapshots expired and bytes freed."""

    snapshots: int
    freed_bytes: int


def tidy(lake: Lake, *, days: float = 7) -> Tidied:
    """Expire snapshots that nobody may ask for any more and delete what only they needed.

    Parameters
    ----------
    lake : Lake
        Its lock is taken; a reader of an expired snapshot must take a newer one.
    days : float
        Published snapshots live this long. The newest published one and all after it always stay; a snapshot
        that only landed rows goes as soon as a later one is published, its rows stay.

    Raises
    ------
    LakeError
        When a writer holds the lock too long, or the lake is damaged.
    """
    place = lake.place
    if not place.catalog.exists():
        return Tidied(0, 0)
    with exclusive(place.folder / "lock", "tidy", place.lock_seconds):
        before = _bytes(place.files)
        old = expired(lake.snapshots(), clock.now() - timedelta(days=days))
        try:
            _expire(place, old)
            _forget_dead_readers(place.folder / "tmp")
        except (duckdb.Error, OSError) as error:
            raise explained(error, str(place.folder)) from error
    return Tidied(len(old), before - _bytes(place.files))


def expired(snapshots: list[Snapshot], before: datetime) -> list[int]:
    """Return the ids of the snapshots that may go; ``snapshots`` are newest first.

    Examples
    --------
    >>> from datetime import datetime as d
    >>> from kehu.warehouse.history import Snapshot
    >>> made = [Snapshot(3, "land: b", d(2026, 1, 9)), Snapshot(2, "publish: a", d(2026, 1, 1)),
    ...         Snapshot(1, "land: a", d(2026, 1, 1))]
    >>> expired(made, d(2026, 1, 8))
    [1]
    """
    newest = next((snapshot.id for snapshot in snapshots if snapshot.is_published), 0)
    return [
        snapshot.id
        for snapshot in snapshots
        if snapshot.id < newest and (not snapshot.is_published or snapshot.at < before)
    ]


def _expire(place: Place, old: list[int]) -> None:
    with borrowed(place) as connection:
        attach(connection, place, OPTIONS)
        if old:
            versions = ", ".join(map(str, old))
            connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{versions}])")
        connection.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)")
        clean(connection, place)
        history.record(connection, place.folder)


def _bytes(files: Path) -> int:
    return sum(path.stat().st_size for path in written(files))


def _forget_dead_readers(tmp: Path) -> None:
    for folder in tmp.glob("reader-*"):
        try:
            os.kill(int(folder.name.removeprefix("reader-")), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:  # alive, another user's
            continue
