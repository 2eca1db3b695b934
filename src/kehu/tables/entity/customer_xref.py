"""
description: Which customer each record of each source is. Ids stay the same from run to run.
grain: one row per source and source_key
kind: full
key: [source, source_key]
sort: [customer_id]
owner: identity
depends: [customer_record, record_link]
columns:
  source: {type: VARCHAR, meaning: System the record comes from, origin: [customer_record.source]}
  source_key: {type: VARCHAR, meaning: Record's number in its source, pii: true, origin: [customer_record.source_key]}
  customer_id: {type: VARCHAR, meaning: Customer, pii: false}
  is_given: {type: BOOLEAN, meaning: Decided by a person and never changed by a build, pii: false}
checks: [not_null(customer_id)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.govern.keys import ID_KEY, kept_key
from kehu.integrate.identity.customer_ids import customer_ids

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs


def compute(inputs: Inputs) -> pa.Table:
    """Return the customer of every record."""
    key = kept_key(inputs.settings.lake / ID_KEY)
    return customer_ids(inputs.connection, inputs.settings, key=key, has_previous=inputs.has("customer_xref"))
