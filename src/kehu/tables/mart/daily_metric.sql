/*
description: >-
  What happened on each day, per channel and over all channels. Every day between the first and the last data day has a
  row per channel, with zeros where nothing happened. Customers cannot be added up over channels or days: a customer may
  be active in several; use the 'all' rows for one day and orders for a period.
grain: one row per day and channel; channel 'all' covers every channel
kind: full
key: [day_on, channel]
owner: analytics
sort: [day_on, channel]
columns:
  day_on: {type: DATE, meaning: Local day of the workspace, unit: day}
  channel: {type: VARCHAR, meaning: "Channel of the order, 'unknown' where it has none, 'all' for the sum"}
  revenue: {type: "DECIMAL(18,2)", meaning: What customers paid, unit: currency}
  orders: {type: BIGINT, meaning: Orders, unit: orders}
  lines: {type: BIGINT, meaning: Order lines, unit: lines}
  units: {type: "DECIMAL(18,3)", meaning: Quantity sold, unit: units}
  discount: {type: "DECIMAL(18,2)", meaning: Discount given, unit: currency}
  active_customers: {type: BIGINT, meaning: Distinct customers with an order, unit: customers}
  new_customers: {type: BIGINT, meaning: "Distinct customers whose first order ever was on this day (in this channel, for a channel row)", unit: customers}
checks: ["unique(day_on, channel)", new_customers <= active_customers, orders >= 0]
*/
WITH calendar AS (
  SELECT
    first_on + CAST(UNNEST(RANGE(0, (
      last_on - first_on
    ) + 1)) AS INT) AS day_on
  FROM data_span
), channel AS (
  SELECT DISTINCT
    channel
  FROM channel_day
)
SELECT
  k.day_on,
  c.channel,
  CAST(COALESCE(d.revenue, 0) AS DECIMAL(18, 2)) AS revenue,
  COALESCE(d.orders, 0) AS orders,
  COALESCE(d.lines, 0) AS lines,
  CAST(COALESCE(d.units, 0) AS DECIMAL(18, 3)) AS units,
  CAST(COALESCE(d.discount, 0) AS DECIMAL(18, 2)) AS discount,
  COALESCE(d.active_customers, 0) AS active_customers,
  COALESCE(d.new_customers, 0) AS new_customers
FROM calendar AS k
CROSS JOIN channel AS c
LEFT JOIN channel_day AS d
  ON d.ordered_on = k.day_on AND d.channel = c.channel
