/*
description: >-
  What happened on each day with an order, per channel and over all channels. daily_metric adds the days and channels
  without one.
grain: one row per day with an order and channel with an order that day; channel 'all' covers every channel
kind: merge
key: [ordered_on, channel]
by: [ordered_on]
follows:
  orders: {key: ordered_on, covers: true}
  customer_total:
    key: SELECT first_order_on FROM changed_customer_total
owner: analytics
sort: [ordered_on, channel]
columns:
  ordered_on: {type: DATE, meaning: Local day of the workspace, unit: day}
  channel: {type: VARCHAR, meaning: "Channel of the order, 'unknown' where it has none, 'all' for the sum"}
  revenue: {type: "DECIMAL(18,2)", meaning: What customers paid, unit: currency}
  orders: {type: BIGINT, meaning: Orders, unit: orders}
  lines: {type: BIGINT, meaning: Order lines, unit: lines}
  units: {type: "DECIMAL(18,3)", meaning: Quantity sold, unit: units}
  discount: {type: "DECIMAL(18,2)", meaning: Discount given, unit: currency}
  active_customers: {type: BIGINT, meaning: Distinct customers with an order, unit: customers}
  new_customers: {type: BIGINT, meaning: Distinct customers whose first order ever was on this day, unit: customers}
checks: [new_customers <= active_customers, orders > 0]
*/
WITH order_channel AS (
  SELECT
    o.ordered_on,
    COALESCE(o.channel, 'unknown') AS channel,
    o.customer_id,
    o.amount,
    o.discount,
    o.quantity,
    o.line_count,
    COALESCE(o.ordered_on = t.first_order_on, FALSE) AS is_first_day
  FROM orders AS o
  LEFT JOIN customer_total AS t
    ON t.customer_id = o.customer_id
)
SELECT
  ordered_on,
  COALESCE(channel, 'all') AS channel,
  CAST(COALESCE(SUM(amount), 0) AS DECIMAL(18, 2)) AS revenue,
  COUNT(*) AS orders,
  CAST(COALESCE(SUM(line_count), 0) AS BIGINT) AS lines,
  CAST(COALESCE(SUM(quantity), 0) AS DECIMAL(18, 3)) AS units,
  CAST(COALESCE(SUM(discount), 0) AS DECIMAL(18, 2)) AS discount,
  COUNT(DISTINCT customer_id) AS active_customers,
  COUNT(DISTINCT customer_id) FILTER(WHERE
    is_first_day) AS new_customers
FROM order_channel
WHERE
  NOT ordered_on IS NULL
GROUP BY
  GROUPING SETS (
    (ordered_on, channel),
    (
      ordered_on
    )
  )
