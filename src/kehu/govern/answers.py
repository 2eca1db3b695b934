"""Answers that are the same for everyone with the same rights, remembered as long as their snapshot is asked."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from sys import getsizeof
from threading import Lock
from typing import TYPE_CHECKING

from kehu.warehouse.session.readers import KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kehu.base.types import Result

MOST_ROWS = 20_000  # larger answers are asked again
LARGEST = 8  # one answer may take this part of the room; larger ones are asked again
# Words of functions whose value is not decided by the snapshot; a column of such a name costs a question, no more.
_OTHERWISE = re.compile(
    r"\b(now|today|current_\w+|get_current_\w+|local(time|timestamp)|transaction_timestamp|random|uuid\w*|gen_random_\w+"
    r"|setseed|nextval|currval|getvariable|tablesample)\b|\b(age|version)\s*\(",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Counts:
    """How often an answer was remembered (hits) or had to be asked (misses), and what is held now."""

    hits: int = 0
    misses: int = 0
    held: int = 0
    bytes: int = 0


class Answers:
    """Results by snapshot, policy, compiled SQL and parameters; those used longest ago leave first.

    Those of a snapshot leave together, as its reader does, when others were asked since: after a build nobody asks for
    them any more, and a server that goes on for days would pile them up until the room is full.

    Parameters
    ----------
    most : int
        Bytes that all of them may take.

    Notes
    -----
    Compiled SQL holds the masks and row filters of its reader, so two actors share an answer only where the policy
    makes their SQL the same, letter by letter. A new snapshot is another key: nothing has to be invalidated.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[tuple[object, ...], tuple[Result, int]] = OrderedDict()
        self._snapshots: OrderedDict[int, None] = OrderedDict()  # the ones asked last, at the end
        self._counts = Counts()
        self._lock = Lock()

    def get(self, key: tuple[int, str, str], params: Sequence[object], ask: Callable[[], Result]) -> Result:
        """Return the remembered answer, or ask and remember it.

        Parameters
        ----------
        key : tuple
            Snapshot, digest of the policy in force, SQL as compiled for the actor.
        params : sequence
            Values of its placeholders.
        ask : callable
            Gives the answer.
        """
        whole = (*key, tuple((type(value).__name__, repr(value)) for value in params))
        if _OTHERWISE.search(key[2]):
            return ask()
        with self._lock:
            self._follow(key[0])
            if whole in self._held:
                self._held.move_to_end(whole)
                self._counts = replace(self._counts, hits=self._counts.hits + 1)
                return self._held[whole][0]
            self._counts = replace(self._counts, misses=self._counts.misses + 1)
        found = ask()
        if len(found.rows) <= MOST_ROWS:
            size = getsizeof(key[2]) + weight(found)
            if size * LARGEST <= self._most:
                self._remember(whole, found, size)
        return found

    def counts(self) -> Counts:
        """Return how well remembering works."""
        with self._lock:
            return replace(self._counts, held=len(self._held))

    def _follow(self, snapshot: int) -> None:
        self._snapshots[snapshot] = None
        self._snapshots.move_to_end(snapshot)
        if len(self._snapshots) > KEPT:
            left, _ = self._snapshots.popitem(last=False)
            gone = [key for key in self._held if key[0] == left]
            freed = sum(self._held.pop(key)[1] for key in gone)
            self._counts = replace(self._counts, bytes=self._counts.bytes - freed)

    def _remember(self, key: tuple[object, ...], found: Result, size: int) -> None:
        with self._lock:
            if key[0] not in self._snapshots:  # it took so long that the snapshot is out of use
                return
            _, before = self._held.pop(key, (None, 0))
            self._held[key] = (found, size)
            taken = self._counts.bytes + size - before
            while taken > self._most:
                _, (_, freed) = self._held.popitem(last=False)
                taken -= freed
            self._counts = replace(self._counts, bytes=taken)


def weight(result: Result) -> int:
    """Return about how many bytes a result takes."""
    return 1000 + sum(64 + sum(8 + _weight(cell) for cell in row) for row in result.rows)


def _weight(cell: object) -> int:
    return getsizeof(cell) if not isinstance(cell, (list, tuple, dict)) else 100 + 4 * len(repr(cell))
