"""
description: >-
  Identifiers that do not tell persons apart: placeholders, and values that too many different people, or more than 200
  records of whatever name, share. They are no evidence of identity; nothing is joined by them, and none is dropped
  silently.
grain: one row per field and value
kind: merge
key: [field, value]
by: [field, value]
follows:
  customer_record:
    key: >-
      SELECT 'email', email FROM changed_customer_record UNION SELECT 'phone', phone FROM changed_customer_record
      UNION SELECT 'loyalty_card', loyalty_card FROM changed_customer_record
      UNION SELECT 'national_id', national_id FROM changed_customer_record
      UNION SELECT 'birth_on', CAST(birth_on AS TEXT) FROM changed_customer_record
owner: identity
depends: [customer_record]
columns:
  field: {type: VARCHAR, meaning: "email, phone, loyalty_card, national_id or birth_on", pii: false}
  value: {type: VARCHAR, meaning: The value, pii: true}
  record_count: {type: BIGINT, meaning: Records that hold it, unit: records, pii: false}
  name_count: {type: BIGINT, meaning: Different initials of their holders, unit: names, pii: false}
  reason: {type: VARCHAR, meaning: placeholder or shared, pii: false}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.integrate.identity.blocked import blocked_values

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs


def compute(inputs: Inputs) -> pa.Table:
    """Return the values by which nothing is joined."""
    return blocked_values(inputs.connection, is_part=inputs.is_part)
