"""The lake: one workspace's warehouse, with snapshots, pinned readers and one writer at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kehu.base.errors import LakeError
from kehu.warehouse.session.reader import Reader
from kehu.warehouse.session.readers import Readers
from kehu.warehouse.session.writer import Writer, writing
from kehu.warehouse.store import history, shared
from kehu.warehouse.store.history import LAND, PUBLISH, Snapshot
from kehu.warehouse.store.place import HERE, Elsewhere, Place, elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kehu.base.settings import Settings

__all__ = ["Lake", "Reader", "Snapshot", "Writer"]


class Lake:
    """One workspace's warehouse: a DuckLake in ``folder`` (catalog, Parquet files, lock).

    Parameters
    ----------
    folder : Path
        ``data/<workspace>``; nothing is created before the first writer.
    memory_limit : str
        What one DuckDB connection may use before it spills to ``folder/tmp``.
    threads : int
        Cores to use; 0 means all.
    lock_seconds : float
        How long a writer waits for the one before it.
    elsewhere : Elsewhere
        A catalog on PostgreSQL, files in an object store; by default all is in ``folder``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        memory_limit: str = "1GB",
        threads: int = 0,
        lock_seconds: float = 120.0,
        elsewhere: Elsewhere = HERE,
    ) -> None:
        self.place = Place(folder.absolute(), memory_limit, threads, lock_seconds, elsewhere)
        self.readers = Readers(self.place)

    @property
    def folder(self) -> Path:
        """The lake's folder, absolute."""
        return self.place.folder

    def snapshot(self, *, patient: bool = False) -> Snapshot | None:
        """Return the newest published snapshot, the one readers pin; None before the first build.

        ``patient`` gives the former one while the newest is opened beside, see `Readers.served`.
        """
        published = [snapshot for snapshot in self.snapshots() if snapshot.is_published]
        return self.readers.served(published) if patient and published else next(iter(published), None)

    def latest(self) -> Snapshot | None:
        """Return the newest snapshot of any kind: raw rows are landed without being published."""
        return next(iter(self.snapshots()), None)

    def snapshots(self) -> list[Snapshot]:
        """Return all snapshots, newest first, published or not."""
        return shared.snapshots(self.place) if self.place.is_shared else history.snapshots(self.folder)

    def pending(self) -> list[Snapshot]:
        """Return what was committed after the newest published snapshot, newest first; maintenance adds nothing."""
        published = self.snapshot()
        held = [one for one in self.snapshots() if not one.is_maintenance]
        return [one for one in held if published is None or one.id > published.id]

    def reader(self, at: int | None = None) -> Reader:
        """Return a reader of snapshot ``at`` (default: the newest published one).

        Raises
        ------
        LakeError
            When nothing is published yet, snapshot ``at`` does not exist (any more), or the lake is damaged.
        """
        number = self._existing(at)
        return self.readers.get(number)

    @contextmanager
    def writer(self, message: str, *, publish: bool, author: str = "kehu") -> Iterator[Writer]:
        """Change the lake in one transaction, alone; all of it is durable, or nothing has happened.

        Parameters
        ----------
        message : str
            What the snapshot is called in the lake's history.
        publish : bool
            True lets readers see the snapshot, False lands rows for the next build.
        author : str
            Who wrote it.

        Raises
        ------
        LakeError
            When another writer does not finish in time, the disk is full, or the lake is damaged.
        """
        with writing(self.place, (PUBLISH if publish else LAND) + message, author=author) as writer:
            yield writer

    def _existing(self, at: int | None) -> int:
        if at is None:
            newest = self.snapshot()
            if newest is None:
                fix = "Run 'kehu run' (or 'kehu build') first"
                raise LakeError("nothing is published in this workspace yet", where=str(self.folder), fix=fix)
            return newest.id
        if all(snapshot.id != at for snapshot in self.snapshots()):
            fix = "List the ones that exist with 'kehu status'"
            raise LakeError(f"snapshot {at} does not exist or has expired", where=str(self.folder), fix=fix)
        return at


def open_lake(settings: Settings) -> Lake:
    """Return the lake of a project's workspace, wherever its settings place it."""
    limits: dict[str, Any] = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    return Lake(settings.lake, **limits, elsewhere=elsewhere(settings))
