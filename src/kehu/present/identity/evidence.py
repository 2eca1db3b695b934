"""Why a customer's records are one, and who was nearly the same and is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kehu.base.errors import QueryError
from kehu.present.identity.waterfall import Waterfall, waterfall

if TYPE_CHECKING:
    from datetime import datetime

    from kehu.govern.workspace import Workspace

MOST = 60  # records, joinings and near misses shown of one customer
PERSON = """r.source, r.source_key, r.full_name, r.birth_on, r.gender, r.email, r.phone, r.loyalty_card, r.national_id,
  r.address, r.city, r.postcode, r.company, r.registered_at, r.updated_at, r.is_reference, r.row_id"""
RECORDS = f"""
SELECT {PERSON}, b.stream, b.file, TRY_CAST(split_part(r.row_id, '-', 2) AS BIGINT) AS line, b.batch_id
FROM customer_xref AS x JOIN customer_record AS r USING (source, source_key)
LEFT JOIN import_batch AS b ON b.batch_id = split_part(r.row_id, '-', 1)
WHERE x.customer_id = ? ORDER BY r.is_reference, r.source, r.source_key LIMIT {MOST}
"""
JOININGS = f"""
SELECT merge_id, source AS left_source, source_key AS left_key, into_source AS right_source, into_key AS right_key,
  rule, probability, weight, evidence, actor, merged_at, ended_at
FROM merge_event WHERE customer_id = ? ORDER BY ended_at DESC NULLS FIRST, weight DESC, merge_id LIMIT {MOST}
"""
NEAR = f"""
WITH mine AS (
  SELECT source, source_key FROM customer_xref WHERE customer_id = ?
), pair AS (
  SELECT l.left_source, l.left_key, l.right_source, l.right_key, l.rule, l.probability, l.weight, l.decision, l.evidence
  FROM record_link AS l SEMI JOIN mine AS m ON m.source = l.left_source AND m.source_key = l.left_key
  UNION ALL
  SELECT l.right_source, l.right_key, l.left_source, l.left_key, l.rule, l.probability, l.weight, l.decision, l.evidence
  FROM record_link AS l SEMI JOIN mine AS m ON m.source = l.right_source AND m.source_key = l.right_key
)
SELECT p.*, x.customer_id, r.full_name, r.email, r.phone, r.birth_on, r.city
FROM pair AS p
JOIN customer_xref AS x ON x.source = p.right_source AND x.source_key = p.right_key
JOIN customer_record AS r ON r.source = p.right_source AND r.source_key = p.right_key
WHERE x.customer_id <> ?
ORDER BY p.weight DESC, p.left_source, p.left_key, p.right_source, p.right_key LIMIT {MOST}
"""
DECISIONS = """
WITH mine AS (SELECT source, source_key FROM customer_xref WHERE customer_id = ?)
SELECT d.decision_id, d.kind, d.left_source, d.left_key, d.right_source, d.right_key, d.about, d.reason, d.actor,
  d.decided_at
FROM identity_decision AS d
WHERE EXISTS (
  SELECT 1 FROM mine AS m WHERE (m.source = d.left_source AND m.source_key = d.left_key)
    OR (m.source = d.right_source AND m.source_key = d.right_key)
)
ORDER BY d.decided_at DESC, d.decision_id, d.left_source, d.left_key, d.right_source, d.right_key
"""
Key = tuple[str, str]


@dataclass(frozen=True)
class Joining:
    """One link that holds, or held, records together: a row of ``merge_event``.

    Attributes
    ----------
    merge_id : str
        What ``kehu customer unmerge`` takes.
    left, right : tuple of str
        Source and key of the record that joined, and of the one it joined.
    rule, actor : str
        What decided; ``system``, or the person who did.
    merged_at, ended_at : datetime
        Since when, and until when; ``ended_at`` is None while it holds. UTC.
    waterfall : Waterfall
        How its weight came to be.
    """

    merge_id: str
    left: Key
    right: Key
    rule: str
    actor: str
    merged_at: datetime
    ended_at: datetime | None
    waterfall: Waterfall


@dataclass(frozen=True)
class NearMiss:
    """A pair that was compared and not joined.

    Attributes
    ----------
    left, right : tuple of str
        Source and key of the customer's own record, and of the other customer's.
    customer_id : str
        The other customer.
    record : dict
        full_name, email, phone, birth_on and city of the other record.
    why : str
        ``told_apart`` (a person said so), ``contradiction`` (``rule`` names it), ``too_little`` (likely, but below
        ``match_at``) or ``outweighed`` (alike, but the other records of both speak against it).
    rule : str
        What spoke for or against it.
    waterfall : Waterfall
        How its weight came to be.
    """

    left: Key
    right: Key
    customer_id: str
    record: dict[str, Any]
    why: str
    rule: str
    waterfall: Waterfall


@dataclass(frozen=True)
class Explanation:
    """Why records are one customer.

    Attributes
    ----------
    customer_id : str
        Whose.
    records : list of dict
        The records, described ones first, each with stream, file, line and batch it came from.
    joinings, former : tuple of Joining
        What holds them together now, and what held once.
    near : tuple of NearMiss
        Pairs with other customers' records, the most alike first.
    decisions : list of dict
        What people decided about its records, newest first.
    """

    customer_id: str
    records: list[dict[str, Any]]
    joinings: tuple[Joining, ...]
    former: tuple[Joining, ...]
    near: tuple[NearMiss, ...]
    decisions: list[dict[str, Any]]


def explanation(workspace: Workspace, customer_id: str) -> Explanation:
    """Return why a customer's records are one, and the near misses; four queries.

    Raises
    ------
    QueryError
        When there is no such customer.
    AccessError
        When the actor may not see the records of the sources.
    """
    subject = f"customer:{customer_id}"

    def ask(sql: str, *params: str) -> list[dict[str, Any]]:
        return workspace.read(sql, params, subject=subject).dicts()

    records = ask(RECORDS, customer_id)
    if not records:
        raise QueryError(f"there is no customer {customer_id!r}", fix="Look for one with 'kehu customer find TEXT'")
    joinings = [_joining(row) for row in ask(JOININGS, customer_id)]
    decisions = ask(DECISIONS, customer_id) if "identity_decision" in workspace.tables() else []
    told = _told_apart(decisions)
    near = tuple(_near(row, told) for row in ask(NEAR, customer_id, customer_id))
    now = tuple(one for one in joinings if one.ended_at is None)
    former = tuple(one for one in joinings if one.ended_at is not None)
    return Explanation(customer_id, records, now, former, near, decisions)


def _joining(row: dict[str, Any]) -> Joining:
    left, right = _keys(row)
    names = ("merge_id", "rule", "actor", "merged_at", "ended_at")
    return Joining(**{name: row[name] for name in names}, left=left, right=right, waterfall=waterfall(row))


def _near(row: dict[str, Any], told: frozenset[frozenset[Key]]) -> NearMiss:
    left, right = _keys(row)
    why = {"apart": "contradiction", "review": "too_little"}.get(row["decision"], "outweighed")
    if frozenset((left, right)) in told:
        why = "told_apart"
    record = {name: row[name] for name in ("full_name", "email", "phone", "birth_on", "city")}
    return NearMiss(left, right, row["customer_id"], record, why, row["rule"], waterfall(row))


def _told_apart(decisions: list[dict[str, Any]]) -> frozenset[frozenset[Key]]:
    """Return the pairs whose newest decision says that they are different."""
    newest: dict[frozenset[Key], str] = {}
    for row in decisions:
        newest.setdefault(frozenset(_keys(row)), row["kind"])
    return frozenset(pair for pair, kind in newest.items() if kind == "different")


def _keys(row: dict[str, Any]) -> tuple[Key, Key]:
    return (row["left_source"], row["left_key"]), (row["right_source"], row["right_key"])
