/*
description: >-
  Pairs of records that were compared and are not one customer, with the customers they are in: the links of record_link
  that hold nothing together.
grain: one row per pair of records in two customers
kind: merge
key: [left_source, left_key, right_source, right_key]
by: [left_source, left_key]
follows:
  record_link: left_source, left_key
  customer_xref:
    key: >-
      SELECT l.left_source, l.left_key FROM record_link AS l
      SEMI JOIN changed_customer_xref AS c ON c.source = l.left_source AND c.source_key = l.left_key
      UNION
      SELECT l.left_source, l.left_key FROM record_link AS l
      SEMI JOIN changed_customer_xref AS c ON c.source = l.right_source AND c.source_key = l.right_key
sort: [left_source, left_key]
owner: identity
columns:
  left_source: {type: VARCHAR, meaning: Source of the one record}
  left_key: {type: VARCHAR, meaning: Key of the one record, pii: true}
  right_source: {type: VARCHAR, meaning: Source of the other record}
  right_key: {type: VARCHAR, meaning: Key of the other record, pii: true}
  left_customer: {type: VARCHAR, meaning: Customer of the one record, pii: false}
  right_customer: {type: VARCHAR, meaning: Customer of the other record, pii: false}
  rule: {type: VARCHAR, meaning: What spoke for or against it; as in record_link, pii: false}
  probability: {type: DOUBLE, meaning: Probability that both are one, unit: probability, pii: false}
  weight: {type: DOUBLE, meaning: log2 odds behind it, unit: bits, pii: false}
  decision: {type: VARCHAR, meaning: "match (the other records of both outweighed it), review or apart", pii: false}
  evidence: {type: VARCHAR, meaning: "Evidence as in record_link, JSON", pii: false}
*/
WITH compared AS (
  SELECT left_key AS source_key FROM record_link
  UNION
  SELECT right_key AS source_key FROM record_link
), near AS (
  SELECT
    x.source,
    x.source_key,
    x.customer_id
  FROM customer_xref AS x
  SEMI JOIN compared AS c
    ON c.source_key = x.source_key
)
SELECT
  l.left_source,
  l.left_key,
  l.right_source,
  l.right_key,
  a.customer_id AS left_customer,
  b.customer_id AS right_customer,
  l.rule,
  l.probability,
  l.weight,
  l.decision,
  l.evidence
FROM record_link AS l
JOIN near AS a
  ON a.source = l.left_source AND a.source_key = l.left_key
JOIN near AS b
  ON b.source = l.right_source AND b.source_key = l.right_key
WHERE
  LEAST(a.customer_id, b.customer_id) < GREATEST(a.customer_id, b.customer_id)
