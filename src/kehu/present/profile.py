"""One customer's page: the golden record with its sources, the evidence behind it, scores, household, organization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kehu.present.account import Account, account
from kehu.present.identity.provenance import Origin, provenance
from kehu.present.identity.waterfall import parsed

if TYPE_CHECKING:
    from kehu.base.types import Json
    from kehu.govern.workspace import Workspace

FIELDS = (
    "full_name", "first_name", "last_name", "email", "phone", "gender", "birth_on", "address", "city", "state",
    "postcode", "country", "loyalty_card", "registered_at",
)  # fmt: skip

HEAD = """
SELECT s.*, p.first_name, p.last_name, p.gender, p.birth_on, p.address, p.postcode, p.country, p.loyalty_card,
  p.registered_at
FROM customer_360 s JOIN customer p USING (customer_id) WHERE s.customer_id = ?
"""
RECORDS = """
SELECT r.source, r.source_key, r.full_name, r.email, r.phone, r.loyalty_card, r.address, r.city, r.is_reference
FROM customer_xref x JOIN customer_record r USING (source, source_key) WHERE x.customer_id = ?
ORDER BY r.is_reference, r.source, r.source_key
"""
MEMBERS = """
SELECT c.customer_id, c.full_name, c.order_count, c.revenue, c.rfm_group, c.is_provisional, h.surname, h.member_count
FROM customer_360 c JOIN household h USING (household_id)
WHERE c.household_id = ? AND c.customer_id <> ? ORDER BY c.revenue DESC NULLS LAST, c.customer_id LIMIT 12
"""


@dataclass(frozen=True)
class Value:
    """One golden value, and where it comes from as far as the actor may know."""

    field: str
    value: Any
    origin: Origin | None = None

    @property
    def source(self) -> str:
        """System of the record it was taken from; empty when that is not known."""
        return self.origin.source if self.origin else ""

    @property
    def source_key(self) -> str:
        """Number of that record."""
        return (self.origin.source_key if self.origin else "") or ""

    @property
    def row_id(self) -> str:
        """Raw row of that record."""
        return self.origin.row_id if self.origin else ""

    @property
    def reason(self) -> str:
        """Why this record's value won."""
        return self.origin.reason if self.origin else ""


@dataclass(frozen=True)
class Profile:
    """All that the customer page shows above the timeline.

    Attributes
    ----------
    customer : dict
        The row of ``customer_360`` with the golden record's further fields; masked values are None.
    values : tuple of Value
        Golden values in reading order, each with its source.
    records : list of dict or None
        Records joined into this customer; None when the actor may not see them.
    household : list of dict
        Other members, each with the household's ``surname`` and ``member_count``.
    account : Account or None
        The organization that the customer belongs to, or is.
    reasons : dict
        What raises (``for``) and lowers (``against``) the churn risk: lists of {feature, value, effect}.
    """

    customer: dict[str, Any]
    values: tuple[Value, ...]
    records: list[dict[str, Any]] | None
    household: list[dict[str, Any]]
    account: Account | None
    reasons: Json


def profile(workspace: Workspace, customer_id: str) -> Profile | None:
    """Return one customer's profile, or None when there is no such customer; up to seven queries.

    Parameters
    ----------
    workspace : Workspace
        Read under the actor's policy.
    customer_id : str
        Whose. Why its records are one, `kehu.present.identity.explanation` tells.
    """
    subject = f"customer:{customer_id}"
    rows = workspace.read(HEAD, (customer_id,), subject=subject).dicts()
    if not rows:
        return None
    customer = rows[0]
    records = None
    if workspace.sees("customer_record"):
        records = workspace.read(RECORDS, (customer_id,), subject=subject).dicts()
    household = []
    if customer.get("household_id"):
        household = workspace.read(MEMBERS, (customer["household_id"], customer_id), subject=subject).dicts()
    values = _values(workspace, customer)
    held = account(workspace, customer_id)
    return Profile(customer, values, records, household, held, parsed(customer.get("churn_reasons"), {}))


def _values(workspace: Workspace, customer: dict[str, Any]) -> tuple[Value, ...]:
    origins: dict[str, Origin] = {}
    if workspace.sees("customer_value"):
        origins = {origin.field: origin for origin in provenance(workspace, customer["customer_id"])}
    known = (name for name in FIELDS if customer.get(name) is not None or name in origins)
    return tuple(Value(name, customer.get(name), origins.get(name)) for name in known)
