"""
description: Customers who live together, as far as surname with address, surname with phone, or phone with address say.
grain: one row per customer of a household of two or more
kind: merge
key: [customer_id]
by: [customer_id]
follows:
  household_key:
    key: >-
      SELECT customer_id FROM changed_household_key
      UNION SELECT k.customer_id FROM household_key AS k SEMI JOIN changed_household_key AS c ON c.shared = k.shared
owner: identity
depends: [household_key]
columns:
  customer_id: {type: VARCHAR, meaning: Customer, origin: [household_key.customer_id]}
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
    return households(inputs.connection, is_part=inputs.is_part)
