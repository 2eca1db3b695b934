"""A writer's turn: alone on this host, and where several hosts share the catalog, alone among them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kehu.warehouse.store import shared
from kehu.warehouse.store.lock import exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.warehouse.store.place import Place


@contextmanager
def turn(place: Place, job: str) -> Iterator[None]:
    """Hold the lake for one writer while the block runs; the system or the server frees it when the process dies.

    Raises
    ------
    LakeError
        When another writer does not finish within ``place.lock_seconds``; it names that one.
    """
    with exclusive(place.folder / "lock", job, place.lock_seconds):
        if place.is_shared:
            with shared.exclusive(place, job):
                yield
        else:
            yield
