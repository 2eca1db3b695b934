"""What undoing a joining would give, before anybody undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kehu.base.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.govern.workspace import Workspace

Key = tuple[str, str]
EDGES = """
SELECT merge_id, customer_id, source, source_key, into_source, into_key, rule FROM merge_event
WHERE customer_id = (SELECT customer_id FROM merge_event WHERE merge_id = ? AND ended_at IS NULL) AND ended_at IS NULL
ORDER BY merge_id
"""
RECORDS = """
SELECT r.source, r.source_key, r.full_name, r.email, r.phone, r.birth_on, r.city, r.is_reference, x.founded_id,
  {home} AS home_id
FROM customer_xref AS x JOIN customer_record AS r USING (source, source_key) WHERE x.customer_id = ?
ORDER BY x.founded_at NULLS LAST, r.is_reference, r.source, r.source_key
"""


@dataclass(frozen=True)
class Half:
    """One of the two customers that there would be.

    Attributes
    ----------
    customer_id : str
        The id it keeps or gets back; empty when it never had one and gets a new one.
    records : tuple of dict
        Its records, described ones first.
    """

    customer_id: str
    records: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Parting:
    """What undoing a joining would give.

    Attributes
    ----------
    merge_id, customer_id : str
        The joining, and the customer it holds together now.
    stays, leaves : Half
        The part that keeps the customer's id, and the other one.
    bound : tuple of dict
        Records of both parts that are at one home, so that they stay one customer: undoing what people joined does not
        part what would be together without them.
    """

    merge_id: str
    customer_id: str
    stays: Half
    leaves: Half
    bound: tuple[dict[str, Any], ...] = ()


def unmerge_preview(workspace: Workspace, merge_id: str) -> Parting:
    """Return the two customers that undoing a joining would give; two queries, nothing is written.

    Raises
    ------
    QueryError
        When there is no such joining, or it no longer holds.
    AccessError
        When the actor may not see the records of the sources.
    """
    edges = workspace.read(EDGES, (merge_id,), subject="table:merge_event").rows
    if merge_id not in {row[0] for row in edges}:
        fix = "'kehu customer explain ID' lists the joinings of a customer"
        raise QueryError(f"there is no joining {merge_id!r} that holds", fix=fix)
    customer = edges[0][1]
    start, rule = next(((row[2], row[3]), row[6]) for row in edges if row[0] == merge_id)
    side = together(start, (((row[2], row[3]), (row[4], row[5])) for row in edges if row[0] != merge_id))
    home = "x.home_id" if "home_id" in dict(workspace.tables()["customer_xref"]) else "NULL"  # an earlier version's
    records = workspace.read(RECORDS.format(home=home), (customer,), subject=f"customer:{customer}").dicts()
    one = [row for row in records if (row["source"], row["source_key"]) in side]
    other = [row for row in records if (row["source"], row["source_key"]) not in side]
    stays, leaves = (one, other) if any(row["founded_id"] == customer for row in one) else (other, one)
    bound = _bound(one, other) if rule == "decided" else ()
    return Parting(merge_id, customer, Half(customer, _described(stays)), Half(_id(leaves), _described(leaves)), bound)


def together(start: Key, links: Iterable[tuple[Key, Key]]) -> set[Key]:
    """Return the records that hang together with ``start`` over links."""
    beside: dict[Key, list[Key]] = {}
    for left, right in links:
        beside.setdefault(left, []).append(right)
        beside.setdefault(right, []).append(left)
    found, open_ = {start}, [start]
    while open_:
        for other in beside.get(open_.pop(), []):
            if other not in found:
                found.add(other)
                open_.append(other)
    return found


def _bound(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    homes = [{row["home_id"] for row in side if not row["is_reference"]} for side in (one, other)]
    shared = (homes[0] & homes[1]) - {None}
    return _described([row for row in (*one, *other) if row["home_id"] in shared and not row["is_reference"]])


def _id(records: list[dict[str, Any]]) -> str:
    return next((row["founded_id"] for row in records if row["founded_id"]), "")  # the oldest one


def _described(records: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(sorted(records, key=lambda row: (row["is_reference"], row["source"], row["source_key"])))
