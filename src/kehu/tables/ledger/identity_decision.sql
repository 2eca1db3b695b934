/*
description: >-
  What people decided about who is who: that two records are one person, or are not. Facts, never rewritten; the newest
  row of a pair, whichever way round it names the two, counts, and every build keeps to it.
grain: one row per decision and pair of records
kind: ledger
key: [decision_id, left_source, left_key, right_source, right_key]
owner: identity
columns:
  decision_id: {type: VARCHAR, meaning: "Decision; the pairs of one act share it", pii: false}
  kind: {type: VARCHAR, meaning: "same, different, or withdrawn (whatever was decided of the pair no longer holds)", pii: false}
  left_source: {type: VARCHAR, meaning: Source of the one record, origin: [customer_record.source]}
  left_key: {type: VARCHAR, meaning: Key of the one record, pii: true, origin: [customer_record.source_key]}
  right_source: {type: VARCHAR, meaning: Source of the other record, origin: [customer_record.source]}
  right_key: {type: VARCHAR, meaning: Key of the other record, pii: true, origin: [customer_record.source_key]}
  survivor: {type: VARCHAR, meaning: "Customer whose id the joined records keep; NULL: the usual rule chooses", pii: false}
  about: {type: VARCHAR, meaning: "What it answers: the merge_id that was undone, review, merge, or empty", pii: false}
  reason: {type: VARCHAR, meaning: Reason in the words of whoever decided, pii: true}
  actor: {type: VARCHAR, meaning: Who decided, pii: false}
  decided_at: {type: TIMESTAMP, meaning: When, unit: UTC, pii: false}
*/
