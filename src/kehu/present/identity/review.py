"""The pairs of customers that wait for a person's decision, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kehu.base.errors import QueryError
from kehu.present.identity.evidence import PERSON, Key
from kehu.present.identity.waterfall import Waterfall, waterfall

if TYPE_CHECKING:
    from kehu.govern.workspace import Workspace

LEAST, MOST = 1, 200  # pairs on one page
EACH = 12  # records shown of one customer
PAIRS = """
SELECT left_customer, right_customer, left_source, left_key, right_source, right_key, rule, probability, weight,
  evidence, pair_count, record_count, worth, (SELECT count(*) FROM review_pair) AS total
FROM review_pair
WHERE ? OR worth < ? OR (worth = ? AND (left_customer > ? OR (left_customer = ? AND right_customer > ?)))
ORDER BY worth DESC, left_customer, right_customer LIMIT ?
"""


@dataclass(frozen=True)
class Side:
    """One of two customers who may be one.

    Attributes
    ----------
    customer_id : str
        The customer.
    record : tuple of str
        Source and key of the record that is most like the other side.
    records : list of dict
        Its described records, that one first.
    """

    customer_id: str
    record: Key
    records: list[dict[str, Any]]


@dataclass(frozen=True)
class ReviewPair:
    """Two customers who may be one.

    Attributes
    ----------
    left, right : Side
        The two; a decision is about their ``record``.
    rule : str
        What spoke for it.
    worth : float
        Right joinings to expect of a decision; the queue's order.
    pair_count : int
        Pairs of their records that are near misses.
    waterfall : Waterfall
        How the weight of the best pair came to be.
    """

    left: Side
    right: Side
    rule: str
    worth: float
    pair_count: int
    waterfall: Waterfall


@dataclass(frozen=True)
class Queue:
    """One page of the queue; ``following`` asks for the next one (``after``), None at the end."""

    pairs: tuple[ReviewPair, ...]
    total: int
    following: str | None


def review_queue(workspace: Workspace, *, limit: int = 20, after: str = "") -> Queue:
    """Return pairs of customers that wait for a decision, the most worthwhile first; two queries.

    Parameters
    ----------
    workspace : Workspace
        Read under the actor's policy.
    limit : int
        Pairs, 1 to 200.
    after : str
        ``following`` of the page before; empty for the first.

    Raises
    ------
    QueryError
        When ``after`` comes from no page.
    AccessError
        When the actor may not see the records of the sources.
    """
    wanted = max(LEAST, min(limit, MOST))
    worth, left, right = _place(after)
    params = (not after, worth, worth, left, left, right, wanted + 1)
    rows = workspace.read(PAIRS, params, subject="table:review_pair").dicts()
    shown = rows[:wanted]
    records = _records(workspace, sorted({row[side] for row in shown for side in ("left_customer", "right_customer")}))
    following = None
    if len(rows) > wanted:
        last = shown[-1]
        following = f"{last['worth']!r}:{last['left_customer']}:{last['right_customer']}"
    return Queue(tuple(_pair(row, records) for row in shown), rows[0]["total"] if rows else 0, following)


def _place(after: str) -> tuple[float, str, str]:
    if not after:
        return 0.0, "", ""
    parts = after.split(":")
    try:
        worth, left, right = float(parts[0]), parts[1], parts[2]
    except (ValueError, IndexError) as error:
        raise QueryError(f"{after!r} is no place in the queue", fix="Begin with the first page") from error
    return worth, left, right


def _records(workspace: Workspace, customers: list[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {customer: [] for customer in customers}
    if not customers:
        return found
    marks = ", ".join("?" for _ in customers)
    sql = f"""
SELECT x.customer_id, {PERSON} FROM customer_xref AS x JOIN customer_record AS r USING (source, source_key)
WHERE x.customer_id IN ({marks}) AND NOT r.is_reference ORDER BY x.customer_id, r.source, r.source_key
"""
    for row in workspace.read(sql, tuple(customers), subject="table:review_pair").dicts():
        found[row.pop("customer_id")].append(row)
    return found


def _pair(row: dict[str, Any], records: dict[str, list[dict[str, Any]]]) -> ReviewPair:
    def side(name: str) -> Side:
        customer, key = row[f"{name}_customer"], (row[f"{name}_source"], row[f"{name}_key"])
        first = sorted(records[customer], key=lambda one: (one["source"], one["source_key"]) != key)
        return Side(customer, key, first[:EACH])

    return ReviewPair(side("left"), side("right"), row["rule"], row["worth"], row["pair_count"], waterfall(row))
