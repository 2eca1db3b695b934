/*
description: How many records a customer usually has; nothing while no record describes anybody.
grain: one row, or none
kind: full
key: [record_count]
owner: identity
columns:
  record_count: {type: BIGINT, unit: records, pii: false, meaning: "Described records that 99 of 100 customers do not
    exceed"}
*/
WITH size AS (
  SELECT
    described_count,
    SUM(COUNT(*)) OVER (ORDER BY described_count) AS up_to,
    SUM(COUNT(*)) OVER () AS customers
  FROM customer
  WHERE
    described_count > 0
  GROUP BY
    described_count
)
SELECT
  MIN(described_count) AS record_count
FROM size
WHERE
  up_to >= 0.99 * customers
HAVING
  NOT MIN(described_count) IS NULL
