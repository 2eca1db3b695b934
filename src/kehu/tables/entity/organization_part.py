"""
description: Every distinct name that may be an organization's, so that two spellings of it can be compared.
grain: one row per distinct text
kind: scratch
key: [organization_text]
owner: identity
depends: [stg_customer_record]
origin: [stg_customer_record.full_name, stg_customer_record.company]
columns:
  organization_text: {type: VARCHAR, meaning: Name as written, pii: true}
  organization_key: {type: VARCHAR, meaning: "Its words to compare, without legal form", pii: true}
  parent_key: {type: VARCHAR, meaning: The same of the organization that a branch belongs to, pii: true}
  is_organization: {type: BOOLEAN, meaning: The name alone says that it is no person's, pii: false}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.integrate.identity.organization_name import organization_part

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs

NAMES = """
SELECT full_name FROM stg_customer_record
WHERE full_name IS NOT NULL AND birth_on IS NULL AND gender IS NULL AND (first_name IS NULL OR last_name IS NULL)
UNION SELECT company FROM stg_customer_record WHERE company IS NOT NULL
ORDER BY ALL
"""


def compute(inputs: Inputs) -> pa.Table:
    """Return the parts of every distinct name that may be an organization's."""
    return organization_part(text for (text,) in inputs.connection.execute(NAMES).fetchall())
