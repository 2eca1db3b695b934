"""The review queue as one person goes through it, and what was decided since the last build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.flow.decision import customers_of, waiting
from kehu.present.identity import review_queue

if TYPE_CHECKING:
    from datetime import datetime

    from kehu.flow.project import Project
    from kehu.govern.decision import Decision, Record, Verdict
    from kehu.govern.workspace import Workspace
    from kehu.present.identity.review import ReviewPair

FEW = 50  # pairs of records of an act between two customers; more only come from undoing a joining within one
LISTED = """
SELECT count(*) FROM review_pair AS p
JOIN (VALUES {rows}) AS v(one, other) ON v.one = p.left_customer AND v.other = p.right_customer
"""


@dataclass(frozen=True)
class Pending:
    """One decision that waits for a build, and that nobody has taken back.

    Attributes
    ----------
    decision_id, kind, about, reason, actor : str
        As in ``identity_decision``.
    decided_at : datetime
        UTC.
    pairs : int
        Pairs of records it speaks of.
    left, right : tuple of str
        Source and key of the first pair's records.
    """

    decision_id: str
    kind: Verdict
    about: str
    reason: str
    actor: str
    decided_at: datetime
    pairs: int
    left: Record
    right: Record


@dataclass(frozen=True)
class Turn:
    """Whose turn it is.

    Attributes
    ----------
    pair : ReviewPair or None
        Two customers to decide about; None at the end.
    place : str
        Where the pair stands; the turn ``after`` it skips the pair.
    left, decided : int
        Pairs of the last build that nobody has decided yet, and those decided since.
    """

    pair: ReviewPair | None
    place: str
    left: int
    decided: int


def acts(project: Project) -> list[Pending]:
    """Return what was decided since the last build and still counts, the newest first."""
    said = waiting(project)
    newest = {one.pair: one.decision_id for one in said}
    grouped: dict[str, list[Decision]] = {}
    is_undone: dict[str, bool] = {}  # whether an act only gives back what held before all that waits
    for one in said:
        grouped.setdefault(one.decision_id, []).append(one)
        is_undone[one.decision_id] = one.about in is_undone and not is_undone[one.about]
    return [
        _pending(rows)
        for name, rows in reversed(grouped.items())
        if not is_undone[name] and any(newest[one.pair] == name for one in rows)
    ]


def turn(project: Project, after: str = "") -> Turn:
    """Return the most worthwhile pair that nobody has decided; up to four queries.

    Parameters
    ----------
    project : Project
        Opened for an owner or agent.
    after : str
        ``place`` of the pair before, to skip it; empty for the first.

    Raises
    ------
    AccessError
        When the actor may not decide.
    QueryError
        When ``after`` is no place.
    """
    workspace = project.workspace
    workspace.access.demand("decide")
    if "review_pair" not in workspace.tables():
        return Turn(None, "", 0, 0)
    settled = _settled(project)
    queue = review_queue(workspace, limit=1 + len(settled), after=after)
    total = queue.total
    while True:
        pair = next((one for one in queue.pairs if (one.left.customer_id, one.right.customer_id) not in settled), None)
        if pair is not None or queue.following is None:
            break
        queue = review_queue(workspace, limit=1 + len(settled), after=queue.following)
    if after and pair is None:  # the total stands beside the rows, and there may be none here
        total = review_queue(workspace, limit=1).total
    decided = _listed(workspace, settled)
    place = f"{pair.worth!r}:{pair.left.customer_id}:{pair.right.customer_id}" if pair else ""
    return Turn(pair, place, total - decided, decided)


def _pending(rows: list[Decision]) -> Pending:
    one = rows[0]
    return Pending(
        one.decision_id, one.kind, one.about, one.reason, one.actor, one.decided_at, len(rows), one.left, one.right
    )


def _settled(project: Project) -> set[tuple[str, str]]:
    """Return the pairs of customers that what waits speaks of."""
    few = [one for one in acts(project) if one.kind != "withdrawn" and one.pairs <= FEW]
    customer = customers_of(project, sorted({record for one in few for record in (one.left, one.right)}))
    found = {tuple(sorted(customer.get(one, "") for one in (act.left, act.right))) for act in few}
    return {(one, other) for one, other in found if one and one != other}


def _listed(workspace: Workspace, settled: set[tuple[str, str]]) -> int:
    if not settled:
        return 0
    marks = ", ".join("(?, ?)" for _ in settled)
    values = [part for pair in sorted(settled) for part in pair]
    return int(workspace.read(LISTED.format(rows=marks), values, subject="table:review_pair").value() or 0)
