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
WITH landed AS (
  SELECT
    c.source,
    c.stream,
    SUM(c.rows) AS raw_rows,
    SUM(CASE WHEN b.replaced_by IS NULL THEN c.rows ELSE 0 END) AS current_rows
  FROM raw_current AS c
  LEFT JOIN import_batch AS b
    ON b.batch_id = c.batch_id
  GROUP BY
    c.source,
    c.stream
), unread AS (
  SELECT
    r.source,
    r.stream,
    COUNT(*) AS rows
  FROM raw_reject AS r
  WHERE
    r.batch_id IN (
      SELECT
        batch_id
      FROM import_batch
      WHERE
        replaced_by IS NULL
    )
  GROUP BY
    r.source,
    r.stream
), unfed AS (
  SELECT
    source,
    stream,
    COUNT(*) AS rows
  FROM mapped_reject
  WHERE
    entity = ''
  GROUP BY
    source,
    stream
), taken AS (
  SELECT _source, _stream, 'campaign' AS entity, COUNT(*) AS rows, COUNT(_faults) AS faulty, CAST(NULL AS DECIMAL(38, 2)) AS amount
  FROM mapped_campaign GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'contact_response', COUNT(*), COUNT(_faults), NULL FROM mapped_contact_response GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'customer_record', COUNT(*), COUNT(_faults), NULL FROM mapped_customer_record GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'interaction', COUNT(*), COUNT(_faults), NULL FROM mapped_interaction GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'inventory', COUNT(*), COUNT(_faults), NULL FROM mapped_inventory GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'order_line', COUNT(*), COUNT(_faults), SUM(CASE WHEN _faults IS NULL THEN amount END)
  FROM mapped_order_line GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'orders', COUNT(*), COUNT(_faults), SUM(CASE WHEN _faults IS NULL THEN amount END)
  FROM mapped_orders GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'price', COUNT(*), COUNT(_faults), NULL FROM mapped_price GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'product', COUNT(*), COUNT(_faults), NULL FROM mapped_product GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'store', COUNT(*), COUNT(_faults), NULL FROM mapped_store GROUP BY _source, _stream
  UNION ALL
  SELECT _source, _stream, 'survey_response', COUNT(*), COUNT(_faults), NULL FROM mapped_survey_response GROUP BY _source, _stream
), fed AS (
  SELECT
    _source,
    _stream,
    SUM(rows) AS rows
  FROM taken
  GROUP BY
    _source,
    _stream
)
SELECT
  l.source,
  l.stream,
  COALESCE(t.entity, '') AS entity,
  CAST(l.raw_rows AS BIGINT) AS raw_rows,
  CAST(l.raw_rows - l.current_rows AS BIGINT) AS superseded_rows,
  CAST(l.current_rows AS BIGINT) AS current_rows,
  COALESCE(t.rows - t.faulty, 0) AS mapped_rows,
  COALESCE(t.faulty, 0) AS quarantined_rows,
  COALESCE(r.rows, 0) AS rejected_rows,
  COALESCE(u.rows, 0) AS unfed_rows,
  CAST(t.amount AS DECIMAL(18, 2)) AS amount,
  CAST(CASE
    WHEN f.rows IS NULL
    THEN 0
    ELSE GREATEST(l.current_rows - f.rows - COALESCE(u.rows, 0), 0)
  END AS BIGINT) AS lost_rows
FROM landed AS l
LEFT JOIN taken AS t
  ON t._source = l.source AND t._stream = l.stream
LEFT JOIN fed AS f
  ON f._source = l.source AND f._stream = l.stream
LEFT JOIN unread AS r
  ON r.source = l.source AND r.stream = l.stream
LEFT JOIN unfed AS u
  ON u.source = l.source AND u.stream = l.stream
