"""Deciding who is who by hand: joining customers, undoing a joining, answering the review queue, taking it all back."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from kehu.base.clock import now
from kehu.base.errors import QueryError
from kehu.flow.tables import full_catalog
from kehu.govern.audit import Event
from kehu.govern.decision import Decision, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kehu.flow.project import Project
    from kehu.govern.decision import Verdict

Record = tuple[str, str]  # source, source_key
LEDGER = "identity_decision"
MOST_PAIRS = 250_000  # beyond, a joining is between crowds: something else is wrong with them
RECORDS = """
SELECT x.source, x.source_key, r.is_reference
FROM customer_xref AS x JOIN customer_record AS r USING (source, source_key)
WHERE x.customer_id = ? ORDER BY r.is_reference, x.source, x.source_key
"""
TREE = """
SELECT source, source_key, into_source, into_key, merge_id FROM merge_event
WHERE customer_id = (SELECT customer_id FROM merge_event WHERE merge_id = ?) AND ended_at IS NULL ORDER BY merge_id
"""
CUSTOMER_OF = "SELECT customer_id FROM customer_xref WHERE source = ? AND source_key = ?"
DECISIONS = """
SELECT decision_id, kind, left_source, left_key, right_source, right_key, survivor, decided_at FROM identity_decision
ORDER BY decided_at, decision_id
"""


@dataclass(frozen=True)
class Decided:
    """What was decided, and waits for the next build.

    Attributes
    ----------
    decision_id : str
        To take it back with :func:`undo`.
    kind : str
        same, different or withdrawn.
    pairs : int
        Pairs of records it speaks of.
    customers : tuple of str
        The customers it is about, as they were.
    """

    decision_id: str
    kind: str
    pairs: int
    customers: tuple[str, ...]


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
    act = _Act(project, "merge", reason)
    left, right = act.records(into), act.records(other)
    act.withdraw(left, right, "different")
    act.say("same", left[:1], right[:1], survivor=into)
    return act.keep("same", (into, other))


def unmerge(project: Project, merge_id: str, *, reason: str = "") -> Decided:
    """Undo one joining: the records on its two sides become two customers again, with their former ids.

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
    act = _Act(project, merge_id, reason)
    edge = next(row for row in tree if row[4] == merge_id)
    customer = act.customer_of((edge[0], edge[1]))
    side = _side((edge[0], edge[1]), [row for row in tree if row[4] != merge_id])
    records = act.records(customer)
    left, right = [one for one in records if one in side], [one for one in records if one not in side]
    act.withdraw(left, right, "same")
    act.say("different", act.speaking(left), act.speaking(right))
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
    act = _Act(project, "review", reason)
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
    act = _Act(project, decision_id, "")
    mine = [row for row in act.said if row[0] == decision_id]
    if not mine:
        raise QueryError(
            f"there is no decision {decision_id!r}", fix="'kehu customer explain ID' shows a customer's decisions"
        )
    newest = {_pair(row): row[1] for row in act.said}
    held = [row for row in mine if newest[_pair(row)] == row[1]]
    if not held:
        raise QueryError(
            f"the decision {decision_id!r} no longer holds", fix="Take back the newer one, which 'explain' shows"
        )
    for row in held:
        pair = _pair(row)
        earlier = [one for one in act.said if _pair(one) == pair and one[7] < row[7]]
        kind: Verdict = earlier[-1][1] if earlier else "withdrawn"
        survivor = earlier[-1][6] if earlier else None
        act.say(kind, [(row[2], row[3])], [(row[4], row[5])], survivor=survivor)
    said_of = {one for row in held for one in ((row[2], row[3]), (row[4], row[5]))}
    return act.keep("withdrawn", tuple(sorted(act.customers_of(said_of))))


def waiting(project: Project) -> list[Decision]:
    """Return the decisions that no build has taken in yet, oldest first."""
    project.workspace.access.demand("decide")
    return _store(project).all()


def take_in(project: Project) -> frozenset[str]:
    """Write waiting decisions to the ledger (owners and jobs); return which, to be settled once a build showed them."""
    held = _store(project).all()
    if not held:
        return frozenset()
    from kehu.warehouse.build.build import ensure

    rows = pa.Table.from_pylist([asdict(one) for one in held])
    with project.workspace.write("decisions about who is who", publish=False) as writer:
        ensure(writer, full_catalog(project, {}, ()).table(LEDGER))
        writer.connection.register("kehu_decided", rows)
        names = ", ".join(rows.column_names)
        known = f"SELECT decision_id FROM lake.main.{LEDGER}"  # from a build that did not come to its end
        writer.connection.execute(
            f"INSERT INTO lake.main.{LEDGER} ({names}) "
            f"SELECT {names} FROM kehu_decided WHERE decision_id NOT IN ({known})"
        )
        writer.connection.unregister("kehu_decided")
    return frozenset(one.decision_id for one in held)


def settle(project: Project, decision_ids: frozenset[str]) -> None:
    """Forget waiting decisions that a published build shows."""
    if decision_ids:
        _store(project).settle(decision_ids)


def _store(project: Project) -> Waiting:
    return Waiting(project.workspace.control, project.settings.workspace)


class _Act:
    """One decision in the making, over what the ledger and the waiting decisions say."""

    def __init__(self, project: Project, about: str, reason: str) -> None:
        self._project, self._about, self._reason = project, about, reason.strip()
        self._id, self._at, self._rows = f"d{secrets.token_hex(6)}", now(), list[Decision]()
        self._is_reference: dict[Record, bool] = {}
        ledger = project.workspace.read(DECISIONS).rows if project.workspace.sees(LEDGER) else []
        held = [tuple(getattr(one, name) for name in _COLUMNS) for one in _store(project).all()]
        known = {row[0] for row in ledger}
        self.said = [*ledger, *(row for row in held if row[0] not in known)]

    def records(self, customer: str) -> list[Record]:
        """Return a customer's records, described ones first."""
        rows = self._project.workspace.read(RECORDS, [customer], subject=f"customer:{customer}").rows
        if not rows:
            raise QueryError(f"there is no customer {customer!r}", fix="Look for one with 'kehu customer find TEXT'")
        self._is_reference.update({(source, key): is_reference for source, key, is_reference in rows})
        return [(source, key) for source, key, _ in rows]

    def speaking(self, records: Sequence[Record]) -> list[Record]:
        """Return the records that a decision is about: described ones, or references where there are no others."""
        described = [one for one in records if not self._is_reference[one]]
        return described or list(records)

    def customer_of(self, record: Record) -> str:
        found = self._project.workspace.read(CUSTOMER_OF, list(record)).rows
        if not found:
            raise QueryError(
                f"there is no record {record[0]}:{record[1]}", fix="Name source and key as explain shows them"
            )
        return str(found[0][0])

    def customers_of(self, records: Iterable[Record]) -> set[str]:
        """Return the customers of records; some may be gone with their source."""
        read = self._project.workspace.read
        return {str(customer) for one in records for (customer,) in read(CUSTOMER_OF, list(one)).rows}

    def withdraw(self, left: Sequence[Record], right: Sequence[Record], kind: Verdict) -> None:
        """Withdraw what was decided, and still holds, between records of two sides."""
        newest = {_pair(row): row for row in self.said}
        sides = {**dict.fromkeys(left, True), **dict.fromkeys(right, False)}
        for row in newest.values():
            first, second = (row[2], row[3]), (row[4], row[5])
            crosses = first in sides and second in sides and sides[first] != sides[second]
            if crosses and row[1] == kind:
                self.say("withdrawn", [first], [second])

    def say(
        self, kind: Verdict, left: Sequence[Record], right: Sequence[Record], *, survivor: str | None = None
    ) -> None:
        """Add a decision about every pair of two sides; of a pair the last word counts."""
        if len(left) * len(right) > MOST_PAIRS:
            what = f"the two sides have {len(left)} and {len(right)} records"
            raise QueryError(what, fix="Correct the value they share in its source, or block it")
        fresh = [
            Decision(self._id, kind, *one, *other, survivor, self._about, self._reason, self._actor, self._at)
            for one in left for other in right
        ]  # fmt: skip
        pairs = {frozenset(((one.left_source, one.left_key), (one.right_source, one.right_key))) for one in fresh}
        kept = [
            one for one in self._rows
            if frozenset(((one.left_source, one.left_key), (one.right_source, one.right_key))) not in pairs
        ]  # fmt: skip
        self._rows = [*kept, *fresh]

    def keep(self, kind: Verdict, customers: tuple[str, ...]) -> Decided:
        """Keep the decision durably, on record."""
        workspace = self._project.workspace
        _store(self._project).add(self._rows)
        access = workspace.access
        subject = ",".join(f"customer:{one}" for one in customers)
        roles = " ".join(sorted(access.roles))
        standing: dict[str, Any] = {"roles": roles, "workspace": access.workspace, "purpose": access.purpose}
        text = f"{kind} {self._id} about {self._about}".strip()
        workspace.audit.append(Event(access.actor, "decide", subject, text, **standing))
        return Decided(self._id, kind, len(self._rows), customers)

    @property
    def _actor(self) -> str:
        return self._project.workspace.access.actor


_COLUMNS = ("decision_id", "kind", "left_source", "left_key", "right_source", "right_key", "survivor", "decided_at")


def _pair(row: tuple[object, ...]) -> frozenset[tuple[object, object]]:
    return frozenset(((row[2], row[3]), (row[4], row[5])))


def _side(start: Record, edges: list[tuple[str, ...]]) -> set[Record]:
    """Return the records that hang together with ``start`` over the edges of a tree."""
    beside: dict[Record, list[Record]] = {}
    for source, key, into_source, into_key, _ in edges:
        beside.setdefault((source, key), []).append((into_source, into_key))
        beside.setdefault((into_source, into_key), []).append((source, key))
    found, waiting_ = {start}, [start]
    while waiting_:
        for other in beside.get(waiting_.pop(), []):
            if other not in found:
                found.add(other)
                waiting_.append(other)
    return found
