"""
description: Customers who live together, as far as surname with address, surname with phone, or phone with address say.
grain: one row per customer of a household of two or more
kind: full
key: [customer_id]
owner: identity
depends: [customer_record, customer_xref, blocked_value]
columns:
  customer_id: {type: VARCHAR, meaning: Customer, origin: [customer_xref.customer_id]}
  household_id: {type: VARCHAR, meaning: Household, pii: false}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.integrate.identity.household import households

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs


def compute(inputs: Inputs) -> pa.Table:
    """Return the household of every customer who shares one."""
    return households(inputs.connection)
