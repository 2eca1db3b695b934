/*
description: >-
  The days at which customers are described: the day after the last data day, and every 30 days back while at least 60
  days of history lie before (14 days at most). Features of a day look strictly before it.
grain: one row per day
kind: full
key: [as_of_on]
owner: analytics
sort: [as_of_on]
columns:
  as_of_on: {type: DATE, meaning: Cut-off; what happened before it may be known, unit: day}
  steps_back: {type: INTEGER, meaning: 0 for the newest cut-off; the others lie 30 days apart}
  history_days: {type: INTEGER, meaning: Days from the first data day to the cut-off, unit: days}
checks: [unique(as_of_on), unique(steps_back), history_days > 0]
*/
WITH span AS (
  SELECT
    first_on,
    last_on + 1 AS newest_on
  FROM data_span
), step AS (
  SELECT
    CAST(UNNEST(RANGE(0, 14)) AS INT) AS steps_back
)
SELECT
  span.newest_on - 30 * step.steps_back AS as_of_on,
  step.steps_back,
  CAST((
    span.newest_on - 30 * step.steps_back
  ) - span.first_on AS INT) AS history_days
FROM span
CROSS JOIN step
WHERE
  (
    span.newest_on - 30 * step.steps_back
  ) - span.first_on >= CASE WHEN step.steps_back = 0 THEN 1 ELSE 60 END
