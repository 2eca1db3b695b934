/*
description: Every source row that could not be taken over, with the rule it broke and the reason; nothing is dropped.
grain: one row per source row and the entity it was meant for (rejected while reading, no entity)
kind: full
owner: data
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  stream: {type: VARCHAR, meaning: "File pattern, sheet or table of the system"}
  entity: {type: VARCHAR, meaning: Entity the row was meant for; empty when the row could not be read}
  row_id: {type: VARCHAR, meaning: Raw row; empty when the row could not be read}
  file: {type: VARCHAR, meaning: File the row stands in}
  line: {type: BIGINT, meaning: Line or row number in that file}
  batch_id: {type: VARCHAR, meaning: Batch that brought it}
  rule: {type: VARCHAR, meaning: First rule the row broke}
  column_name: {type: VARCHAR, meaning: Field that broke it}
  value: {type: VARCHAR, meaning: What stood there, pii: true}
  reason: {type: VARCHAR, meaning: Why it was refused in words, pii: true}
  faults: {type: JSON, meaning: Every rule the row broke, pii: true}
  row_text: {type: VARCHAR, meaning: The whole row as it came, pii: true}
*/
SELECT
  source,
  stream,
  entity,
  row_id,
  file,
  line,
  batch_id,
  faults[1].rule AS rule,
  faults[1]."column" AS column_name,
  faults[1].value AS value,
  faults[1].reason AS reason,
  TO_JSON(faults) AS faults,
  row_text
FROM mapped_reject
UNION ALL
SELECT
  source,
  stream,
  '' AS entity,
  '' AS row_id,
  file,
  line,
  batch_id,
  rule,
  '' AS column_name,
  '' AS value,
  reason,
  CAST('[]' AS JSON) AS faults,
  text AS row_text
FROM raw_reject
WHERE
  NOT batch_id IN (
    SELECT
      batch_id
    FROM import_batch
    WHERE
      NOT replaced_by IS NULL OR NOT reverted_at IS NULL
  )
