/*
description: >-
  The days at which customers are described: the day after the last data day, and up to 13 days before it that stay as
  data grows, every 30 days from the 60th day of history on. Features of a day look strictly before it.
grain: one row per day
kind: full
key: [as_of_on]
owner: analytics
sort: [as_of_on]
columns:
  as_of_on: {type: DATE, meaning: Cut-off; what happened before it may be known, unit: day}
  history_days: {type: INTEGER, meaning: Days from the first data day to the cut-off, unit: days}
checks: [unique(as_of_on), history_days > 0]
*/
WITH span AS (
  SELECT
    first_on,
    CAST(last_on + 1 - first_on AS INT) AS newest_day
  FROM data_span
), step AS (
  SELECT
    CAST(UNNEST(RANGE(0, 13)) AS INT) AS steps_back
), cut_off AS (
  SELECT
    first_on,
    newest_day AS history_days
  FROM span
  UNION ALL
  SELECT
    span.first_on,
    30 * ((
      span.newest_day - 1
    ) // 30 - step.steps_back) AS history_days
  FROM span
  CROSS JOIN step
  WHERE
    30 * ((
      span.newest_day - 1
    ) // 30 - step.steps_back) >= 60
)
SELECT
  first_on + history_days AS as_of_on,
  history_days
FROM cut_off
WHERE
  NOT first_on IS NULL
