/*
description: Which customers the records of a decided pair are in; both stand here once, also where they are one customer.
grain: one row per pair of records with a decision that holds, as in decided_pair
kind: full
key: [left_source, left_key, right_source, right_key]
owner: identity
columns:
  kind: {type: VARCHAR, meaning: same or different, pii: false}
  left_source: {type: VARCHAR, meaning: Source of the one record}
  left_key: {type: VARCHAR, meaning: Key of the one record, pii: true}
  right_source: {type: VARCHAR, meaning: Source of the other record}
  right_key: {type: VARCHAR, meaning: Key of the other record, pii: true}
  left_customer: {type: VARCHAR, meaning: Customer of the one record, pii: false}
  right_customer: {type: VARCHAR, meaning: Customer of the other record, pii: false}
*/
WITH said AS (
  SELECT left_key AS source_key FROM decided_pair
  UNION
  SELECT right_key AS source_key FROM decided_pair
), near AS (
  SELECT
    x.source,
    x.source_key,
    x.customer_id
  FROM customer_xref AS x
  SEMI JOIN said AS s
    ON s.source_key = x.source_key
)
SELECT
  d.kind,
  d.left_source,
  d.left_key,
  d.right_source,
  d.right_key,
  a.customer_id AS left_customer,
  b.customer_id AS right_customer
FROM decided_pair AS d
JOIN near AS a
  ON a.source = d.left_source AND a.source_key = d.left_key
JOIN near AS b
  ON b.source = d.right_source AND b.source_key = d.right_key
