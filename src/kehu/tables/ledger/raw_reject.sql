/*
description: Records of source files that could not be read as rows, with line, rule, reason and text. Facts, never rewritten.
grain: one row per rejected record of a batch
kind: ledger
key: [batch_id, line]
owner: data
columns:
  source: {type: VARCHAR, meaning: Source that was collected}
  stream: {type: VARCHAR, meaning: Stream of the source}
  batch_id: {type: VARCHAR, meaning: Batch it came with; current while import_batch.replaced_by is empty}
  file: {type: VARCHAR, meaning: File relative to the source's path}
  line: {type: BIGINT, meaning: Physical line on which the record begins}
  rule: {type: VARCHAR, meaning: "Rule it broke: wrong_field_count, broken_quote, undecodable, too_long, bad_json, malformed"}
  reason: {type: VARCHAR, meaning: Why it is no row in words}
  text: {type: VARCHAR, meaning: The record as it stands in the file, pii: true}
*/
