/*
description: What lay in a store on a day.
grain: one row per source, product_id, store_id and counted_on
kind: full
key: [source, product_id, store_id, counted_on]
owner: purchasing
sort: [product_id, store_id]
columns:
  product_id: {type: VARCHAR, meaning: Product}
  store_id: {type: VARCHAR, meaning: "Store; empty for the whole company"}
  source: {type: VARCHAR, meaning: System the row comes from}
  quantity: {type: "DECIMAL(18,3)", meaning: "Units on hand, unit: units"}
  counted_on: {type: DATE, meaning: Day of the count}
*/
SELECT
  product_key AS product_id,
  store_key AS store_id,
  source,
  quantity,
  counted_on
FROM stg_inventory
