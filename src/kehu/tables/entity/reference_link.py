"""
description: >-
  Which record a reference resolves to: a till's card, a web shop's e-mail or phone. One that nobody holds is linked to
  the first reference with the same value.
grain: one row per reference that a record, or another reference, explains
kind: full
key: [left_source, left_key]
sort: [left_source, left_key]
owner: identity
depends: [customer_record, blocked_value, record_cluster, decided_pair]
origin: [customer_record.source_key]
columns:
  left_source: {type: VARCHAR, meaning: Source of the reference, origin: [customer_record.source]}
  left_key: {type: VARCHAR, meaning: Key of the reference}
  right_source: {type: VARCHAR, meaning: Source of the record it resolves to, origin: [customer_record.source]}
  right_key: {type: VARCHAR, meaning: Key of that record}
  rule: {type: VARCHAR, pii: false, meaning: "What decided: loyalty_card, key, email or phone"}
  probability: {type: DOUBLE, meaning: Probability that it is this one, unit: probability, pii: false}
  weight: {type: DOUBLE, meaning: log2 odds behind the rule, unit: bits, pii: false}
  decision: {type: VARCHAR, meaning: match, pii: false}
  evidence: {type: VARCHAR, pii: false, meaning: "How many hold the value and why this one was chosen, JSON"}
checks: ["probability BETWEEN 0 AND 1"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.integrate.identity.reference import resolve

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs


def compute(inputs: Inputs) -> pa.Table:
    """Return the record that each reference resolves to."""
    return resolve(inputs.connection)
