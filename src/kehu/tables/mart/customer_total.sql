/*
description: What each customer bought in all, over the whole history.
grain: one row per customer with an order
kind: merge
key: [customer_id]
by: [customer_id]
follows:
  orders: {key: customer_id, covers: true}
owner: analytics
sort: [customer_id]
columns:
  customer_id: {type: VARCHAR, meaning: Customer}
  first_order_on: {type: DATE, meaning: Day of the first order}
  last_order_on: {type: DATE, meaning: Day of the last order}
  order_count: {type: BIGINT, meaning: Orders, unit: orders}
  revenue: {type: "DECIMAL(18,2)", meaning: What the customer paid, unit: currency}
checks: [order_count > 0, last_order_on >= first_order_on]
*/
SELECT
  customer_id,
  MIN(ordered_on) AS first_order_on,
  MAX(ordered_on) AS last_order_on,
  COUNT(*) AS order_count,
  CAST(SUM(amount) AS DECIMAL(18, 2)) AS revenue
FROM orders
WHERE
  NOT customer_id IS NULL
GROUP BY
  customer_id
