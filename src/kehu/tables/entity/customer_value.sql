/*
description: >-
  Where every value of a customer's golden record comes from. Names, e-mail, phone, birth date and card: what most
  records say, then the newest; a name with both its parts goes before half a name; address: the newest record that has
  one. Placeholders never win.
grain: one row per customer and field that has a value
kind: merge
key: [customer_id, field]
by: [customer_id]
follows:
  customer_xref: customer_id
  customer_record:
    key: >-
      SELECT x.customer_id FROM customer_xref AS x
      SEMI JOIN changed_customer_record AS c ON c.source = x.source AND c.source_key = x.source_key
  blocked_value:
    key: >-
      SELECT x.customer_id FROM (
        SELECT field, value FROM changed_blocked_value WHERE reason = 'placeholder' GROUP BY ALL HAVING COUNT(*) % 2 = 1
      ) AS b JOIN customer_record AS r ON b.value = CASE b.field WHEN 'email' THEN r.email WHEN 'phone' THEN r.phone
      WHEN 'loyalty_card' THEN r.loyalty_card END
      JOIN customer_xref AS x ON x.source = r.source AND x.source_key = r.source_key
sort: [customer_id]
owner: identity
columns:
  customer_id: {type: VARCHAR, meaning: Customer}
  field: {type: VARCHAR, meaning: Field of the golden record, pii: false}
  value: {type: VARCHAR, meaning: Its value as text, pii: true}
  source: {type: VARCHAR, meaning: System the value comes from}
  source_key: {type: VARCHAR, meaning: Record the value comes from, pii: true}
  row_id: {type: VARCHAR, meaning: Raw row the value comes from}
  reason: {type: VARCHAR, meaning: "only value, most records, newest or fullest", pii: false}
*/
WITH known AS (
  SELECT
    x.customer_id,
    r.source,
    r.source_key,
    r.row_id,
    r.is_reference,
    r.given_key <> '' AND r.family_key <> '' AS is_whole,
    COALESCE(r.updated_at, r.registered_at) AS changed_at,
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
    CAST(r.registered_at AS TEXT) AS registered_at
  FROM customer_record AS r
  JOIN customer_xref AS x
    USING (source, source_key)
), long AS (
  UNPIVOT known ON title, full_name, first_name, last_name, nickname, gender, birth_on, email, phone, loyalty_card, address, city,
    state, postcode, country, company, registered_at INTO NAME field VALUE value
), voted AS (
  SELECT
    l.customer_id,
    l.source,
    l.source_key,
    l.row_id,
    l.is_reference,
    l.changed_at,
    l.field,
    l.value,
    l.field = 'full_name' AND COALESCE(l.is_whole, FALSE) AS is_whole,
    b.value IS NULL AS is_real,
    l.field IN ('address', 'city', 'state', 'postcode', 'country') AS is_place,
    COUNT(*) OVER (PARTITION BY l.customer_id, l.field, LOWER(l.value)) AS votes,
    COUNT(*) OVER (PARTITION BY l.customer_id, l.field) AS voters,
    BOOL_AND(COALESCE(l.is_whole, FALSE)) OVER (PARTITION BY l.customer_id, l.field) AS all_whole
  FROM long AS l
  LEFT JOIN blocked_value AS b
    ON b.field = l.field AND b.value = l.value AND b.reason = 'placeholder'
), ranked AS (
  SELECT
    customer_id,
    field,
    value,
    source,
    source_key,
    row_id,
    CASE
      WHEN votes = voters THEN 'only value'
      WHEN is_whole AND NOT all_whole THEN 'fullest'
      WHEN field = 'registered_at' THEN 'oldest'
      WHEN is_place AND NOT changed_at IS NULL THEN 'newest'
      WHEN votes > 1 THEN 'most records'
      WHEN NOT changed_at IS NULL THEN 'newest'
      ELSE 'fullest'
    END AS reason,
    ROW_NUMBER() OVER (
      PARTITION BY customer_id, field
      ORDER BY
        is_real DESC,
        is_reference,
        is_whole DESC,
        CASE WHEN field = 'registered_at' THEN value END NULLS LAST,
        CASE WHEN is_place THEN changed_at END DESC NULLS LAST,
        votes DESC,
        changed_at DESC NULLS LAST,
        LENGTH(value) DESC,
        source,
        source_key
    ) AS place
  FROM voted
)
SELECT
  customer_id,
  field,
  value,
  source,
  source_key,
  row_id,
  reason
FROM ranked
WHERE
  place = 1
