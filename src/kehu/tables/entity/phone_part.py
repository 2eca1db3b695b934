"""
description: Phone numbers of records that are not yet E.164, read with the workspace's region.
grain: one row per distinct text
kind: scratch
key: [phone_text]
owner: identity
depends: [stg_customer_record]
origin: [stg_customer_record.phone]
columns:
  phone_text: {type: VARCHAR, meaning: Number as written, pii: true}
  phone: {type: VARCHAR, meaning: "E.164; NULL when it cannot be a number", pii: true}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.integrate.standardize import phone_part

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs

PHONES = r"""
SELECT DISTINCT phone FROM stg_customer_record
WHERE phone IS NOT NULL AND NOT regexp_full_match(phone, '\+[1-9][0-9]{6,14}') ORDER BY ALL
"""


def compute(inputs: Inputs) -> pa.Table:
    """Return E.164 for every distinct text that is not."""
    phones = [text for (text,) in inputs.connection.execute(PHONES).fetchall()]
    return phone_part(phones, inputs.settings.region)
