"""One lake's readers, one per pinned snapshot, shared by all threads of a process."""

from __future__ import annotations

import logging
import os
from threading import Lock, Thread
from typing import TYPE_CHECKING

from kehu.base.errors import KehuError
from kehu.warehouse.session.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.warehouse.store.history import Snapshot
    from kehu.warehouse.store.place import Place

KEPT = 3  # pinned snapshots kept open per process
LOG = logging.getLogger(__name__)


class Readers:
    """Readers by snapshot; the ones used last are kept."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._held: dict[tuple[int, int], Reader] = {}
        self._opening: dict[tuple[int, int], Lock] = {}
        self._warming: set[tuple[int, int]] = set()
        self._guard = Lock()

    def get(self, snapshot: int) -> Reader:
        """Return the reader of a snapshot, opened when there is none; only those who want it wait for that."""
        key = (os.getpid(), snapshot)  # a forked child must not share its parent's connection
        with self._guard:
            if key in self._held:
                self._held[key] = self._held.pop(key)
                return self._held[key]
            opening = self._opening.setdefault(key, Lock())
        with opening:
            with self._guard:
                if key in self._held:
                    return self._held[key]
            reader = Reader(self._place, snapshot)
            with self._guard:
                self._held[key] = reader
                self._opening.pop(key, None)
                while len(self._held) > KEPT:
                    del self._held[next(iter(self._held))]  # its users keep it alive until they are done
        return reader

    def served(self, published: Sequence[Snapshot]) -> Snapshot:
        """Return the snapshot for a page to ask: the newest of ``published`` (newest first), once it is warm.

        Opening one takes half a second; that happens beside the requests, which ask the former one meanwhile.
        """
        process = os.getpid()
        with self._guard:
            warm = next((one for one in published if (process, one.id) in self._held), None)
            key = (process, published[0].id)
            if warm is None or warm.id == published[0].id:
                return published[0]
            is_new = key not in self._warming
            self._warming.add(key)
        if is_new:
            Thread(target=self._warm, args=(key,), name=f"warm-{key[1]}", daemon=True).start()
        return warm

    def _warm(self, key: tuple[int, int]) -> None:
        try:
            self.get(key[1]).warm()
        except KehuError:  # it is not tried again: the former one is served until a newer one is published
            LOG.warning("a new snapshot cannot be opened; the former one is served")
            return
        with self._guard:
            self._warming.discard(key)
