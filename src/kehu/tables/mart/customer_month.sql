/*
description: What each customer bought in each calendar month with an order.
grain: one row per customer and month with an order
kind: merge
key: [customer_id, month_on]
by: [customer_id]
follows:
  orders: {key: customer_id, covers: true}
owner: analytics
sort: [customer_id, month_on]
columns:
  customer_id: {type: VARCHAR, meaning: Customer}
  month_on: {type: DATE, meaning: First day of the month}
  order_count: {type: BIGINT, meaning: Orders, unit: orders}
  revenue: {type: "DECIMAL(18,2)", meaning: What the customer paid, unit: currency}
checks: [order_count > 0]
*/
SELECT
  customer_id,
  CAST(DATE_TRUNC('MONTH', ordered_on) AS DATE) AS month_on,
  COUNT(*) AS order_count,
  CAST(SUM(amount) AS DECIMAL(18, 2)) AS revenue
FROM orders
WHERE
  NOT customer_id IS NULL
GROUP BY
  customer_id,
  CAST(DATE_TRUNC('MONTH', ordered_on) AS DATE)
