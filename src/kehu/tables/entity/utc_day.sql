/*
description: >-
  How far local time is from UTC on each UTC day, so that a day is found by a join instead of the time zone's rules for
  each row. Before 1972 zones changed at odd seconds; rows of those days are computed by the rules themselves.
grain: one row per UTC day from 1972 to 2099
kind: scratch
owner: data
columns:
  utc_on: {type: DATE, meaning: Day in UTC}
  offset_before: {type: BIGINT, meaning: Local time minus UTC at the day's begin, unit: seconds}
  changes_at: {type: TIMESTAMP, meaning: "When it changes on that day; infinity where it does not", unit: UTC}
  offset_after: {type: BIGINT, meaning: Local time minus UTC at the day's end, unit: seconds}
*/
WITH instant AS (
  SELECT
    CAST(UNNEST(RANGE(TIMESTAMP '1972-01-01', TIMESTAMP '2100-01-02', TO_DAYS(1))) AS TIMESTAMP) AS utc_at
), edge AS (
  SELECT
    i.utc_at,
    DATE_DIFF('SECOND', i.utc_at, TIMEZONE(w.time_zone, TIMEZONE('UTC', i.utc_at))) AS shift
  FROM instant AS i
  CROSS JOIN workspace_setting AS w
), day AS (
  SELECT
    utc_at,
    shift,
    LEAD(shift) OVER (ORDER BY utc_at) AS next_shift
  FROM edge
), quarter AS (
  SELECT
    utc_at,
    shift,
    utc_at + TO_MINUTES(15 * CAST(UNNEST(RANGE(1, 97)) AS INT)) AS tried_at
  FROM day
  WHERE
    shift <> next_shift
), change AS (
  SELECT
    q.utc_at,
    MIN(q.tried_at) AS changes_at
  FROM quarter AS q
  CROSS JOIN workspace_setting AS w
  WHERE
    DATE_DIFF('SECOND', q.tried_at, TIMEZONE(w.time_zone, TIMEZONE('UTC', q.tried_at))) <> q.shift
  GROUP BY
    q.utc_at
)
SELECT
  CAST(d.utc_at AS DATE) AS utc_on,
  d.shift AS offset_before,
  COALESCE(c.changes_at, CAST('infinity' AS TIMESTAMP)) AS changes_at,
  d.next_shift AS offset_after
FROM day AS d
LEFT JOIN change AS c
  ON c.utc_at = d.utc_at
WHERE
  NOT d.next_shift IS NULL
