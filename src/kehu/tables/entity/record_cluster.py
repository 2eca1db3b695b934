"""
description: >-
  Which records are one person or organization, by their matches and by what people decided; references, known from
  facts only, are not here.
grain: one row per described record
kind: merge
key: [source, source_key]
by: [source, source_key]
follows:
  customer_record:
    key: >-
      SELECT source, source_key FROM changed_customer_record WHERE NOT is_reference GROUP BY source, source_key
      HAVING COUNT(*) FILTER(WHERE _is_old) <> COUNT(*) FILTER(WHERE NOT _is_old)
  record_link:
    key: >-
      SELECT left_source, left_key FROM changed_record_link
      UNION SELECT right_source, right_key FROM changed_record_link
  decided_pair:
    key: >-
      SELECT left_source, left_key FROM changed_decided_pair
      UNION SELECT right_source, right_key FROM changed_decided_pair
sort: [source, source_key]
owner: identity
depends: [customer_record, record_link, decided_pair]
columns:
  source: {type: VARCHAR, meaning: System the record comes from, origin: [customer_record.source]}
  source_key: {type: VARCHAR, meaning: Record's number in its source, pii: true, origin: [customer_record.source_key]}
  head_source: {type: VARCHAR, meaning: System of the cluster's first record, origin: [customer_record.source]}
  head_key: {type: VARCHAR, meaning: Its number there, pii: true, origin: [customer_record.source_key]}
  home_source: {type: VARCHAR, origin: [customer_record.source], meaning: "System of the first record of the cluster
    that would be had nobody joined anything by hand"}
  home_key: {type: VARCHAR, meaning: Its number there, pii: true, origin: [customer_record.source_key]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.integrate.identity.record_cluster import record_clusters

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs


def compute(inputs: Inputs) -> pa.Table:
    """Return the cluster of every described record."""
    return record_clusters(inputs.connection, inputs.settings, is_part=inputs.is_part)
