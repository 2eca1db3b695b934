"""What a workspace knows apart from orders: how many customers, records, households and organizations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kehu.govern.workspace import Workspace

CUSTOMERS = """
SELECT count(*) AS customers, count(*) FILTER (is_provisional) AS provisional,
  coalesce(sum(record_count), 0)::BIGINT AS records, count(DISTINCT household_id) AS households
FROM customer_360
"""
WITH_ACCOUNTS = f"SELECT c.*, a.accounts FROM ({CUSTOMERS}) c, (SELECT count(*) AS accounts FROM account) a"


@dataclass(frozen=True)
class Holding:
    """Counts over all customers that the actor may see.

    Attributes
    ----------
    customers, provisional : int
        All, and those known by a reference alone.
    records : int
        Records of the sources that were joined into them.
    households : int
        Homes that at least one of them belongs to.
    accounts : int or None
        Organizations; None when the lake has none of these tables, or the actor may not see them.
    """

    customers: int
    provisional: int
    records: int
    households: int
    accounts: int | None = None


def holding(workspace: Workspace) -> Holding:
    """Return what is known about customers, whether or not they ordered; one query."""
    sql = WITH_ACCOUNTS if "account" in workspace.tables() else CUSTOMERS
    return Holding(**workspace.read(sql, subject="table:customer_360").one())
