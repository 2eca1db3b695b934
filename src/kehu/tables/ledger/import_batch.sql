/*
description: Every file (sheet, table) that was landed, with its content's digest. Facts; only replaced_by is filled in later.
grain: one row per landed content of a file
kind: ledger
key: [batch_id]
owner: data
columns:
  batch_id: {type: VARCHAR, meaning: "Batch: digest of source, stream, file, content and turn"}
  source: {type: VARCHAR, meaning: Source that was collected}
  stream: {type: VARCHAR, meaning: Stream of the source; its rows are in raw_<source>_<stream>}
  file: {type: VARCHAR, meaning: File relative to the source's path}
  file_sha256: {type: VARCHAR, meaning: SHA-256 of the file's bytes}
  read_as: {type: VARCHAR, meaning: "Reading options of the mapping (connector, sheet, table, encoding, delimiter)"}
  bytes: {type: BIGINT, meaning: Size of the file, unit: byte}
  rows: {type: BIGINT, meaning: Rows that landed, unit: row}
  rejected: {type: BIGINT, meaning: Records that are no rows and went to raw_reject, unit: row}
  landed_at: {type: TIMESTAMP, meaning: When it was landed, unit: UTC}
  replaced_by: {type: VARCHAR, meaning: Batch of the same file that came after; empty while the rows are current}
  reverted_at: {type: TIMESTAMP, meaning: When it was taken back; its rows do not count then, unit: UTC}
*/
