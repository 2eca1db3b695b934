"""A decision about who is who in the making, kept durably, and taken into the lake's ledger by the next build."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, fields
from itertools import product
from typing import TYPE_CHECKING, Any

from kehu.base.clock import now
from kehu.base.errors import QueryError
from kehu.flow.tables import full_catalog
from kehu.govern.audit import Event
from kehu.govern.decision import Decision, Waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.flow.project import Project
    from kehu.govern.decision import Record, Verdict
    from kehu.warehouse.lake import Writer

LEDGER = "identity_decision"
MOST_PAIRS = 250_000  # beyond, a joining is between crowds: something else is wrong with them
RECORDS = """
SELECT x.source, x.source_key, r.is_reference, {home}
FROM customer_xref AS x JOIN customer_record AS r USING (source, source_key)
WHERE x.customer_id = ? ORDER BY r.is_reference, x.source, x.source_key
"""
CUSTOMERS = """
SELECT x.source, x.source_key, x.customer_id FROM customer_xref AS x
JOIN (VALUES {rows}) AS v(source, source_key) ON v.source = x.source AND v.source_key = x.source_key
"""
DECISIONS = f"""
SELECT {", ".join(field.name for field in fields(Decision))} FROM identity_decision ORDER BY decided_at, decision_id
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


def take_in(project: Project, writer: Writer) -> frozenset[str]:
    """Write waiting decisions to the ledger, with the build that shows them; return which, to be settled after it."""
    held = store(project).all()
    if not held:
        return frozenset()
    import pyarrow as pa

    from kehu.warehouse.build.build import ensure
    from kehu.warehouse.session.spare import spare_arrow

    spare_arrow()
    ensure(writer, full_catalog(project, {}, ()).table(LEDGER))
    rows = pa.Table.from_pylist([asdict(one) for one in held])
    writer.connection.register("kehu_decided", rows)
    known = f"SELECT decision_id FROM lake.main.{LEDGER}"  # of a build that ended before it could settle them
    names = ", ".join(rows.column_names)
    writer.append(LEDGER, f"SELECT {names} FROM kehu_decided WHERE decision_id NOT IN ({known})")
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
    """One decision in the making, over what the ledger and the waiting decisions say (``said``, oldest first)."""

    def __init__(self, project: Project, about: str, reason: str) -> None:
        self._project, self._about, self._reason = project, about, reason.strip()
        self._id, self._at = f"d{secrets.token_hex(6)}", now()
        self._rows: dict[frozenset[Record], Decision] = {}
        self._is_reference: dict[Record, bool] = {}
        self._home: dict[Record, str | None] = {}
        tables = {name: dict(columns) for name, columns in project.workspace.tables().items()}
        self._home_sql = "x.home_id" if "home_id" in tables.get("customer_xref", {}) else "NULL"  # an earlier version's
        ledger = [Decision(*row) for row in project.workspace.read(DECISIONS).rows] if LEDGER in tables else []
        known = {one.decision_id for one in ledger}
        self.said = [*ledger, *(one for one in store(project).all() if one.decision_id not in known)]

    def records(self, customer: str) -> list[Record]:
        """Return a customer's records, described ones first."""
        sql = RECORDS.format(home=self._home_sql)
        rows = self._project.workspace.read(sql, [customer], subject=f"customer:{customer}").rows
        if not rows:
            raise QueryError(f"there is no customer {customer!r}", fix="Look for one with 'kehu customer find TEXT'")
        self._is_reference.update({(source, key): is_reference for source, key, is_reference, _ in rows})
        self._home.update({(source, key): home for source, key, _, home in rows})
        return [(source, key) for source, key, *_ in rows]

    def speaking(self, records: Sequence[Record]) -> list[Record]:
        """Return the records that a decision is about: described ones, or references where there are no others."""
        described = [one for one in records if not self._is_reference[one]]
        return described or list(records)

    def customer_of(self, record: Record) -> str:
        """Return the customer that a record is, as published."""
        found = customers_of(self._project, [record])
        if record not in found:
            fix = "Name source and key as explain shows them"
            raise QueryError(f"there is no record {':'.join(record)}", fix=fix)
        return found[record]

    def withdraw(self, left: Sequence[Record], right: Sequence[Record], kind: Verdict) -> None:
        """Withdraw what was decided, and still holds, between records of two sides."""
        sides = {**dict.fromkeys(left, True), **dict.fromkeys(right, False)}
        for one in {one.pair: one for one in self.said}.values():
            crosses = one.left in sides and one.right in sides and sides[one.left] != sides[one.right]
            if crosses and one.kind == kind:
                self.say("withdrawn", [one.left], [one.right])

    def say(
        self,
        kind: Verdict,
        left: Sequence[Record],
        right: Sequence[Record],
        *,
        survivor: str | None = None,
        but_at_home: bool = False,
    ) -> None:
        """Add a decision about every pair of two sides; of a pair the last word counts.

        With ``but_at_home`` not about two records at one home: what people said holds them apart, and when that ends,
        they must find together again.
        """
        if len(left) * len(right) > MOST_PAIRS:
            what = f"the two sides have {len(left)} and {len(right)} records"
            raise QueryError(what, fix="Correct the value they share in its source, or block it")
        actor = self._project.workspace.access.actor
        for one, other in product(left, right):
            if but_at_home and self._home[one] is not None and self._home[one] == self._home[other]:
                continue
            row = Decision(self._id, kind, *one, *other, survivor, self._about, self._reason, actor, self._at)
            self._rows[row.pair] = row

    def keep(self, kind: Verdict, customers: tuple[str, ...]) -> Decided:
        """Keep the decision durably, on record."""
        workspace = self._project.workspace
        store(self._project).add(self._rows.values())
        access = workspace.access
        subject = ",".join(f"customer:{one}" for one in customers)
        roles = " ".join(sorted(access.roles))
        standing: dict[str, Any] = {"roles": roles, "workspace": access.workspace, "purpose": access.purpose}
        text = f"{kind} {self._id} about {self._about}".strip()
        workspace.audit.append(Event(access.actor, "decide", subject, text, **standing))
        return Decided(self._id, kind, len(self._rows), customers)


def customers_of(project: Project, records: Sequence[Record]) -> dict[Record, str]:
    """Return the customer of each record, as published; one that is gone with its source is left out."""
    if not records:
        return {}
    marks = ", ".join("(?, ?)" for _ in records)
    values = [part for record in records for part in record]
    rows = project.workspace.read(CUSTOMERS.format(rows=marks), values, subject="table:customer_xref").rows
    return {(source, key): customer for source, key, customer in rows}
