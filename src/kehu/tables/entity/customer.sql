/*
description: One person or organization as all sources together know it. Where each value comes from stands in customer_value.
grain: one row per customer
kind: merge
key: [customer_id]
by: [customer_id]
follows:
  customer_xref: customer_id
  customer_value: customer_id
  household_member: customer_id
  customer_record:
    through: customer_xref
    key: >-
      SELECT x.customer_id FROM customer_xref AS x
      SEMI JOIN changed_customer_record AS c ON c.source = x.source AND c.source_key = x.source_key
sort: [customer_id]
owner: identity
columns:
  customer_id: {type: VARCHAR, meaning: "Customer; stays the same from run to run"}
  full_name: {type: VARCHAR, meaning: "Name"}
  first_name: {type: VARCHAR, meaning: "Given name"}
  last_name: {type: VARCHAR, meaning: "Family name"}
  title: {type: VARCHAR, meaning: "Form of address"}
  email: {type: VARCHAR, meaning: "E-mail address"}
  phone: {type: VARCHAR, meaning: "Phone number, E.164"}
  gender: {type: VARCHAR, meaning: "f, m or x"}
  birth_on: {type: DATE, meaning: "Day of birth"}
  address: {type: VARCHAR, meaning: "Street and house"}
  city: {type: VARCHAR, meaning: "City or town"}
  state: {type: VARCHAR, meaning: "State or province"}
  postcode: {type: VARCHAR, meaning: "Postal code"}
  country: {type: VARCHAR, meaning: "Country"}
  company: {type: VARCHAR, meaning: "Organization the person belongs to"}
  tax_id: {type: VARCHAR, meaning: "Tax or registration number of an organization"}
  website: {type: VARCHAR, meaning: "Website"}
  loyalty_card: {type: VARCHAR, meaning: "Loyalty card number"}
  household_id: {type: VARCHAR, meaning: Household of two or more}
  registered_at: {type: TIMESTAMP, meaning: When the first record was made, unit: UTC}
  kind: {type: VARCHAR, meaning: "person, or organization as soon as one of its records is one", pii: false}
  record_count: {type: BIGINT, meaning: Records and references joined, unit: records, pii: false}
  described_count: {type: BIGINT, meaning: "Records joined, without references", unit: records, pii: false}
  source_count: {type: BIGINT, meaning: Systems that know the customer, unit: sources, pii: false}
  is_provisional: {type: BOOLEAN, meaning: "Known only from facts that name a card, an e-mail or a phone", pii: false}
  search_text: {type: VARCHAR, meaning: "Names, pinyin, initials, e-mails, phones, cards and tax numbers of all records, lower case", pii: true}
checks: [record_count > 0]
*/
WITH golden AS (
  SELECT
    v.customer_id,
    ANY_VALUE(r.full_name) FILTER(WHERE v.field = 'full_name') AS full_name,
    ANY_VALUE(r.first_name) FILTER(WHERE v.field = 'first_name') AS first_name,
    ANY_VALUE(r.last_name) FILTER(WHERE v.field = 'last_name') AS last_name,
    ANY_VALUE(r.title) FILTER(WHERE v.field = 'title') AS title,
    ANY_VALUE(r.email) FILTER(WHERE v.field = 'email') AS email,
    ANY_VALUE(r.phone) FILTER(WHERE v.field = 'phone') AS phone,
    ANY_VALUE(r.gender) FILTER(WHERE v.field = 'gender') AS gender,
    ANY_VALUE(r.birth_on) FILTER(WHERE v.field = 'birth_on') AS birth_on,
    ANY_VALUE(r.address) FILTER(WHERE v.field = 'address') AS address,
    ANY_VALUE(r.city) FILTER(WHERE v.field = 'city') AS city,
    ANY_VALUE(r.state) FILTER(WHERE v.field = 'state') AS state,
    ANY_VALUE(r.postcode) FILTER(WHERE v.field = 'postcode') AS postcode,
    ANY_VALUE(r.country) FILTER(WHERE v.field = 'country') AS country,
    ANY_VALUE(r.company) FILTER(WHERE v.field = 'company') AS company,
    ANY_VALUE(r.tax_id) FILTER(WHERE v.field = 'tax_id') AS tax_id,
    ANY_VALUE(r.website) FILTER(WHERE v.field = 'website') AS website,
    ANY_VALUE(r.loyalty_card) FILTER(WHERE v.field = 'loyalty_card') AS loyalty_card
  FROM customer_value AS v
  JOIN customer_record AS r
    USING (source, source_key)
  GROUP BY
    v.customer_id
), record AS (
  SELECT
    x.customer_id,
    r.source,
    r.kind,
    r.is_reference,
    r.registered_at,
    CONCAT_WS(
      ' ',
      LOWER(r.full_name),
      LOWER(r.first_name),
      LOWER(r.last_name),
      LOWER(r.nickname),
      CASE WHEN r.given_key <> r.given_sound OR r.family_key <> r.family_sound THEN CONCAT(r.family_sound, r.given_sound) END,
      CASE WHEN NOT r.family_sound IS NULL THEN CONCAT(r.family_sound, ' ', r.given_sound) END,
      NULLIF(CONCAT(LEFT(r.given_sound, 1), LEFT(r.family_sound, 1)), ''),
      LOWER(r.email),
      REGEXP_REPLACE(r.phone, '[^0-9]', '', 'g'),
      LOWER(r.loyalty_card),
      LOWER(r.tax_id)
    ) AS words
  FROM customer_record AS r
  JOIN customer_xref AS x
    USING (source, source_key)
), summary AS (
  SELECT
    customer_id,
    MIN(registered_at) AS registered_at,
    COALESCE(MIN(kind), 'person') AS kind,
    COUNT(*) AS record_count,
    COUNT(*) FILTER(WHERE NOT is_reference) AS described_count,
    COUNT(DISTINCT source) AS source_count,
    BOOL_AND(is_reference) AS is_provisional,
    STRING_AGG(DISTINCT words, ' ' ORDER BY words) AS search_text
  FROM record
  GROUP BY
    customer_id
)
SELECT
  s.customer_id,
  g.full_name,
  g.first_name,
  g.last_name,
  g.title,
  g.email,
  g.phone,
  g.gender,
  g.birth_on,
  g.address,
  g.city,
  g.state,
  g.postcode,
  g.country,
  g.company,
  g.tax_id,
  g.website,
  g.loyalty_card,
  h.household_id,
  s.registered_at,
  s.kind,
  s.record_count,
  s.described_count,
  s.source_count,
  s.is_provisional,
  s.search_text
FROM summary AS s
LEFT JOIN golden AS g
  USING (customer_id)
LEFT JOIN household_member AS h
  USING (customer_id)
