"""Answers that are the same for everyone with the same rights, remembered while their snapshot is the newest."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.base.types import Result
    from kehu.warehouse.lake import Reader

REMEMBERED = 128  # a page has about five of them, times roles and periods
MOST_ROWS = 5_000  # larger answers are asked again


class Answers:
    """Results by snapshot, compiled SQL and parameters.

    Notes
    -----
    Compiled SQL holds the masks and row filters of its reader, so two actors share an answer only where the policy
    makes their SQL the same, letter by letter.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[int, str, tuple[object, ...]], Result] = OrderedDict()
        self._lock = Lock()

    def get(self, reader: Reader, sql: str, params: Sequence[object]) -> Result:
        """Return the remembered answer, or ask and remember it.

        Parameters
        ----------
        reader : Reader
            Of the snapshot asked.
        sql : str
            As compiled for the actor.
        params : sequence
            Values of its placeholders.
        """
        key = (reader.snapshot, sql, tuple(params))
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        found = reader.execute(sql, params)
        if len(found.rows) <= MOST_ROWS:
            with self._lock:
                self._held[key] = found
                while len(self._held) > REMEMBERED:
                    self._held.popitem(last=False)
        return found
