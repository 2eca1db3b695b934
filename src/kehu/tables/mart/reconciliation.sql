/*
description: What became of every landed row; lost_rows is 0 or the build is wrong. One row per stream and entity it feeds.
grain: one row per source, stream and entity (empty where the stream feeds none)
kind: full
key: [source, stream, entity]
owner: data
columns:
  source: {type: VARCHAR, meaning: System the rows come from}
  stream: {type: VARCHAR, meaning: "File pattern, sheet or table of the system"}
  entity: {type: VARCHAR, meaning: Entity the stream feeds; empty for none}
  raw_rows: {type: BIGINT, meaning: Rows ever landed from the stream, unit: rows}
  superseded_rows: {type: BIGINT, meaning: Landed rows whose file was replaced since, unit: rows}
  current_rows: {type: BIGINT, meaning: Rows that count today, unit: rows}
  mapped_rows: {type: BIGINT, meaning: Current rows taken over into the entity, unit: rows}
  quarantined_rows: {type: BIGINT, meaning: Current rows refused with their reason, unit: rows}
  rejected_rows: {type: BIGINT, meaning: Records of current files that could not be read and stand in quarantine too, unit: rows}
  unfed_rows: {type: BIGINT, meaning: Current rows in quarantine because no entity of the stream takes them, unit: rows}
  amount: {type: "DECIMAL(18,2)", meaning: Money of the rows taken over, unit: currency}
  lost_rows: {type: BIGINT, meaning: "Current rows neither taken over nor quarantined by any entity; must be 0", unit: rows}
checks: [lost_rows = 0]
*/
WITH batch AS (
  SELECT
    batch_id,
    source,
    stream,
    replaced_by IS NULL AND reverted_at IS NULL AS is_current
  FROM import_batch
), landed AS (
  SELECT
    t.source,
    t.stream,
    SUM(t.rows) AS raw_rows,
    SUM(CASE WHEN b.is_current THEN t.rows ELSE 0 END) AS current_rows
  FROM stg_raw_tally AS t
  LEFT JOIN batch AS b
    ON b.batch_id = t.batch_id
  GROUP BY
    t.source,
    t.stream
), refused AS (
  SELECT
    source,
    stream,
    entity,
    row_id = '' AS is_unread,
    COUNT(*) AS rows
  FROM quarantine
  GROUP BY ALL
), good AS (
  SELECT
    b.source,
    b.stream,
    t.entity,
    SUM(t.rows) AS rows,
    SUM(t.amount) AS amount
  FROM stg_tally AS t
  JOIN batch AS b
    ON b.batch_id = t.batch_id
  GROUP BY
    b.source,
    b.stream,
    t.entity
), faulty AS (
  SELECT
    source,
    stream,
    entity,
    rows
  FROM refused
  WHERE
    entity <> ''
), taken AS (
  SELECT
    COALESCE(g.source, f.source) AS source,
    COALESCE(g.stream, f.stream) AS stream,
    COALESCE(g.entity, f.entity) AS entity,
    COALESCE(g.rows, 0) AS good,
    COALESCE(f.rows, 0) AS faulty,
    g.amount
  FROM good AS g
  FULL JOIN faulty AS f
    ON f.source = g.source AND f.stream = g.stream AND f.entity = g.entity
), fed AS (
  SELECT
    source,
    stream,
    SUM(good + faulty) AS rows
  FROM taken
  GROUP BY
    source,
    stream
), outside AS (
  SELECT
    source,
    stream,
    SUM(CASE WHEN is_unread THEN rows ELSE 0 END) AS unread,
    SUM(CASE WHEN is_unread THEN 0 ELSE rows END) AS unfed
  FROM refused
  WHERE
    entity = ''
  GROUP BY
    source,
    stream
)
SELECT
  l.source,
  l.stream,
  COALESCE(t.entity, '') AS entity,
  CAST(l.raw_rows AS BIGINT) AS raw_rows,
  CAST(l.raw_rows - l.current_rows AS BIGINT) AS superseded_rows,
  CAST(l.current_rows AS BIGINT) AS current_rows,
  CAST(COALESCE(t.good, 0) AS BIGINT) AS mapped_rows,
  CAST(COALESCE(t.faulty, 0) AS BIGINT) AS quarantined_rows,
  CAST(COALESCE(o.unread, 0) AS BIGINT) AS rejected_rows,
  CAST(COALESCE(o.unfed, 0) AS BIGINT) AS unfed_rows,
  CAST(t.amount AS DECIMAL(18, 2)) AS amount,
  CAST(CASE
    WHEN f.rows IS NULL
    THEN 0
    ELSE GREATEST(l.current_rows - f.rows - COALESCE(o.unfed, 0), 0)
  END AS BIGINT) AS lost_rows
FROM landed AS l
LEFT JOIN taken AS t
  ON t.source = l.source AND t.stream = l.stream
LEFT JOIN fed AS f
  ON f.source = l.source AND f.stream = l.stream
LEFT JOIN outside AS o
  ON o.source = l.source AND o.stream = l.stream
