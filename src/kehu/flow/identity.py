"""Deciding who is who by hand: joining customers, undoing a joining, answering the review queue, taking it all back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.base.errors import QueryError
from kehu.flow.decision import Act, Decided, customers_of, waiting

if TYPE_CHECKING:
    from kehu.flow.project import Project
    from kehu.govern.decision import Decision, Record, Verdict

__all__ = ["Decided", "decide", "merge", "undo", "unmerge", "waiting"]

TREE = """
SELECT source, source_key, into_source, into_key, merge_id, rule FROM merge_event
WHERE customer_id = (SELECT customer_id FROM merge_event WHERE merge_id = ?) AND ended_at IS NULL ORDER BY merge_id
"""


def merge(project: Project, into: str, other: str, *, reason: str = "") -> Decided:
    """Join two customers: ``other``'s records become ``into``'s, which keeps its id.

    Every later build keeps to it; :func:`undo`, or :func:`unmerge` of the joining, gives both back with their ids.

    Parameters
    ----------
    project : Project
        Opened for an owner or agent.
    into, other : str
        Two customers.
    reason : str
        Why, for those who read it later.

    Raises
    ------
    AccessError
        When the actor may not decide.
    QueryError
        When there is no such customer, or both are one.
    """
    project.workspace.access.demand("decide")
    if into == other:
        raise QueryError(f"{into} and {other} are one customer already", fix="Name two customers")
    act = Act(project, "merge", reason)
    left, right = act.records(into), act.records(other)
    act.withdraw(left, right, "different")
    act.say("same", left[:1], right[:1], survivor=into)
    return act.keep("same", (into, other))


def unmerge(project: Project, merge_id: str, *, reason: str = "") -> Decided:
    """Undo one joining: the records on its two sides become two customers again, with their former ids.

    Where people joined them, only what they said across the two sides ends: records that are at one home (would be
    together had nobody joined anything by hand) are not parted by it.

    Parameters
    ----------
    project : Project
        Opened for an owner or agent.
    merge_id : str
        A row of ``merge_event`` that holds now; ``kehu customer explain`` shows them.
    reason : str
        Why.

    Raises
    ------
    AccessError
        When the actor may not decide.
    QueryError
        When there is no such joining, or it no longer holds.
    """
    project.workspace.access.demand("decide")
    tree = project.workspace.read(TREE, [merge_id]).rows
    if merge_id not in {row[4] for row in tree}:
        known = project.workspace.read("SELECT count(*) FROM merge_event WHERE merge_id = ?", [merge_id]).value()
        what = f"the joining {merge_id!r} no longer holds" if known else f"there is no joining {merge_id!r}"
        raise QueryError(what, fix="'kehu customer explain ID' lists the joinings of a customer")
    act = Act(project, merge_id, reason)
    edge = next(row for row in tree if row[4] == merge_id)
    customer = act.customer_of((edge[0], edge[1]))
    side = _side((edge[0], edge[1]), [row for row in tree if row[4] != merge_id])
    records = act.records(customer)
    left, right = [one for one in records if one in side], [one for one in records if one not in side]
    act.withdraw(left, right, "same")
    act.say("different", act.speaking(left), act.speaking(right), but_at_home=edge[5] == "decided")
    return act.keep("different", (customer,))


def decide(project: Project, left: Record, right: Record, verdict: Verdict, *, reason: str = "") -> Decided:
    """Say whether two records are one person; what the review queue asks.

    Parameters
    ----------
    project : Project
        Opened for an owner or agent.
    left, right : (source, source_key)
        Two records.
    verdict : {"same", "different"}
        What they are.
    reason : str
        Why.

    Raises
    ------
    AccessError
        When the actor may not decide.
    QueryError
        When a record is unknown, both are one, or the verdict is neither.
    """
    project.workspace.access.demand("decide")
    if verdict not in ("same", "different") or left == right:
        raise QueryError(
            f"{verdict!r} cannot be said of {left} and {right}", fix="Say same or different of two records"
        )
    act = Act(project, "review", reason)
    customers = (act.customer_of(left), act.customer_of(right))
    if verdict == "same" and customers[0] != customers[1]:
        act.withdraw(act.records(customers[0]), act.records(customers[1]), "different")
    act.say(verdict, [left], [right])
    return act.keep(verdict, tuple(dict.fromkeys(customers)))


def undo(project: Project, decision_id: str) -> Decided:
    """Take a decision back: of each of its pairs holds again what held before it.

    Raises
    ------
    AccessError
        When the actor may not decide.
    QueryError
        When there is no such decision, or of none of its pairs it holds still.
    """
    project.workspace.access.demand("decide")
    act = Act(project, decision_id, "")
    history: dict[frozenset[Record], list[Decision]] = {}
    for one in act.said:
        history.setdefault(one.pair, []).append(one)
    mine = [one for one in act.said if one.decision_id == decision_id]
    if not mine:
        fix = "'kehu customer explain ID' shows a customer's decisions"
        raise QueryError(f"there is no decision {decision_id!r}", fix=fix)
    held = [one for one in mine if history[one.pair][-1].kind == one.kind]
    if not held:
        fix = "Take back the newer one, which 'explain' shows"
        raise QueryError(f"the decision {decision_id!r} no longer holds", fix=fix)
    for one in held:
        before = next((row for row in reversed(history[one.pair]) if row.decided_at < one.decided_at), None)
        kind, survivor = (before.kind, before.survivor) if before else ("withdrawn", None)
        act.say(kind, [one.left], [one.right], survivor=survivor)
    customers = customers_of(project, sorted({record for one in held for record in one.pair}))
    return act.keep("withdrawn", tuple(sorted(set(customers.values()))))


def _side(start: Record, edges: list[tuple[str, ...]]) -> set[Record]:
    """Return the records that hang together with ``start`` over the edges of a tree."""
    beside: dict[Record, list[Record]] = {}
    for source, key, into_source, into_key, *_ in edges:
        beside.setdefault((source, key), []).append((into_source, into_key))
        beside.setdefault((into_source, into_key), []).append((source, key))
    found, waiting_ = {start}, [start]
    while waiting_:
        for other in beside.get(waiting_.pop(), []):
            if other not in found:
                found.add(other)
                waiting_.append(other)
    return found
