/*
description: What each account bought in all, over the whole history, as the sum of customer_total of the organization and its people.
grain: one row per account with an order
kind: merge
key: [account_id]
by: [account_id]
follows:
  account_member: account_id
  account_name: account_id
  customer_total:
    key: >-
      SELECT m.account_id FROM account_member AS m JOIN changed_customer_total AS c ON c.customer_id = m.customer_id
      UNION SELECT n.account_id FROM account_name AS n JOIN changed_customer_total AS c ON c.customer_id = n.customer_id
owner: analytics
sort: [account_id]
columns:
  account_id: {type: VARCHAR, meaning: Account, pii: false}
  first_order_on: {type: DATE, meaning: Day of the first order}
  last_order_on: {type: DATE, meaning: Day of the last order}
  customer_count: {type: BIGINT, meaning: Its customers with an order, unit: customers, pii: false}
  order_count: {type: BIGINT, meaning: Orders, unit: orders}
  revenue: {type: "DECIMAL(18,2)", meaning: What they paid, unit: currency}
checks: [order_count > 0, customer_count > 0, last_order_on >= first_order_on]
*/
WITH buyer AS (
  SELECT account_id, customer_id FROM account_member
  UNION
  SELECT account_id, customer_id FROM account_name
)
SELECT
  b.account_id,
  MIN(t.first_order_on) AS first_order_on,
  MAX(t.last_order_on) AS last_order_on,
  COUNT(*) AS customer_count,
  CAST(SUM(t.order_count) AS BIGINT) AS order_count,
  CAST(SUM(t.revenue) AS DECIMAL(18, 2)) AS revenue
FROM buyer AS b
JOIN customer_total AS t
  ON t.customer_id = b.customer_id
GROUP BY
  b.account_id
