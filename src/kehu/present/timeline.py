"""What happened with one customer, newest first: orders, contacts, interactions, survey answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from kehu.govern.workspace import Workspace

PAGE_SIZE = 20
KINDS = ("order", "interaction", "survey", "contact")

_PARTS = {
    "order": """
SELECT ordered_at AS happened_at, 'order' AS kind, order_id AS key, source, channel AS title, NULL AS body, amount,
  currency, line_count AS number, NULL AS detail FROM orders WHERE customer_id = ?""",
    "interaction": """
SELECT started_at, 'interaction', interaction_id, source, kind, coalesce(text, subject), NULL, NULL, satisfaction,
  status FROM interaction WHERE customer_id = ?""",
    "survey": """
SELECT answered_at, 'survey', response_id, source, survey, text, NULL, NULL, score, NULL
FROM survey_response WHERE customer_id = ?""",
    "contact": """
SELECT r."at", 'contact', r.response_id, r.source, r.kind, c.name, NULL, NULL, NULL, r.coupon
FROM contact_response r LEFT JOIN campaign c USING (campaign_id) WHERE r.customer_id = ?""",
}
LINES = """
SELECT l.line_id, coalesce(p.name, l.product_id) AS product, p.category, l.quantity, l.amount, l.discount, l.currency
FROM order_line l LEFT JOIN product p USING (product_id)
WHERE l.customer_id = ? AND l.order_id = ? ORDER BY l.amount DESC, l.line_id LIMIT 200
"""


@dataclass(frozen=True)
class Entry:
    """One happening; what a field means depends on ``kind``.

    Attributes
    ----------
    at : datetime
        UTC.
    kind : str
        One of `KINDS`.
    key, source : str
        The row behind it, and the source that knows it.
    title : str
        Channel of an order, kind of an interaction or contact, name of a survey.
    body, detail : str or None
        Text, or the campaign's name; status, or the coupon.
    amount, currency, number
        Of an order: money and lines. ``number`` of an answer is its score.
    """

    at: datetime
    kind: str
    key: str
    source: str
    title: str
    body: str | None
    amount: Decimal | None
    currency: str | None
    number: float | None
    detail: str | None

    @property
    def lines(self) -> int:
        """Number of lines of an order."""
        return int(self.number or 0)


@dataclass(frozen=True)
class Timeline:
    """One page of entries; ``following`` is the offset of the next page, or None at the end."""

    entries: tuple[Entry, ...]
    kind: str
    following: int | None
    counts: dict[str, int]


def timeline(workspace: Workspace, customer_id: str, *, kind: str = "", offset: int = 0) -> Timeline:
    """Return a page of what happened; ``kind`` narrows it to one of `KINDS`; one query.

    Parameters
    ----------
    workspace : Workspace
        Read under the actor's policy.
    customer_id : str
        Whose.
    kind : str
        One of `KINDS`, or empty for all.
    offset : int
        Entries to leave out, as the page before said.
    """
    chosen = kind if kind in KINDS else ""
    happened = " UNION ALL ".join(_PARTS.values())
    sql = f"""
WITH happened AS ({happened}), tallied AS (SELECT kind, count(*) AS tally FROM happened GROUP BY kind),
page AS (
  SELECT * FROM happened WHERE ? = '' OR kind = ?
  ORDER BY happened_at DESC NULLS LAST, kind, key LIMIT {PAGE_SIZE + 1} OFFSET ?
)
SELECT p.*, NULL AS tally FROM page p
UNION ALL BY NAME SELECT kind, tally FROM tallied
ORDER BY tally NULLS FIRST, happened_at DESC NULLS LAST, kind, key"""
    params = (*(customer_id for _ in KINDS), chosen, chosen, max(0, offset))
    rows = workspace.read(sql, params, subject=f"customer:{customer_id}").dicts()
    counts = {row["kind"]: row["tally"] for row in rows if row["tally"] is not None}
    entries = [_entry(row) for row in rows if row["tally"] is None]
    following = offset + PAGE_SIZE if len(entries) > PAGE_SIZE else None
    return Timeline(tuple(entries[:PAGE_SIZE]), chosen, following, {name: counts.get(name, 0) for name in KINDS})


def order_lines(workspace: Workspace, customer_id: str, order_id: str) -> list[dict[str, Any]]:
    """Return the lines of one order of this customer, largest first."""
    return workspace.read(LINES, (customer_id, order_id), subject=f"order:{order_id}").dicts()


def _entry(row: dict[str, Any]) -> Entry:
    number = row["number"]
    return Entry(
        row["happened_at"], row["kind"], str(row["key"]), row["source"], row["title"] or "", row["body"], row["amount"],
        row["currency"], None if number is None else float(number), row["detail"],
    )  # fmt: skip
