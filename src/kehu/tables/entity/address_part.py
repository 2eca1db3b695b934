"""
description: Every distinct address line of a record as house number and street in one spelling, with the town it names.
grain: one row per distinct text
kind: scratch
key: [address_text]
owner: identity
depends: [stg_customer_record]
origin: [stg_customer_record.address]
columns:
  address_text: {type: VARCHAR, meaning: Address as written, pii: true}
  house_number: {type: VARCHAR, meaning: House number, pii: true}
  street: {type: VARCHAR, meaning: Street in one spelling, pii: true}
  city: {type: VARCHAR, meaning: City that the line names, pii: true}
  postcode: {type: VARCHAR, meaning: Postal code that the line names, pii: true}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.integrate.identity.standardize import address_part

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs

ADDRESSES = "SELECT DISTINCT address FROM stg_customer_record WHERE address IS NOT NULL ORDER BY ALL"


def compute(inputs: Inputs) -> pa.Table:
    """Return the parts of every distinct address."""
    return address_part(text for (text,) in inputs.connection.execute(ADDRESSES).fetchall())
