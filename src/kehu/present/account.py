"""The organization a customer belongs to or is: the account above it, its branches and its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kehu.govern.workspace import Workspace

NEEDED = {"account", "account_member"}
SHOWN = 12  # branches, and people

# Most customers have none, so this is asked alone: it takes less than half of the time of both.
OWN = """
SELECT a.account_id, a.name, a.domain, a.customer_id, a.parent_account_id, a.member_count, a.is_provisional,
  h.is_member, h.role, h.position, h.evidence
FROM (
  SELECT account_id, TRUE AS is_member, role, position, evidence FROM account_member WHERE customer_id = ?
  UNION ALL SELECT account_id, FALSE, NULL, NULL, NULL FROM account WHERE customer_id = ?
) AS h JOIN account AS a USING (account_id) ORDER BY a.account_id LIMIT 1
"""
AROUND = """
WITH near AS (
  SELECT 'parent' AS place, account_id, name, domain, customer_id, member_count, is_provisional
  FROM account WHERE account_id = ?
  UNION ALL SELECT 'branch', account_id, name, domain, customer_id, member_count, is_provisional
  FROM account WHERE parent_account_id = ?
  ORDER BY place DESC, member_count DESC, account_id LIMIT ?
), people AS (
  SELECT 'person' AS place, c.customer_id, c.full_name, c.order_count, c.revenue, m.role, m.position
  FROM account_member AS m JOIN customer_360 AS c USING (customer_id) WHERE m.account_id = ? AND m.customer_id <> ?
  ORDER BY c.revenue DESC NULLS LAST, c.customer_id LIMIT ?
)
SELECT * FROM near UNION ALL BY NAME SELECT * FROM people{total}
ORDER BY place, member_count DESC, account_id, revenue DESC NULLS LAST, customer_id
"""
TOTAL = """
UNION ALL BY NAME
SELECT 'total' AS place, customer_count, order_count, revenue, last_order_on FROM account_total WHERE account_id = ?"""


@dataclass(frozen=True)
class Account:
    """One organization as a customer's page shows it.

    Attributes
    ----------
    own : dict
        The account: its ``name``, the ``customer_id`` that the organization has (None when it is known by its people
        only), and whether the customer asked about ``is_member``, in which ``role`` and ``position``, and by which
        ``evidence``.
    parent : dict or None
        The account it is a branch or subsidiary of.
    branches : list of dict
        Accounts below it, the one with most people first; at most 12.
    people : list of dict
        Its members but for the customer asked about, who bought most first; at most 12.
    total : dict or None
        What the organization and all its people bought: ``customer_count`` who did, ``order_count``, ``revenue`` and
        ``last_order_on``. None when nobody did.
    """

    own: dict[str, Any]
    parent: dict[str, Any] | None
    branches: list[dict[str, Any]]
    people: list[dict[str, Any]]
    total: dict[str, Any] | None = None

    @property
    def unshown(self) -> int:
        """Members who are neither shown nor the customer asked about."""
        return max(0, (self.own["member_count"] or 0) - int(self.own["is_member"]) - len(self.people))


def account(workspace: Workspace, customer_id: str) -> Account | None:
    """Return the organization that a customer belongs to, or is; None where there is none; up to two queries.

    Parameters
    ----------
    workspace : Workspace
        Read under the actor's policy; a lake of an earlier version has no accounts.
    customer_id : str
        A person, or an organization.
    """
    tables = workspace.tables().keys()
    if not tables >= NEEDED:
        return None
    subject = f"customer:{customer_id}"
    rows = workspace.read(OWN, (customer_id, customer_id), subject=subject).dicts()
    if not rows:
        return None
    (own,) = rows
    held = own["account_id"]
    params = [own["parent_account_id"], held, SHOWN + 1, held, customer_id, SHOWN]
    has_total = "account_total" in tables
    sql = AROUND.format(total=TOTAL if has_total else "")
    places: dict[str, list[dict[str, Any]]] = {"parent": [], "branch": [], "person": [], "total": []}
    for row in workspace.read(sql, [*params, held] if has_total else params, subject=subject).dicts():
        places[row["place"]].append(row)
    parent, total = (next(iter(places[place]), None) for place in ("parent", "total"))
    return Account(own, parent, places["branch"][:SHOWN], places["person"], total)
