/*
description: A price and the days it held.
grain: one row per source, product_id, store_id and valid_from
kind: full
key: [source, product_id, store_id, valid_from]
owner: purchasing
sort: [product_id, valid_from]
columns:
  product_id: {type: VARCHAR, meaning: Product}
  store_id: {type: VARCHAR, meaning: "Store; empty where the price holds everywhere"}
  source: {type: VARCHAR, meaning: System the row comes from}
  price: {type: "DECIMAL(18,2)", meaning: "Price of one unit, unit: currency"}
  currency: {type: VARCHAR, meaning: ISO 4217 code}
  valid_from: {type: DATE, meaning: First day of the price}
  valid_to: {type: DATE, meaning: "Last day of the price; empty while it holds"}
*/
SELECT
  p.product_key AS product_id,
  p.store_key AS store_id,
  p.source,
  p.price,
  COALESCE(p.currency, w.currency) AS currency,
  p.valid_from,
  p.valid_to
FROM stg_price AS p
CROSS JOIN workspace_setting AS w
