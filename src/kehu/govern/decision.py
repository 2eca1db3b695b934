"""What people decide about who is who, kept durably until a build takes it into the lake's ledger."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.govern.control import Control

Record = tuple[str, str]  # source, source_key
Verdict = Literal["same", "different", "withdrawn"]


@dataclass(frozen=True)
class Decision:
    """One pair of records of one decision: a row of the ledger ``identity_decision``.

    Attributes
    ----------
    decision_id : str
        Shared by the pairs of one act.
    kind : {"same", "different", "withdrawn"}
        What holds of the pair from now on; ``withdrawn``: whatever was decided no longer holds.
    left_source, left_key, right_source, right_key : str
        The two records.
    survivor : str or None
        Customer whose id the joined records keep.
    about : str
        The ``merge_id`` that was undone, ``review``, ``merge``, the ``decision_id`` that was undone, or empty.
    reason, actor : str
        In the words of whoever decided, and who that was.
    decided_at : datetime
        UTC.
    """

    decision_id: str
    kind: Verdict
    left_source: str
    left_key: str
    right_source: str
    right_key: str
    survivor: str | None
    about: str
    reason: str
    actor: str
    decided_at: datetime

    @property
    def left(self) -> Record:
        """Source and key of the one record."""
        return self.left_source, self.left_key

    @property
    def right(self) -> Record:
        """Source and key of the other record."""
        return self.right_source, self.right_key

    @property
    def pair(self) -> frozenset[Record]:
        """The two records, whichever way round it names them."""
        return frozenset((self.left, self.right))


class Waiting:
    """Decisions of one workspace that no build has seen yet.

    Parameters
    ----------
    control : Control
        The control store.
    workspace : str
        The tenant.
    """

    def __init__(self, control: Control, workspace: str) -> None:
        self._control, self._workspace = control, workspace

    def add(self, decisions: Iterable[Decision]) -> None:
        """Keep decisions, all or none."""
        rows = [(self._workspace, one.decision_id, json.dumps(asdict(one), default=str)) for one in decisions]
        with self._control.transaction() as connection:
            connection.executemany("INSERT INTO waiting_decision (workspace, decision_id, body) VALUES (?, ?, ?)", rows)

    def all(self) -> list[Decision]:
        """Return what waits, oldest first."""
        sql = "SELECT body FROM waiting_decision WHERE workspace = ? ORDER BY seq"
        found = [json.loads(body) for (body,) in self._control.rows(sql, (self._workspace,))]
        return [Decision(**{**one, "decided_at": datetime.fromisoformat(one["decided_at"])}) for one in found]

    def settle(self, decision_ids: Iterable[str]) -> None:
        """Forget decisions that the ledger has."""
        with self._control.transaction() as connection:
            connection.executemany(
                "DELETE FROM waiting_decision WHERE workspace = ? AND decision_id = ?",
                [(self._workspace, one) for one in decision_ids],
            )
