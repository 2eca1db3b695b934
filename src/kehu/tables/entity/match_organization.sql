/*
description: >-
  What a record of an organization says for matching: its name without legal form, address, phone, e-mail, domain and tax
  number; placeholders are left out.
grain: one row per source and source_key of a described organization
kind: merge
key: [source, source_key]
by: [source, source_key]
follows:
  customer_record: {key: "source, source_key", unique: true}
  blocked_value:
    key: >-
      SELECT r.source, r.source_key FROM customer_record AS r
      SEMI JOIN (
        SELECT field, value FROM changed_blocked_value WHERE reason = 'placeholder' GROUP BY field, value
        HAVING COUNT(*) FILTER(WHERE _is_old) <> COUNT(*) FILTER(WHERE NOT _is_old)
      ) AS b ON b.value = CASE b.field WHEN 'email' THEN r.email WHEN 'phone' THEN r.phone END
sort: [source, source_key]
owner: identity
columns:
  source: {type: VARCHAR, meaning: System the record comes from}
  source_key: {type: VARCHAR, meaning: Number of the record in its source, pii: true}
  person_key: {type: VARCHAR, meaning: Customer the source itself says the record belongs to, pii: true}
  name: {type: VARCHAR, meaning: Name to compare, pii: true}
  house_number: {type: VARCHAR, meaning: House number to compare, pii: true}
  street: {type: VARCHAR, meaning: Street to compare, pii: true}
  postcode: {type: VARCHAR, meaning: Postal code in lower case, pii: true}
  city: {type: VARCHAR, meaning: City in lower case, pii: true}
  phone: {type: VARCHAR, meaning: Phone number, pii: true}
  email: {type: VARCHAR, meaning: E-mail address, pii: true}
  domain: {type: VARCHAR, meaning: Domain of its website or e-mail, pii: false}
  tax_id: {type: VARCHAR, meaning: Tax or registration number, pii: true}
*/
SELECT
  r.source,
  r.source_key,
  r.person_key,
  r.organization_key AS name,
  r.house_number,
  r.street,
  LOWER(r.postcode) AS postcode,
  REGEXP_REPLACE(LOWER(r.city), '市$', '', 'g') AS city,
  CASE WHEN phone.value IS NULL THEN r.phone END AS phone,
  CASE WHEN email.value IS NULL THEN r.email END AS email,
  r.domain,
  r.tax_id
FROM customer_record AS r
LEFT JOIN blocked_value AS phone
  ON phone.field = 'phone' AND phone.value = r.phone AND phone.reason = 'placeholder'
LEFT JOIN blocked_value AS email
  ON email.field = 'email' AND email.value = r.email AND email.reason = 'placeholder'
WHERE
  NOT r.is_reference AND r.kind = 'organization'
