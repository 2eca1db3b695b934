/*
description: >-
  Customers whose records may be more than one person: far more records than is usual, birth dates, genders or national
  ids that contradict each other, many names around one shared value, or people's decisions that could not all be kept.
  Nothing is changed by it; a person looks, and undoes the joining that was wrong.
grain: one row per customer and reason
kind: merge
key: [customer_id, reason]
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
          SELECT field, UPPER(value) AS value FROM changed_blocked_value WHERE field IN ('birth_on', 'national_id')
          GROUP BY field, UPPER(value) HAVING COUNT(*) FILTER(WHERE _is_old) <> COUNT(*) FILTER(WHERE NOT _is_old)
        ) AS b ON b.value = CASE b.field WHEN 'birth_on' THEN CAST(r.birth_on AS TEXT) ELSE UPPER(r.national_id) END
      ) AS h ON h.source = x.source AND h.source_key = x.source_key
  decided_customer:
    key: >-
      SELECT left_customer FROM changed_decided_customer
      UNION SELECT right_customer FROM changed_decided_customer
  usual_size:
    key: >-
      SELECT customer_id FROM customer_xref CROSS JOIN (SELECT COUNT(*) AS changes FROM changed_usual_size) AS c
      WHERE c.changes > 0 GROUP BY customer_id HAVING COUNT(*) > 10
sort: [customer_id]
owner: identity
columns:
  customer_id: {type: VARCHAR, meaning: Customer, pii: false}
  reason: {type: VARCHAR, pii: false, meaning: "many_records, other_birth_date, other_gender, other_national_id,
    one_shared_value, not_kept_same (a person said same, they are apart) or not_kept_different"}
  detail: {type: VARCHAR, meaning: "What was found: the values, or the number and what is usual", pii: true}
  record_count: {type: BIGINT, meaning: "Described records of the customer; of one without any, its references", unit: records, pii: false}
checks: [record_count > 0]
*/
WITH record AS (
  SELECT
    x.customer_id,
    r.source,
    r.source_key,
    r.email,
    r.phone,
    r.loyalty_card,
    UPPER(r.national_id) AS national_id,
    CASE WHEN r.gender IN ('f', 'm') THEN r.gender END AS gender,
    CAST(r.birth_on AS TEXT) AS birth,
    NULLIF(LEFT(r.given_sound, 1), '') AS initial
  FROM customer_record AS r
  JOIN customer_xref AS x
    ON x.source = r.source AND x.source_key = r.source_key
  WHERE
    NOT r.is_reference
), person AS (
  SELECT
    customer_id,
    COUNT(*) AS record_count,
    MIN(birth) < MAX(birth) AS has_births,
    MIN(gender) < MAX(gender) AS has_genders,
    MIN(national_id) < MAX(national_id) AS has_ids,
    MIN(initial) < MAX(initial) AS has_names
  FROM record
  GROUP BY
    customer_id
), birth AS (
  SELECT DISTINCT
    r.customer_id,
    r.birth
  FROM record AS r
  SEMI JOIN person AS p
    ON p.customer_id = r.customer_id AND p.has_births
  ANTI JOIN blocked_value AS b
    ON b.field = 'birth_on' AND b.value = r.birth
  WHERE
    NOT r.birth IS NULL
), apart AS (
  SELECT
    l.customer_id,
    l.birth AS left_birth,
    r.birth AS right_birth
  FROM birth AS l
  JOIN birth AS r
    ON r.customer_id = l.customer_id AND l.birth < r.birth
  WHERE
    (
      CASE WHEN LEFT(l.birth, 4) <> LEFT(r.birth, 4) THEN 1 ELSE 0 END
      + CASE WHEN SUBSTRING(l.birth, 6, 2) <> SUBSTRING(r.birth, 6, 2) THEN 1 ELSE 0 END
      + CASE WHEN SUBSTRING(l.birth, 9, 2) <> SUBSTRING(r.birth, 9, 2) THEN 1 ELSE 0 END
    ) > 1
    AND NOT (
      LEFT(l.birth, 4) = LEFT(r.birth, 4)
      AND SUBSTRING(l.birth, 6, 2) = SUBSTRING(r.birth, 9, 2)
      AND SUBSTRING(l.birth, 9, 2) = SUBSTRING(r.birth, 6, 2)
    )
), identifier AS (
  SELECT DISTINCT
    r.customer_id,
    r.national_id
  FROM record AS r
  SEMI JOIN person AS p
    ON p.customer_id = r.customer_id AND p.has_ids
  ANTI JOIN blocked_value AS b
    ON b.field = 'national_id' AND UPPER(b.value) = r.national_id
  WHERE
    NOT r.national_id IS NULL
), named AS (
  SELECT
    r.customer_id,
    r.initial,
    r.email,
    r.phone,
    r.loyalty_card
  FROM record AS r
  SEMI JOIN person AS p
    ON p.customer_id = r.customer_id AND p.has_names
  WHERE
    NOT r.initial IS NULL
), held AS (
  SELECT customer_id, initial, 'email' AS field, email AS value FROM named WHERE NOT email IS NULL
  UNION ALL
  SELECT customer_id, initial, 'phone' AS field, phone AS value FROM named WHERE NOT phone IS NULL
  UNION ALL
  SELECT customer_id, initial, 'loyalty_card' AS field, loyalty_card AS value FROM named WHERE NOT loyalty_card IS NULL
), shared AS (
  SELECT
    customer_id,
    field,
    value,
    COUNT(*) AS holders,
    COUNT(DISTINCT initial) AS names
  FROM held
  GROUP BY
    customer_id,
    field,
    value
), found AS (
  SELECT
    p.customer_id,
    'many_records' AS reason,
    CONCAT(CAST(p.record_count AS TEXT), ' > ', CAST(GREATEST(10, 4 * u.record_count) AS TEXT)) AS detail
  FROM person AS p
  CROSS JOIN usual_size AS u
  WHERE
    p.record_count > GREATEST(10, 4 * u.record_count)
  UNION ALL
  SELECT
    customer_id,
    'other_birth_date' AS reason,
    CONCAT(MIN(left_birth), ', ', MAX(right_birth)) AS detail
  FROM apart
  GROUP BY
    customer_id
  UNION ALL
  SELECT
    customer_id,
    'other_gender' AS reason,
    'f, m' AS detail
  FROM person
  WHERE
    has_genders
  UNION ALL
  SELECT
    customer_id,
    'other_national_id' AS reason,
    CONCAT(MIN(national_id), ', ', MAX(national_id)) AS detail
  FROM identifier
  GROUP BY
    customer_id
  HAVING
    COUNT(*) > 1
  UNION ALL
  SELECT
    customer_id,
    'one_shared_value' AS reason,
    MAX(CONCAT(field, ' ', value, ': ', CAST(names AS TEXT), ' / ', CAST(holders AS TEXT))) AS detail
  FROM shared
  WHERE
    names > 2
  GROUP BY
    customer_id
  UNION ALL
  SELECT
    left_customer AS customer_id,
    'not_kept_same' AS reason,
    MIN(right_customer) AS detail
  FROM (
    SELECT left_customer, right_customer FROM decided_customer WHERE kind = 'same'
    UNION ALL
    SELECT right_customer, left_customer FROM decided_customer WHERE kind = 'same'
  ) AS either
  WHERE
    LEAST(left_customer, right_customer) < GREATEST(left_customer, right_customer)
  GROUP BY
    left_customer
  UNION ALL
  SELECT
    left_customer AS customer_id,
    'not_kept_different' AS reason,
    CAST(COUNT(*) AS TEXT) AS detail
  FROM decided_customer
  WHERE
    kind = 'different' AND LEAST(left_customer, right_customer) = GREATEST(left_customer, right_customer)
  GROUP BY
    left_customer
), counted AS (
  SELECT
    x.customer_id,
    COUNT(*) AS record_count
  FROM customer_xref AS x
  SEMI JOIN found AS f
    ON f.customer_id = x.customer_id
  GROUP BY
    x.customer_id
)
SELECT
  f.customer_id,
  f.reason,
  f.detail,
  COALESCE(p.record_count, c.record_count) AS record_count
FROM found AS f
JOIN counted AS c
  ON c.customer_id = f.customer_id
LEFT JOIN person AS p
  ON p.customer_id = f.customer_id
