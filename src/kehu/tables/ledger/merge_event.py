"""
description: >-
  Who joined whom, why and when. A row stays when its reason ends: ended_at says since when the record is
  no longer with that customer by that link.
grain: one row per joining of a record to a customer's other records
kind: merge
key: [customer_id, merge_id]
by: [customer_id]
follows:
  customer_xref: customer_id
  record_link: {key: "SELECT x.customer_id FROM customer_xref AS x SEMI JOIN changed_record_link AS c
    ON c.left_source = x.source AND c.left_key = x.source_key"}
  reference_link: {key: "SELECT x.customer_id FROM customer_xref AS x SEMI JOIN changed_reference_link AS c
    ON c.left_source = x.source AND c.left_key = x.source_key"}
  decided_pair: {key: "SELECT x.customer_id FROM customer_xref AS x SEMI JOIN changed_decided_pair AS c
    ON c.left_source = x.source AND c.left_key = x.source_key"}
sort: [customer_id]
owner: identity
depends: [customer_xref, record_link, reference_link, decided_pair]
columns:
  merge_id: {type: VARCHAR, meaning: Joining, pii: false}
  customer_id: {type: VARCHAR, meaning: Customer, pii: false}
  source: {type: VARCHAR, meaning: System of the record that joined, origin: [customer_xref.source]}
  source_key: {type: VARCHAR, meaning: Record that joined, origin: [customer_xref.source_key]}
  into_source: {type: VARCHAR, meaning: System of the record it was joined with, origin: [customer_xref.source]}
  into_key: {type: VARCHAR, meaning: Record it was joined with, origin: [customer_xref.source_key]}
  rule: {type: VARCHAR, pii: false, meaning: "What decided: as in record_link, reference_link; decided: a person"}
  probability: {type: DOUBLE, meaning: Probability that both are one person, unit: probability, pii: false}
  weight: {type: DOUBLE, meaning: log2 odds behind it, unit: bits, pii: false}
  evidence: {type: VARCHAR, meaning: "Evidence as in record_link, JSON", pii: false}
  actor: {type: VARCHAR, meaning: Who decided; system for a build, pii: false}
  merged_at: {type: TIMESTAMP, meaning: When it was decided, unit: UTC, pii: false}
  ended_at: {type: TIMESTAMP, meaning: Since when it no longer holds; NULL while it does, unit: UTC, pii: false}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.base.clock import now
from kehu.integrate.identity.merge import merge_events

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs


def compute(inputs: Inputs) -> pa.Table:
    """Return former joinings, ended where they no longer hold, and new ones."""
    return merge_events(inputs.connection, at=now(), has_previous=inputs.has("merge_event"), held=inputs.held)
