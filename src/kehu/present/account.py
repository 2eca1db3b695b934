"""The organization a customer belongs to or is: the account above it, its branches and its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kehu.govern.workspace import Workspace

NEEDED = {"account", "account_member"}
SHOWN = 12  # branches, and people

# Most customers have none: this takes a quarter of the time of `ACCOUNTS`.
HELD = """
SELECT account_id FROM account_member WHERE customer_id = ?
UNION ALL SELECT account_id FROM account WHERE customer_id = ?
"""
ACCOUNTS = """
WITH held AS (
  SELECT account_id, TRUE AS is_member, role, position, evidence FROM account_member WHERE customer_id = ?
  UNION ALL SELECT account_id, FALSE, NULL, NULL, NULL FROM account WHERE customer_id = ?
), own AS (
  SELECT a.account_id, a.name, a.domain, a.customer_id, a.parent_account_id, a.member_count, a.is_provisional,
    h.is_member, h.role, h.position, h.evidence
  FROM held h JOIN account a USING (account_id) ORDER BY a.account_id LIMIT 1
)
SELECT 'own' AS place, account_id, name, domain, customer_id, member_count, is_provisional, is_member, role, position,
  evidence
FROM own
UNION ALL
SELECT 'parent', a.account_id, a.name, a.domain, a.customer_id, a.member_count, a.is_provisional, FALSE,
  NULL, NULL, NULL
FROM own JOIN account a ON a.account_id = own.parent_account_id
UNION ALL
SELECT 'branch', a.account_id, a.name, a.domain, a.customer_id, a.member_count, a.is_provisional, FALSE,
  NULL, NULL, NULL
FROM own JOIN account a ON a.parent_account_id = own.account_id
ORDER BY place DESC, member_count DESC, account_id LIMIT ?
"""
PEOPLE = """
SELECT c.customer_id, c.full_name, c.order_count, c.revenue, m.role, m.position
FROM account_member m JOIN customer_360 c USING (customer_id)
WHERE m.account_id = ? AND m.customer_id <> ? ORDER BY c.revenue DESC NULLS LAST, c.customer_id LIMIT ?
"""


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
    """

    own: dict[str, Any]
    parent: dict[str, Any] | None
    branches: list[dict[str, Any]]
    people: list[dict[str, Any]]

    @property
    def unshown(self) -> int:
        """Members who are neither shown nor the customer asked about."""
        return max(0, (self.own["member_count"] or 0) - int(self.own["is_member"]) - len(self.people))


def account(workspace: Workspace, customer_id: str) -> Account | None:
    """Return the organization that a customer belongs to, or is; None where there is none; up to three queries.

    Parameters
    ----------
    workspace : Workspace
        Read under the actor's policy; a lake of an earlier version has no accounts.
    customer_id : str
        A person, or an organization.
    """
    if not workspace.tables().keys() >= NEEDED:
        return None
    subject = f"customer:{customer_id}"
    if not workspace.read(HELD, (customer_id, customer_id), subject=subject).rows:
        return None
    rows = workspace.read(ACCOUNTS, (customer_id, customer_id, SHOWN + 2), subject=subject).dicts()
    places: dict[str, list[dict[str, Any]]] = {"own": [], "parent": [], "branch": []}
    for row in rows:
        places[row["place"]].append(row)
    if not places["own"]:
        return None
    (own,) = places["own"]
    people = workspace.read(PEOPLE, (own["account_id"], customer_id, SHOWN), subject=subject).dicts()
    return Account(own, next(iter(places["parent"]), None), places["branch"][:SHOWN], people)
