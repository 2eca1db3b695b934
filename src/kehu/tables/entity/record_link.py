"""
description: >-
  Pairs of records that are, may be, or though similar are not one person, with the evidence. A pair once compared stays
  compared while it shares a blocking key, however many come to share that. What people decided stands in
  identity_decision, which record a reference resolves to in reference_link.
grain: one row per pair of records
kind: merge
key: [left_source, left_key, right_source, right_key]
by: [left_source, left_key]
follows:
  match_record:
    key: SELECT source, source_key FROM changed_match_record
  match_organization:
    key: >-
      SELECT source, source_key FROM changed_match_organization
      UNION SELECT o.source, o.source_key FROM match_organization AS o
      WHERE EXISTS (SELECT 1 FROM changed_match_organization)
  match_key: ""
sort: [left_source, left_key]
owner: identity
depends: [match_record, match_key, match_organization, match_parameter]
origin: [match_record.source_key]
columns:
  left_source: {type: VARCHAR, meaning: Source of the one record, origin: [match_record.source]}
  left_key: {type: VARCHAR, meaning: Key of the one record}
  right_source: {type: VARCHAR, meaning: Source of the other record, origin: [match_record.source]}
  right_key: {type: VARCHAR, meaning: Key of the other record}
  rule: {type: VARCHAR, pii: false, meaning: "What decided: email, loyalty_card, national_id,
    given_by_source, splink, organization, or a contradiction (other_...)"}
  probability: {type: DOUBLE, meaning: Probability that both are one person, unit: probability, pii: false}
  weight: {type: DOUBLE, meaning: log2 odds behind the probability, unit: bits, pii: false}
  decision: {type: VARCHAR, meaning: "match, review (near miss) or apart", pii: false}
  evidence: {type: VARCHAR, pii: false, meaning: "JSON: weight before rules, the weight before any evidence (prior),
    contradiction, and by comparison its level and weight in bits: parts {name: [level, bits]}"}
checks: ["probability BETWEEN 0 AND 1"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.integrate.identity.link import links, organization_links
from kehu.integrate.identity.parameter import newest
from kehu.integrate.identity.touched_link import touched_links

if TYPE_CHECKING:
    from kehu.warehouse.table import Inputs

TOUCHED = "SELECT 1 FROM match_organization SEMI JOIN temp.touched ON _k1 = source AND _k2 = source_key LIMIT 1"


def compute(inputs: Inputs) -> pa.Table:
    """Return the pairs of records with their evidence."""
    connection, settings = inputs.connection, inputs.settings
    parameters = newest(connection, "person")
    if inputs.held:
        found = touched_links(connection, settings, parameters, inputs.held)
    else:
        found = links(connection, settings, parameters, has_former=inputs.has("record_link"))
    learned = newest(connection, "organization")  # organizations are few: one change compares them all
    if learned is None or (inputs.is_part and not connection.execute(TOUCHED).fetchone()):
        return found
    return pa.concat_tables([found, organization_links(connection, settings, learned).cast(found.schema)])
