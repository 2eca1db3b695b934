/*
description: >-
  Near misses that wait for a person: two customers who may be one, with the pair of their records that says so most.
  Pairs that a person decided are not here, nor contradictions (apart).
grain: one row per two customers
kind: merge
key: [left_customer, right_customer]
by: [left_customer, right_customer]
follows:
  near_miss: "LEAST(left_customer, right_customer), GREATEST(left_customer, right_customer)"
  decided_customer: "LEAST(left_customer, right_customer), GREATEST(left_customer, right_customer)"
  customer:
    key: >-
      SELECT LEAST(n.left_customer, n.right_customer), GREATEST(n.left_customer, n.right_customer) FROM near_miss AS n
      SEMI JOIN changed_customer AS c ON c.customer_id = n.left_customer
      UNION
      SELECT LEAST(n.left_customer, n.right_customer), GREATEST(n.left_customer, n.right_customer) FROM near_miss AS n
      SEMI JOIN changed_customer AS c ON c.customer_id = n.right_customer
sort: [left_customer, right_customer]
owner: identity
columns:
  left_customer: {type: VARCHAR, meaning: The one customer; its id comes first in the alphabet, pii: false}
  right_customer: {type: VARCHAR, meaning: The other customer, pii: false}
  left_source: {type: VARCHAR, meaning: System of the one customer's record}
  left_key: {type: VARCHAR, meaning: Number of that record, pii: true}
  right_source: {type: VARCHAR, meaning: System of the other customer's record}
  right_key: {type: VARCHAR, meaning: Number of that record, pii: true}
  rule: {type: VARCHAR, meaning: What spoke for the pair; as in record_link, pii: false}
  probability: {type: DOUBLE, meaning: Probability that both are one, unit: probability, pii: false}
  weight: {type: DOUBLE, meaning: log2 odds behind it, unit: bits, pii: false}
  evidence: {type: VARCHAR, meaning: "Evidence as in record_link, JSON", pii: false}
  pair_count: {type: BIGINT, meaning: Pairs of their records that are near misses, unit: pairs, pii: false}
  record_count: {type: BIGINT, meaning: Records of both, unit: records, pii: false}
  worth: {type: DOUBLE, meaning: "What deciding is worth: the right joinings to expect of it, which is the probability", pii: false}
checks: ["left_customer < right_customer", "probability BETWEEN 0 AND 1"]
*/
WITH near AS (
  SELECT
    left_customer < right_customer AS is_turned_right,
    LEAST(left_customer, right_customer) AS left_customer,
    GREATEST(left_customer, right_customer) AS right_customer,
    left_source,
    left_key,
    right_source,
    right_key,
    rule,
    probability,
    weight,
    evidence
  FROM near_miss
  WHERE
    decision IN ('match', 'review')
), settled AS (
  SELECT DISTINCT
    LEAST(left_customer, right_customer) AS left_customer,
    GREATEST(left_customer, right_customer) AS right_customer
  FROM decided_customer
), best AS (
  SELECT
    n.left_customer,
    n.right_customer,
    CASE WHEN n.is_turned_right THEN n.left_source ELSE n.right_source END AS left_source,
    CASE WHEN n.is_turned_right THEN n.left_key ELSE n.right_key END AS left_key,
    CASE WHEN n.is_turned_right THEN n.right_source ELSE n.left_source END AS right_source,
    CASE WHEN n.is_turned_right THEN n.right_key ELSE n.left_key END AS right_key,
    n.rule,
    n.probability,
    n.weight,
    n.evidence,
    COUNT(*) OVER (PARTITION BY n.left_customer, n.right_customer) AS pair_count,
    ROW_NUMBER() OVER (
      PARTITION BY n.left_customer, n.right_customer
      ORDER BY n.weight DESC, n.left_source, n.left_key, n.right_source, n.right_key
    ) AS place
  FROM near AS n
  ANTI JOIN settled AS s
    ON s.left_customer = n.left_customer AND s.right_customer = n.right_customer
)
SELECT
  b.left_customer,
  b.right_customer,
  b.left_source,
  b.left_key,
  b.right_source,
  b.right_key,
  b.rule,
  b.probability,
  b.weight,
  b.evidence,
  b.pair_count,
  l.record_count + r.record_count AS record_count,
  b.probability AS worth
FROM best AS b
JOIN customer AS l
  ON l.customer_id = b.left_customer
JOIN customer AS r
  ON r.customer_id = b.right_customer
WHERE
  b.place = 1
