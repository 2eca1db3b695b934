"""A decision about who is who in the making, kept durably, and taken into the lake's ledger by the next build."""

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


def waiting(project: Project) -> list[Decision]:
    """Return the decisions that no build has taken in yet, oldest first."""
    project.workspace.access.demand("decide")
    return store(project).all()


def take_in(project: Project) -> frozenset[str]:
    """Write waiting decisions to the ledger (owners and jobs); return which, to be settled once a build showed them."""
    held = store(project).all()
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
        store(project).settle(decision_ids)


def store(project: Project) -> Waiting:
    """Return the decisions of a project's workspace that wait."""
    return Waiting(project.workspace.control, project.settings.workspace)


class Act:
    """One decision in the making, over what the ledger and the waiting decisions say."""

    def __init__(self, project: Project, about: str, reason: str) -> None:
        self._project, self._about, self._reason = project, about, reason.strip()
        self._id, self._at, self._rows = f"d{secrets.token_hex(6)}", now(), list[Decision]()
        self._is_reference: dict[Record, bool] = {}
        ledger = project.workspace.read(DECISIONS).rows if project.workspace.sees(LEDGER) else []
        held = [tuple(getattr(one, name) for name in COLUMNS) for one in store(project).all()]
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
        """Return the customer that a record is, as published."""
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
        newest = {pair_of(row): row for row in self.said}
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
        store(self._project).add(self._rows)
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


COLUMNS = ("decision_id", "kind", "left_source", "left_key", "right_source", "right_key", "survivor", "decided_at")


def pair_of(row: tuple[object, ...]) -> frozenset[tuple[object, object]]:
    """Return the two records of a decision's row, whichever way round it names them."""
    return frozenset(((row[2], row[3]), (row[4], row[5])))
