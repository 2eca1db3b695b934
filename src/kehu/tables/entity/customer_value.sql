/*
description: >-
  Where every value of a customer's golden record comes from. Which record wins a field is a setting (survivorship);
  usually what most records say, then the newest; a name with both its parts goes before half a name; address: the
  newest record that has one. Placeholders never win, and a reference does only where its source is preferred.
grain: one row per customer and field that has a value
kind: merge
key: [customer_id, field]
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
      SEMI JOIN (
        SELECT r.source, r.source_key FROM customer_record AS r
        SEMI JOIN (
          SELECT field, value FROM changed_blocked_value WHERE reason = 'placeholder' GROUP BY ALL HAVING COUNT(*) % 2 = 1
        ) AS b ON b.value = CASE b.field WHEN 'email' THEN r.email WHEN 'phone' THEN r.phone
        WHEN 'loyalty_card' THEN r.loyalty_card END
      ) AS h ON h.source = x.source AND h.source_key = x.source_key
sort: [customer_id]
owner: identity
columns:
  customer_id: {type: VARCHAR, meaning: Customer}
  field: {type: VARCHAR, meaning: Field of the golden record, pii: false}
  value: {type: VARCHAR, meaning: Its value as text, pii: true}
  source: {type: VARCHAR, meaning: System the value comes from}
  source_key: {type: VARCHAR, meaning: Record the value comes from, pii: true}
  row_id: {type: VARCHAR, meaning: "Raw row the value comes from: batch (import_batch), a dash, and the line"}
  reason: {type: VARCHAR, pii: false, meaning: "What decided against the next best value: only value, preferred source,
    most records, newest, fullest, oldest, no placeholder, from a record, or first source"}
*/
WITH known AS (
  SELECT
    x.customer_id,
    r.source,
    r.source_key,
    r.row_id,
    r.is_reference,
    ROW_NUMBER() OVER (
      PARTITION BY x.customer_id
      ORDER BY r.is_reference, COALESCE(r.updated_at, r.registered_at) DESC NULLS LAST, r.source, r.source_key
    ) AS number,
    r.given_key <> '' AND r.family_key <> '' AS is_whole,
    CAST(COALESCE(r.updated_at, r.registered_at) AS TEXT) AS changed_at,
    LEFT(CAST(r.registered_at AS TEXT), 19) AS since_at,
    r.title,
    r.full_name,
    r.first_name,
    r.last_name,
    r.nickname,
    r.gender,
    CAST(r.birth_on AS TEXT) AS birth_on,
    r.email,
    r.phone,
    r.loyalty_card,
    r.address,
    r.city,
    r.state,
    r.postcode,
    r.country,
    r.company,
    r.tax_id,
    r.website,
    CAST(r.registered_at AS TEXT) AS registered_at
  FROM customer_record AS r
  JOIN customer_xref AS x
    USING (source, source_key)
), long AS (
  UNPIVOT known ON title, full_name, first_name, last_name, nickname, gender, birth_on, email, phone, loyalty_card, address,
    city, state, postcode, country, company, tax_id, website, registered_at INTO NAME field VALUE value
), said AS (
  SELECT
    customer_id,
    field,
    MIN(value) AS least,
    MAX(value) AS greatest,
    MIN(number) AS number
  FROM long
  GROUP BY
    customer_id,
    field
), contested AS (
  SELECT
    l.*
  FROM long AS l
  SEMI JOIN said AS s
    ON s.customer_id = l.customer_id AND s.field = l.field AND s.least < s.greatest
), voted AS (
  SELECT
    l.customer_id,
    l.source,
    l.source_key,
    l.row_id,
    l.is_reference,
    l.field,
    l.value,
    LOWER(l.value) AS said,
    b.value IS NULL AS is_real,
    l.changed_at,
    CAST(99999999999999 - CAST(NULLIF(REGEXP_REPLACE(l.since_at, '[^0-9]', '', 'g'), '') AS BIGINT) AS TEXT) AS oldness,
    RIGHT(CONCAT('00000000', CAST(LENGTH(l.value) AS TEXT)), 8) AS completeness,
    CASE WHEN l.is_whole THEN '1' ELSE '0' END AS wholeness,
    RIGHT(
      CONCAT('00000000', CAST(COUNT(*) OVER (PARTITION BY l.customer_id, l.field, LOWER(l.value)) AS TEXT)), 8
    ) AS frequency,
    CASE
      WHEN CONTAINS(s.sources, CONCAT(',', l.source, ','))
      THEN CAST(99999 - LENGTH(SPLIT_PART(s.sources, CONCAT(',', l.source, ','), 1)) AS TEXT)
    END AS preference
  FROM contested AS l
  JOIN survivorship_rule AS s
    ON s.field = l.field
  LEFT JOIN blocked_value AS b
    ON b.field = l.field AND b.value = l.value AND b.reason = 'placeholder'
), weighed AS (
  SELECT
    v.customer_id,
    v.field,
    v.value,
    v.said,
    v.source,
    v.source_key,
    v.row_id,
    v.is_real,
    v.is_reference,
    CASE WHEN s.rule_1 = 'source' THEN v.preference END AS weight_0,
    CASE s.rule_1
      WHEN 'frequency' THEN v.frequency
      WHEN 'recency' THEN v.changed_at
      WHEN 'completeness' THEN v.completeness
      WHEN 'whole' THEN v.wholeness
      WHEN 'source' THEN v.preference
      WHEN 'oldest' THEN v.oldness
    END AS weight_1,
    CASE s.rule_2
      WHEN 'frequency' THEN v.frequency
      WHEN 'recency' THEN v.changed_at
      WHEN 'completeness' THEN v.completeness
      WHEN 'whole' THEN v.wholeness
      WHEN 'source' THEN v.preference
      WHEN 'oldest' THEN v.oldness
    END AS weight_2,
    CASE s.rule_3
      WHEN 'frequency' THEN v.frequency
      WHEN 'recency' THEN v.changed_at
      WHEN 'completeness' THEN v.completeness
      WHEN 'whole' THEN v.wholeness
      WHEN 'source' THEN v.preference
      WHEN 'oldest' THEN v.oldness
    END AS weight_3,
    CASE s.rule_4
      WHEN 'frequency' THEN v.frequency
      WHEN 'recency' THEN v.changed_at
      WHEN 'completeness' THEN v.completeness
      WHEN 'whole' THEN v.wholeness
      WHEN 'source' THEN v.preference
      WHEN 'oldest' THEN v.oldness
    END AS weight_4,
    CASE s.rule_5
      WHEN 'frequency' THEN v.frequency
      WHEN 'recency' THEN v.changed_at
      WHEN 'completeness' THEN v.completeness
      WHEN 'whole' THEN v.wholeness
      WHEN 'source' THEN v.preference
      WHEN 'oldest' THEN v.oldness
    END AS weight_5
  FROM voted AS v
  JOIN survivorship_rule AS s
    ON s.field = v.field
), ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER preferred AS place,
    FIRST_VALUE(said) OVER preferred AS best
  FROM weighed
  WINDOW preferred AS (
    PARTITION BY customer_id, field
    ORDER BY
      is_real DESC,
      weight_0 DESC NULLS LAST,
      is_reference,
      weight_1 DESC NULLS LAST,
      weight_2 DESC NULLS LAST,
      weight_3 DESC NULLS LAST,
      weight_4 DESC NULLS LAST,
      weight_5 DESC NULLS LAST,
      source,
      source_key
  )
), next AS (
  SELECT
    *
  FROM ranked
  WHERE
    said <> best
  QUALIFY
    ROW_NUMBER() OVER (PARTITION BY customer_id, field ORDER BY place) = 1
)
SELECT
  w.customer_id,
  w.field,
  w.value,
  w.source,
  w.source_key,
  w.row_id,
  CASE
    WHEN n.field IS NULL THEN 'only value'
    WHEN w.is_real <> n.is_real THEN 'no placeholder'
    WHEN w.weight_0 IS DISTINCT FROM n.weight_0 THEN 'preferred source'
    WHEN w.is_reference <> n.is_reference THEN 'from a record'
    ELSE CASE CASE
      WHEN w.weight_1 IS DISTINCT FROM n.weight_1 THEN s.rule_1
      WHEN w.weight_2 IS DISTINCT FROM n.weight_2 THEN s.rule_2
      WHEN w.weight_3 IS DISTINCT FROM n.weight_3 THEN s.rule_3
      WHEN w.weight_4 IS DISTINCT FROM n.weight_4 THEN s.rule_4
      WHEN w.weight_5 IS DISTINCT FROM n.weight_5 THEN s.rule_5
    END
      WHEN 'frequency' THEN 'most records'
      WHEN 'recency' THEN 'newest'
      WHEN 'completeness' THEN 'fullest'
      WHEN 'whole' THEN 'fullest'
      WHEN 'source' THEN 'preferred source'
      WHEN 'oldest' THEN 'oldest'
      ELSE 'first source'
    END
  END AS reason
FROM ranked AS w
JOIN survivorship_rule AS s
  ON s.field = w.field
LEFT JOIN next AS n
  ON n.customer_id = w.customer_id AND n.field = w.field
WHERE
  w.place = 1
UNION ALL
SELECT
  s.customer_id,
  s.field,
  s.least AS value,
  k.source,
  k.source_key,
  k.row_id,
  'only value' AS reason
FROM said AS s
JOIN known AS k
  ON k.customer_id = s.customer_id AND k.number = s.number
WHERE
  s.least = s.greatest
