/*
description: The first and the last day with an order. The last one is the data's own clock.
grain: one row
owner: analytics
columns:
  first_on: {type: DATE, meaning: First day with an order; empty without any}
  last_on: {type: DATE, meaning: Last day with an order; empty without any}
*/
SELECT
  MIN(ordered_on) AS first_on,
  MAX(ordered_on) AS last_on
FROM channel_day
