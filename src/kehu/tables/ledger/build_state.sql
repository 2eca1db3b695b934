/*
description: What the newest build knows about each table, so that the next one computes only what changed.
grain: one row per table of the lake
kind: ledger
key: [table_name]
owner: data
columns:
  table_name: {type: VARCHAR, meaning: Table}
  digest: {type: VARCHAR, meaning: "Digest of its definition: SQL or Python, columns, and the settings that shape rows"}
  snapshot: {type: BIGINT, meaning: Snapshot whose changes it holds}
  built_at: {type: TIMESTAMP, meaning: When that was found, unit: UTC}
*/
