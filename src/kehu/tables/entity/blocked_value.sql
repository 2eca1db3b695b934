/*
description: >-
  Identifiers that do not tell persons apart: placeholders, and values that too many different people, or more than 200
  records of whatever name, share. They are no evidence of identity; nothing is joined by them, and none is dropped
  silently.
grain: one row per field and value
kind: full
key: [field, value]
owner: identity
columns:
  field: {type: VARCHAR, meaning: "email, phone, loyalty_card, national_id or birth_on"}
  value: {type: VARCHAR, meaning: The value, pii: true}
  record_count: {type: BIGINT, meaning: Records that hold it, unit: records}
  name_count: {type: BIGINT, meaning: Different initials of their holders, unit: names, pii: false}
  reason: {type: VARCHAR, meaning: placeholder or shared, pii: false}
*/
WITH held AS (
  SELECT 'email' AS field, email AS value, given_key, family_key, 4 AS most FROM customer_record WHERE NOT email IS NULL
  UNION ALL
  SELECT 'phone' AS field, phone AS value, given_key, family_key, 6 AS most FROM customer_record WHERE NOT phone IS NULL
  UNION ALL
  SELECT 'loyalty_card' AS field, loyalty_card AS value, given_key, family_key, 4 AS most FROM customer_record WHERE NOT loyalty_card IS NULL
  UNION ALL
  SELECT 'national_id' AS field, national_id AS value, given_key, family_key, 3 AS most FROM customer_record WHERE NOT national_id IS NULL
), counted AS (
  SELECT
    field,
    value,
    most,
    COUNT(*) AS record_count
  FROM held
  GROUP BY
    field,
    value,
    most
), suspected AS (
  SELECT
    field,
    value,
    most,
    record_count,
    CASE
      WHEN field = 'email' THEN REGEXP_MATCHES(
        value,
        '^(test|testing|none|no|na|n/a|null|unknown|noreply|no-reply|noemail|nomail|anonymous|example|fake|asdf|abc)@|@(test|none|noemail|nomail|fake|invalid)\.[a-z]+$'
      )
      ELSE REGEXP_MATCHES(
        REGEXP_REPLACE(value, '[^0-9A-Za-z]', '', 'g'),
        '(0{7,}|1{7,}|2{7,}|3{7,}|4{7,}|5{7,}|6{7,}|7{7,}|8{7,}|9{7,})$|^(0+|9+|x+|X+|123456789?0?|none|null|unknown|NONE|NULL|UNKNOWN)$'
      ) OR REGEXP_MATCHES(value, '(13800138000|13800000000|13900000000|1234567890|123456789)$')
    END AS is_placeholder
  FROM counted
), candidate AS (
  SELECT field, value, most, record_count, is_placeholder FROM suspected WHERE is_placeholder OR record_count > most
), named AS (
  SELECT
    h.field,
    h.value,
    COUNT(DISTINCT LEFT(h.given_key, 1) || LEFT(h.family_key, 1)) AS name_count
  FROM held AS h
  SEMI JOIN candidate AS c
    ON c.field = h.field AND c.value = h.value
  GROUP BY
    h.field,
    h.value
), judged AS (
  SELECT
    c.field,
    c.value,
    c.record_count,
    n.name_count,
    CASE
      WHEN c.is_placeholder THEN 'placeholder'
      WHEN n.name_count > c.most OR c.record_count > 200 THEN 'shared'
    END AS reason
  FROM candidate AS c
  JOIN named AS n
    ON n.field = c.field AND n.value = c.value
), birthday AS (
  SELECT
    birth_on,
    COUNT(*) AS record_count,
    COUNT(DISTINCT LEFT(given_key, 1) || LEFT(family_key, 1)) AS name_count,
    AVG(COUNT(*)) OVER () AS usual_count
  FROM customer_record
  WHERE
    NOT birth_on IS NULL
  GROUP BY
    birth_on
)
SELECT
  field,
  value,
  record_count,
  name_count,
  reason
FROM judged
WHERE
  NOT reason IS NULL
UNION ALL
SELECT
  'birth_on' AS field,
  CAST(birth_on AS TEXT) AS value,
  record_count,
  name_count,
  'shared' AS reason
FROM birthday
WHERE
  name_count > 20 AND record_count > 20 * usual_count
