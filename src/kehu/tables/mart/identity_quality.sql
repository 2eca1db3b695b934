/*
description: >-
  How far who is who may be trusted: records and customers, how many records a customer has, pairs by decision, precision
  and recall as the match weights expect them, precision as people's review says it, and what waits for a person. The
  expected precision is the mean probability of the compared pairs inside customers; the expected recall is the sum of
  these over the sum for all compared pairs. The review's precision is the share of same among decided near misses, with
  its 95 % interval by Wilson.
grain: one row per measure and detail
key: [measure, detail]
sort: [measure]
owner: identity
columns:
  measure: {type: VARCHAR, meaning: What is measured, pii: false}
  detail: {type: VARCHAR, meaning: "Part of it, such as records per customer, decision or reason; empty for the whole", pii: false}
  value: {type: DOUBLE, meaning: Value, pii: false}
  unit: {type: VARCHAR, meaning: "records, customers, pairs or share", pii: false}
*/
WITH counted AS (
  SELECT
    described_count AS described,
    COUNT(*) AS customers,
    SUM(record_count) AS records
  FROM customer
  GROUP BY
    described_count
), total AS (
  SELECT
    CAST(COALESCE(SUM(described * customers), 0) AS DOUBLE) AS described,
    CAST(COALESCE(SUM(records), 0) AS DOUBLE) AS records,
    CAST(COALESCE(SUM(customers), 0) AS DOUBLE) AS customers,
    CAST(COALESCE(SUM(customers) FILTER(WHERE described = 0), 0) AS DOUBLE) AS provisional,
    CAST(COALESCE(MAX(described), 0) AS DOUBLE) AS largest,
    CAST(COALESCE(SUM(customers * described * (described - 1)), 0) AS DOUBLE) / 2 AS joined
  FROM counted
), spread AS (
  SELECT
    CASE
      WHEN described < 6 THEN CAST(described AS TEXT)
      WHEN described < 11 THEN '6-10'
      WHEN described < 21 THEN '11-20'
      ELSE '21-'
    END AS detail,
    CAST(SUM(customers) AS DOUBLE) AS customers
  FROM counted
  GROUP BY ALL
), across AS (
  SELECT
    decision,
    CAST(COUNT(*) AS DOUBLE) AS pairs,
    SUM(probability) AS expected
  FROM near_miss
  GROUP BY
    decision
), linked AS (
  SELECT
    decision,
    CAST(COUNT(*) AS DOUBLE) AS pairs,
    SUM(probability) AS expected
  FROM record_link
  GROUP BY
    decision
), decision AS (
  SELECT
    l.decision,
    l.pairs,
    l.pairs - COALESCE(a.pairs, 0) AS joined,
    l.expected,
    l.expected - COALESCE(a.expected, 0) AS expected_joined
  FROM linked AS l
  LEFT JOIN across AS a
    ON a.decision = l.decision
), expectation AS (
  SELECT
    SUM(joined) AS joined,
    SUM(expected_joined) / NULLIF(SUM(joined), 0) AS precision_share,
    SUM(expected_joined) / NULLIF(SUM(expected), 0) AS recall_share
  FROM decision
), review AS (
  SELECT
    CAST(COUNT(*) AS DOUBLE) AS pairs,
    CAST(COUNT(*) FILTER(WHERE kind = 'same') AS DOUBLE) / NULLIF(COUNT(*), 0) AS share,
    1.96 * 1.96 / NULLIF(COUNT(*), 0) AS spread
  FROM decided_pair
  WHERE
    about = 'review'
), suspicion AS (
  SELECT
    reason,
    CAST(COUNT(*) AS DOUBLE) AS customers
  FROM suspicious_customer
  GROUP BY
    reason
), measured AS (
  SELECT 'records' AS measure, '' AS detail, described AS value, 'records' AS unit FROM total
  UNION ALL
  SELECT 'references', '', records - described, 'records' FROM total
  UNION ALL
  SELECT 'customers', '', customers, 'customers' FROM total
  UNION ALL
  SELECT 'provisional_customers', '', provisional, 'customers' FROM total
  UNION ALL
  SELECT 'records_per_customer', '', described / NULLIF(customers - provisional, 0), 'records' FROM total
  UNION ALL
  SELECT 'largest_customer', '', largest, 'records' FROM total
  UNION ALL
  SELECT 'customers_by_records', detail, customers, 'customers' FROM spread
  UNION ALL
  SELECT 'joined_pairs', '', joined, 'pairs' FROM total
  UNION ALL
  SELECT 'compared_pairs', decision, pairs, 'pairs' FROM decision
  UNION ALL
  SELECT 'compared_and_joined_pairs', '', COALESCE(joined, 0), 'pairs' FROM expectation
  UNION ALL
  SELECT 'expected_precision', '', precision_share, 'share' FROM expectation
  UNION ALL
  SELECT 'expected_recall', '', recall_share, 'share' FROM expectation
  UNION ALL
  SELECT 'reviewed_pairs', '', pairs, 'pairs' FROM review
  UNION ALL
  SELECT 'reviewed_same', '', share, 'share' FROM review
  UNION ALL
  SELECT
    'reviewed_same',
    'low',
    (share + spread / 2 - 1.96 * SQRT(share * (1 - share) / NULLIF(pairs, 0) + spread / NULLIF(pairs, 0) / 4)) / (1 + spread),
    'share'
  FROM review
  UNION ALL
  SELECT
    'reviewed_same',
    'high',
    (share + spread / 2 + 1.96 * SQRT(share * (1 - share) / NULLIF(pairs, 0) + spread / NULLIF(pairs, 0) / 4)) / (1 + spread),
    'share'
  FROM review
  UNION ALL
  SELECT 'open_reviews', '', CAST(COUNT(*) AS DOUBLE), 'pairs' FROM review_pair
  UNION ALL
  SELECT 'suspicious_customers', '', CAST(COUNT(DISTINCT customer_id) AS DOUBLE), 'customers' FROM suspicious_customer
  UNION ALL
  SELECT 'suspicious_customers', reason, customers, 'customers' FROM suspicion
)
SELECT
  measure,
  detail,
  value,
  unit
FROM measured
WHERE
  NOT value IS NULL
