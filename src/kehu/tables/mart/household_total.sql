/*
description: What each household bought in all, over the whole history, as the sum of customer_total of those who live together.
grain: one row per household with an order
kind: merge
key: [household_id]
by: [household_id]
follows:
  household_member: household_id
  customer_total:
    key: >-
      SELECT m.household_id FROM household_member AS m JOIN changed_customer_total AS c ON c.customer_id = m.customer_id
owner: analytics
sort: [household_id]
columns:
  household_id: {type: VARCHAR, meaning: Household, pii: false}
  first_order_on: {type: DATE, meaning: Day of the first order}
  last_order_on: {type: DATE, meaning: Day of the last order}
  customer_count: {type: BIGINT, meaning: Its customers with an order, unit: customers, pii: false}
  order_count: {type: BIGINT, meaning: Orders, unit: orders}
  revenue: {type: "DECIMAL(18,2)", meaning: What they paid, unit: currency}
checks: [order_count > 0, customer_count > 0, last_order_on >= first_order_on]
*/
SELECT
  b.household_id,
  MIN(t.first_order_on) AS first_order_on,
  MAX(t.last_order_on) AS last_order_on,
  COUNT(*) AS customer_count,
  CAST(SUM(t.order_count) AS BIGINT) AS order_count,
  CAST(SUM(t.revenue) AS DECIMAL(18, 2)) AS revenue
FROM household_member AS b
JOIN customer_total AS t
  ON t.customer_id = b.customer_id
GROUP BY
  b.household_id
