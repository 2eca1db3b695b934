"""
description: Which customer each record of each source is. Ids stay the same from run to run.
grain: one row per source and source_key
kind: merge
key: [source, source_key]
by: [source, source_key]
follows:
  customer_record:
    key: >-
      SELECT source, source_key FROM changed_customer_record GROUP BY source, source_key
      HAVING COUNT(*) FILTER(WHERE _is_old) <> COUNT(*) FILTER(WHERE NOT _is_old)
  record_cluster:
    key: SELECT source, source_key FROM changed_record_cluster
  reference_link:
    key: >-
      SELECT left_source, left_key FROM changed_reference_link
      UNION SELECT right_source, right_key FROM changed_reference_link
  decided_pair:
    key: >-
      SELECT left_source, left_key FROM changed_decided_pair
      UNION SELECT right_source, right_key FROM changed_decided_pair
sort: [customer_id]
owner: identity
depends: [customer_record, record_cluster, reference_link, decided_pair]
columns:
  source: {type: VARCHAR, meaning: System the record comes from, origin: [customer_record.source]}
  source_key: {type: VARCHAR, meaning: Record's number in its source, pii: true, origin: [customer_record.source_key]}
  customer_id: {type: VARCHAR, meaning: Customer, pii: false}
  is_given: {type: BOOLEAN, meaning: "A person decided about it, and builds keep to that", pii: false}
  home_id: {type: VARCHAR, pii: false, meaning: "Id the record is at home with: customer_id, or, where customers are
    joined, the one that its own would have without that; it inherits that id when the founder is gone"}
  founded_id: {type: VARCHAR, pii: false, meaning: "Id that the record founded: it goes where the record goes, and comes
    back when a joining is undone"}
  founded_at: {type: TIMESTAMP, meaning: When it did, unit: UTC, pii: false}
checks: [not_null(customer_id)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.base.clock import now
from kehu.govern.keys import ID_KEY, kept_key
from kehu.integrate.identity.customer_ids import customer_ids

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs


def compute(inputs: Inputs) -> pa.Table:
    """Return the customer of every record."""
    key, has_previous = kept_key(inputs.settings.lake / ID_KEY), inputs.has("customer_xref")
    return customer_ids(inputs.connection, key=key, at=now(), has_previous=has_previous, held=inputs.held)
