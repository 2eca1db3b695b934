/*
description: Every product that can be sold, by its article number; the first source by name wins where two know it.
grain: one row per product_id
kind: full
key: [product_id]
owner: purchasing
sort: [product_id]
columns:
  product_id: {type: VARCHAR, meaning: "Article number, the same in all systems of the company"}
  source: {type: VARCHAR, meaning: System the row comes from}
  name: {type: VARCHAR, meaning: What it is called}
  brand: {type: VARCHAR, meaning: Brand}
  department: {type: VARCHAR, meaning: Widest product group}
  category: {type: VARCHAR, meaning: Product group}
  subcategory: {type: VARCHAR, meaning: Narrowest product group}
  package_size: {type: VARCHAR, meaning: Size of a package as written}
  manufacturer: {type: VARCHAR, meaning: Who makes it}
  price: {type: "DECIMAL(18,2)", meaning: "Newest list price of one unit, unit: currency"}
  currency: {type: VARCHAR, meaning: ISO 4217 code of the price}
*/
WITH list_price AS (
  SELECT
    product_key,
    ARG_MAX(price, COALESCE(valid_from, DATE '1900-01-01')) AS price,
    ARG_MAX(currency, COALESCE(valid_from, DATE '1900-01-01')) AS currency
  FROM stg_price
  WHERE
    store_key IS NULL
  GROUP BY
    product_key
), first_source AS (
  SELECT
    *
  FROM stg_product
  QUALIFY
    ROW_NUMBER() OVER (PARTITION BY product_key ORDER BY source) = 1
)
SELECT
  p.product_key AS product_id,
  p.source,
  p.name,
  p.brand,
  p.department,
  p.category,
  p.subcategory,
  p.package_size,
  p.manufacturer,
  COALESCE(p.price, l.price) AS price,
  COALESCE(p.currency, l.currency, w.currency) AS currency
FROM first_source AS p
CROSS JOIN workspace_setting AS w
LEFT JOIN list_price AS l
  ON l.product_key = p.product_key
