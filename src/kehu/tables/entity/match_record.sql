/*
description: >-
  What a record of a person says for matching: names, birth date, identifiers and address in comparable form. Values that
  do not tell persons apart (blocked_value) are left out; references, known from facts only, are not here.
grain: one row per source and source_key of a described person
kind: merge
key: [source, source_key]
by: [source, source_key]
follows:
  customer_record: {key: "source, source_key", unique: true}
  blocked_value:
    key: >-
      SELECT r.source, r.source_key FROM customer_record AS r
      SEMI JOIN (
        SELECT field, value FROM changed_blocked_value GROUP BY field, value HAVING COUNT(*) FILTER(WHERE _is_old) <> COUNT(*) FILTER(WHERE NOT _is_old)
      ) AS b ON b.value = CASE b.field WHEN 'email' THEN r.email WHEN 'phone' THEN r.phone WHEN 'loyalty_card' THEN
      r.loyalty_card WHEN 'national_id' THEN r.national_id WHEN 'birth_on' THEN CAST(r.birth_on AS TEXT) END
sort: [source, source_key]
owner: identity
columns:
  source: {type: VARCHAR, meaning: System the record comes from}
  source_key: {type: VARCHAR, meaning: Number of the record in its source, pii: true}
  person_key: {type: VARCHAR, meaning: Person the source itself says the record belongs to, pii: true}
  given: {type: VARCHAR, meaning: Given name to compare, pii: true}
  family: {type: VARCHAR, meaning: Family name to compare, pii: true}
  given_sound: {type: VARCHAR, meaning: Given name in Latin letters, pii: true}
  family_sound: {type: VARCHAR, meaning: Family name in Latin letters, pii: true}
  roots: {type: "VARCHAR[]", meaning: Full names that the given name may stand for, pii: true}
  root: {type: VARCHAR, meaning: One of them to meet under, pii: true}
  suffix: {type: VARCHAR, meaning: "jr, sr, ii"}
  kind: {type: VARCHAR, meaning: "How the given name is written: han, pinyin or latin"}
  birth: {type: VARCHAR, meaning: Day of birth as text, pii: true}
  email: {type: VARCHAR, meaning: E-mail address, pii: true}
  email_local: {type: VARCHAR, meaning: E-mail address before the @, pii: true}
  phone: {type: VARCHAR, meaning: Phone number, pii: true}
  national_id: {type: VARCHAR, meaning: Number of an identity document, pii: true}
  loyalty_card: {type: VARCHAR, meaning: Loyalty card, pii: true}
  house_number: {type: VARCHAR, meaning: House number to compare, pii: true}
  street: {type: VARCHAR, meaning: Street to compare, pii: true}
  postcode: {type: VARCHAR, meaning: Postal code in lower case, pii: true}
  city: {type: VARCHAR, meaning: City in lower case, pii: true}
  gender: {type: VARCHAR, meaning: "f, m or x"}
  company: {type: VARCHAR, meaning: "Organization the person belongs to, to compare", pii: true}
  domain: {type: VARCHAR, meaning: "Its domain: of the web site or else of the e-mail, where no mail provider's", pii: false}
*/
WITH lettered AS (
  SELECT
    source,
    source_key,
    REGEXP_REPLACE(SPLIT_PART(email, '@', 1), '[^a-z]', '', 'g') AS letters,
    REGEXP_REPLACE(SPLIT_PART(email, '@', 1), '[0-9]', '', 'g') AS dotted,
    given_key,
    family_key
  FROM customer_record
  WHERE
    NOT is_reference AND NOT email IS NULL AND (COALESCE(given_key, '') = '') <> (COALESCE(family_key, '') = '')
), mailed AS (
  SELECT
    source,
    source_key,
    CASE
      WHEN LENGTH(family_key) >= 3 AND CONTAINS(letters, family_key)
      THEN REPLACE(letters, family_key, '')
    END AS given,
    CASE
      WHEN LENGTH(given_key) >= 3 AND LENGTH(dotted) - LENGTH(REPLACE(dotted, '.', '')) = 1
      THEN CASE given_key
        WHEN SPLIT_PART(dotted, '.', 1)
        THEN SPLIT_PART(dotted, '.', 2)
        WHEN SPLIT_PART(dotted, '.', 2)
        THEN SPLIT_PART(dotted, '.', 1)
      END
    END AS family
  FROM lettered
), named AS (
  SELECT
    source,
    source_key,
    CASE
      WHEN LENGTH(given) = 1 OR LENGTH(given) BETWEEN 3 AND 12 AND NOT given IN ('the', 'mail', 'email', 'info', 'family', 'home', 'office', 'dr', 'contact')
      THEN given
    END AS given,
    CASE WHEN LENGTH(family) >= 3 THEN family END AS family
  FROM mailed
)
SELECT
  r.source,
  r.source_key,
  r.person_key,
  CASE WHEN email.value IS NULL THEN COALESCE(NULLIF(r.given_key, ''), n.given) ELSE NULLIF(r.given_key, '') END AS given,
  CASE WHEN email.value IS NULL THEN COALESCE(NULLIF(r.family_key, ''), n.family) ELSE NULLIF(r.family_key, '') END AS family,
  CASE WHEN email.value IS NULL THEN COALESCE(NULLIF(r.given_sound, ''), n.given) ELSE NULLIF(r.given_sound, '') END AS given_sound,
  CASE WHEN email.value IS NULL THEN COALESCE(NULLIF(r.family_sound, ''), n.family) ELSE NULLIF(r.family_sound, '') END AS family_sound,
  CASE
    WHEN NOT LIST_EXTRACT(r.given_roots, 1) IS NULL
    THEN LIST_SORT(LIST_DISTINCT(LIST_APPEND(r.given_roots, COALESCE(LOWER(r.nickname), r.given_key))))
    WHEN email.value IS NULL AND NOT n.given IS NULL THEN [n.given]
  END AS roots,
  CASE WHEN NOT LIST_EXTRACT(r.given_roots, 1) IS NULL THEN LIST_EXTRACT(r.given_roots, -1) WHEN email.value IS NULL THEN n.given END AS root,
  NULLIF(r.suffix, '') AS suffix,
  COALESCE(NULLIF(r.given_kind, ''), CASE WHEN email.value IS NULL AND NOT n.given IS NULL THEN 'latin' END) AS kind,
  CASE WHEN birth.value IS NULL THEN CAST(r.birth_on AS TEXT) END AS birth,
  CASE WHEN email.value IS NULL THEN r.email END AS email,
  CASE WHEN email.value IS NULL THEN SPLIT_PART(r.email, '@', 1) END AS email_local,
  CASE WHEN phone.value IS NULL THEN r.phone END AS phone,
  CASE WHEN id.value IS NULL THEN UPPER(r.national_id) END AS national_id,
  CASE WHEN card.value IS NULL THEN r.loyalty_card END AS loyalty_card,
  r.house_number,
  r.street,
  LOWER(r.postcode) AS postcode,
  REGEXP_REPLACE(LOWER(r.city), '市$', '', 'g') AS city,
  r.gender,
  r.organization_key AS company,
  r.domain
FROM customer_record AS r
LEFT JOIN named AS n
  ON n.source = r.source AND n.source_key = r.source_key
LEFT JOIN blocked_value AS birth
  ON birth.field = 'birth_on' AND birth.value = CAST(r.birth_on AS TEXT)
LEFT JOIN blocked_value AS email
  ON email.field = 'email' AND email.value = r.email
LEFT JOIN blocked_value AS phone
  ON phone.field = 'phone' AND phone.value = r.phone
LEFT JOIN blocked_value AS id
  ON id.field = 'national_id' AND id.value = r.national_id
LEFT JOIN blocked_value AS card
  ON card.field = 'loyalty_card' AND card.value = r.loyalty_card
WHERE
  NOT r.is_reference AND r.kind = 'person'
