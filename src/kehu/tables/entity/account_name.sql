/*
description: By which names and domains each customer that is an organization is known; what its people are found by.
grain: one row per organization, name, domain and place
kind: merge
key: [customer_id, name_key, domain, postcode, city]
by: [customer_id]
follows:
  customer_xref: customer_id
  customer_record:
    through: customer_xref
    key: >-
      SELECT x.customer_id FROM customer_xref AS x
      SEMI JOIN changed_customer_record AS c ON c.source = x.source AND c.source_key = x.source_key
owner: identity
columns:
  account_id: {type: VARCHAR, meaning: Account of the organization, pii: false}
  customer_id: {type: VARCHAR, meaning: Customer that the organization is}
  name_key: {type: VARCHAR, meaning: "Its name to compare, without legal form; empty where unknown"}
  domain: {type: VARCHAR, meaning: Its domain; empty where unknown, pii: false}
  postcode: {type: VARCHAR, meaning: "Postal code, lower case; empty where unknown"}
  city: {type: VARCHAR, meaning: "City or town, lower case; empty where unknown"}
  parent_key: {type: VARCHAR, meaning: Name of the organization whose branch its name says it is}
  record_count: {type: BIGINT, meaning: Records that say so, unit: records}
checks: [record_count > 0]
*/
SELECT
  'a' || SUBSTRING(x.customer_id, 2) AS account_id,
  x.customer_id,
  COALESCE(r.organization_key, '') AS name_key,
  COALESCE(r.domain, '') AS domain,
  COALESCE(LOWER(r.postcode), '') AS postcode,
  COALESCE(LOWER(r.city), '') AS city,
  MIN(r.parent_key) AS parent_key,
  COUNT(*) AS record_count
FROM customer_record AS r
JOIN customer_xref AS x
  USING (source, source_key)
WHERE
  r.kind = 'organization'
GROUP BY
  x.customer_id,
  COALESCE(r.organization_key, ''),
  COALESCE(r.domain, ''),
  COALESCE(LOWER(r.postcode), ''),
  COALESCE(LOWER(r.city), '')
