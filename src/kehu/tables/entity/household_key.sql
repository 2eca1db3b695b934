/*
description: >-
  What customers who live together share: surname with address, surname with phone, phone with address. Organizations and
  values that do not tell households apart are left out.
grain: one row per customer and shared value
kind: merge
key: [customer_id, shared]
by: [customer_id]
follows:
  customer_xref: customer_id
  customer_record:
    through: customer_xref
    key: >-
      SELECT x.customer_id FROM customer_xref AS x
      SEMI JOIN changed_customer_record AS c ON c.source = x.source AND c.source_key = x.source_key
  blocked_value:
    key: >-
      SELECT x.customer_id FROM customer_xref AS x
      JOIN customer_record AS r ON r.source = x.source AND r.source_key = x.source_key
      SEMI JOIN (
        SELECT value FROM changed_blocked_value WHERE field = 'phone' GROUP BY value
        HAVING COUNT(*) FILTER(WHERE _is_old) <> COUNT(*) FILTER(WHERE NOT _is_old)
      ) AS b ON b.value = r.phone
sort: [shared]
owner: identity
columns:
  customer_id: {type: VARCHAR, meaning: Customer}
  shared: {type: VARCHAR, meaning: "f surname and address, p surname and phone, h phone and address", pii: true}
*/
WITH record AS (
  SELECT
    x.customer_id,
    NULLIF(r.family_sound, '') AS family,
    r.house_number || '|' || r.street AS home,
    COALESCE(LOWER(r.postcode), LOWER(r.city), '') AS place,
    CASE WHEN b.value IS NULL THEN r.phone END AS phone
  FROM customer_record AS r
  JOIN customer_xref AS x
    USING (source, source_key)
  LEFT JOIN blocked_value AS b
    ON b.field = 'phone' AND b.value = r.phone
  WHERE
    r.is_reference OR r.kind = 'person'
), shared AS (
  SELECT customer_id, 'f' || family || '|' || home || '|' || place AS shared FROM record
  UNION
  SELECT customer_id, 'p' || family || '|' || phone AS shared FROM record
  UNION
  SELECT customer_id, 'h' || phone || '|' || home AS shared FROM record
)
SELECT
  customer_id,
  shared
FROM shared
WHERE
  NOT shared IS NULL
