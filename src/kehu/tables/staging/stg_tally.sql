/*
description: Good rows per entity and batch; the counts that reconciliation compares with the raw rows.
grain: one row per entity and batch with a good row
kind: merge
key: [entity, batch_id]
by: [batch_id]
follows:
  stg_campaign: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_contact_response: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_customer_record: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_interaction: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_inventory: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_order_line: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_orders: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_price: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_product: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_store: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
  stg_survey_response: {key: "SPLIT_PART(row_id, '-', 1)", covers: true}
owner: data
columns:
  entity: {type: VARCHAR, meaning: Entity the rows feed}
  batch_id: {type: VARCHAR, meaning: Batch that brought them}
  rows: {type: BIGINT, meaning: Good rows, unit: rows}
  amount: {type: "DECIMAL(18,2)", meaning: "Sum of their amounts, of order lines and orders", unit: currency}
*/
WITH staged AS (
  SELECT 'campaign' AS entity, SPLIT_PART(row_id, '-', 1) AS batch_id, NULL AS amount FROM stg_campaign UNION ALL
  SELECT 'contact_response', SPLIT_PART(row_id, '-', 1), NULL FROM stg_contact_response UNION ALL
  SELECT 'customer_record', SPLIT_PART(row_id, '-', 1), NULL FROM stg_customer_record UNION ALL
  SELECT 'interaction', SPLIT_PART(row_id, '-', 1), NULL FROM stg_interaction UNION ALL
  SELECT 'inventory', SPLIT_PART(row_id, '-', 1), NULL FROM stg_inventory UNION ALL
  SELECT 'order_line', SPLIT_PART(row_id, '-', 1), amount FROM stg_order_line UNION ALL
  SELECT 'orders', SPLIT_PART(row_id, '-', 1), amount FROM stg_orders UNION ALL
  SELECT 'price', SPLIT_PART(row_id, '-', 1), NULL FROM stg_price UNION ALL
  SELECT 'product', SPLIT_PART(row_id, '-', 1), NULL FROM stg_product UNION ALL
  SELECT 'store', SPLIT_PART(row_id, '-', 1), NULL FROM stg_store UNION ALL
  SELECT 'survey_response', SPLIT_PART(row_id, '-', 1), NULL FROM stg_survey_response
)
SELECT
  entity,
  batch_id,
  COUNT(*) AS rows,
  CAST(SUM(amount) AS DECIMAL(18, 2)) AS amount
FROM staged
GROUP BY
  entity,
  batch_id
