"""How far who is who may be trusted, and what the last build changed in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from kehu.govern.workspace import Workspace

NEEDED = {"identity_quality", "customer_xref", "merge_event"}
MEASURES = "SELECT measure, detail, value FROM identity_quality ORDER BY measure, detail"
SUSPICIOUS = """
SELECT s.customer_id, s.reason, s.detail, s.record_count, c.full_name
FROM suspicious_customer AS s LEFT JOIN customer AS c USING (customer_id)
ORDER BY s.record_count DESC, s.reason, s.customer_id LIMIT ?
"""
NEWEST = """
SELECT greatest((SELECT max(founded_at) FROM customer_xref), (SELECT max(merged_at) FROM merge_event),
  (SELECT max(ended_at) FROM merge_event)) AS changed_at
"""
# An id is new when its own record founded it since then. One that a record founded before and nobody bears any more was
# merged into another; one whose record left another customer since then came back, or was split off.
RUN = """
WITH since AS (SELECT CAST(? AS TIMESTAMP) AS since), came AS (
  SELECT DISTINCT x.customer_id FROM merge_event AS m JOIN customer_xref AS x USING (source, source_key)
  WHERE m.ended_at > (SELECT since FROM since) AND x.customer_id <> m.customer_id
), id AS (
  SELECT x.customer_id, bool_or(x.founded_id = x.customer_id AND x.founded_at > (SELECT since FROM since)) AS is_new,
    bool_or(c.customer_id IS NOT NULL) AS is_split
  FROM customer_xref AS x LEFT JOIN came AS c USING (customer_id) GROUP BY x.customer_id
), gone AS (
  SELECT DISTINCT x.founded_id FROM customer_xref AS x
  JOIN merge_event AS m ON m.customer_id = x.customer_id AND m.ended_at IS NULL
  ANTI JOIN id AS i ON i.customer_id = x.founded_id
  WHERE x.founded_at <= (SELECT since FROM since) AND m.merged_at > (SELECT since FROM since)
)
SELECT count(*) FILTER (NOT is_new AND NOT is_split) AS carried_over, count(*) FILTER (is_new AND NOT is_split) AS new,
  (SELECT count(*) FROM gone) AS merged, count(*) FILTER (is_split) AS split
FROM id
"""


@dataclass(frozen=True)
class Change:
    """What became of customers' ids in the newest build that changed any.

    Attributes
    ----------
    carried_over, new : int
        Customers who kept their id, and who got one.
    merged, split : int
        Ids that went into another customer's, and customers who left another one.
    changed_at, since : datetime or None
        When, and the published snapshot before it (None: everything is new). UTC.
    """

    carried_over: int
    new: int
    merged: int
    split: int
    changed_at: datetime
    since: datetime | None


@dataclass(frozen=True)
class Quality:
    """How far who is who may be trusted.

    Attributes
    ----------
    measures : dict
        Measure to value, as ``identity_quality`` describes them: records, customers, expected_precision, ...
    parts : dict of dict
        Measure to its parts: customers_by_records, compared_pairs, reviewed_same (low, high), suspicious_customers.
    change : Change or None
        What the newest build changed; None when the actor may not see it.
    suspicious : list of dict or None
        Customers whose records may be more than one person, the largest first; None when the actor may not see them.
    """

    measures: dict[str, float]
    parts: dict[str, dict[str, float]]
    change: Change | None
    suspicious: list[dict[str, Any]] | None


def identity_quality(workspace: Workspace, *, most: int = 50) -> Quality | None:
    """Return how good identity is, and its suspicious customers; None before it was measured; up to four queries."""
    tables = workspace.tables()
    if "identity_quality" not in tables:
        return None
    measures: dict[str, float] = {}
    parts: dict[str, dict[str, float]] = {}
    for measure, detail, value in workspace.read(MEASURES, subject="table:identity_quality").rows:
        if detail:
            parts.setdefault(measure, {})[detail] = value
        else:
            measures[measure] = value
    suspicious = None
    if "suspicious_customer" in tables:
        suspicious = workspace.read(SUSPICIOUS, (most,), subject="table:suspicious_customer").dicts()
    return Quality(measures, parts, changed(workspace), suspicious)


def changed(workspace: Workspace) -> Change | None:
    """Return what became of customers' ids in the newest build that changed any; None when that cannot be seen."""
    tables = workspace.tables()
    if not tables.keys() >= NEEDED or "founded_at" not in dict(tables["customer_xref"]):
        return None
    at = workspace.read(NEWEST, subject="table:customer_xref").value()
    if at is None:
        return None
    since = max((one.at for one in workspace.published() if one.at < at), default=None)
    row = workspace.read(RUN, (since or "0001-01-01",), subject="table:customer_xref").one()
    return Change(**row, changed_at=at, since=since)
