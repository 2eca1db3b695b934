/*
description: >-
  Organizations as customers: with their people, and with the account above, where name and domain say that one is a
  branch or subsidiary of another. Provisional: named by its people only.
grain: one row per organization
kind: merge
key: [account_id]
by: [account_id]
follows:
  account_member: account_id
  account_name:
    key: >-
      SELECT c.account_id FROM changed_account_name AS c
      UNION SELECT n.account_id FROM account_name AS n JOIN changed_account_name AS c ON n.parent_key = c.name_key
      UNION SELECT n.account_id FROM account_name AS n JOIN changed_account_name AS c ON n.domain = c.domain AND c.domain <> ''
  customer:
    key: "'a' || SUBSTRING(customer_id, 2)"
    when: kind = 'organization'
    prune: customer_id
    prune_by: "'c' || SUBSTRING(_k1, 2)"
owner: identity
columns:
  account_id: {type: VARCHAR, meaning: Account, pii: false}
  customer_id: {type: VARCHAR, meaning: Customer that the organization is; NULL where it is none}
  name: {type: VARCHAR, meaning: Name}
  domain: {type: VARCHAR, meaning: Domain that most of its records have, pii: false}
  parent_account_id: {type: VARCHAR, meaning: Account it is a branch or subsidiary of, pii: false}
  parent_evidence: {type: VARCHAR, meaning: "branch_name, or domain_and_name", pii: false}
  member_count: {type: BIGINT, meaning: Persons who belong to it, unit: customers, pii: false}
  is_provisional: {type: BOOLEAN, meaning: Known from its people only, pii: false}
checks: [member_count >= 0, parent_account_id IS NULL OR parent_account_id <> account_id]
*/
WITH said AS (
  SELECT
    n.account_id,
    ANY_VALUE(n.customer_id) AS customer_id,
    ANY_VALUE(COALESCE(c.full_name, c.company)) AS name
  FROM account_name AS n
  JOIN customer AS c
    ON c.customer_id = n.customer_id
  GROUP BY
    n.account_id
), known AS (
  SELECT
    account_id,
    name_key,
    domain,
    parent_key,
    record_count,
    MIN(LENGTH(name_key)) OVER (PARTITION BY account_id) AS letters
  FROM account_name
), voted AS (
  SELECT account_id, domain, SUM(record_count) AS votes FROM account_name WHERE domain <> '' GROUP BY account_id, domain
), held AS (
  SELECT account_id, domain, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY votes DESC, domain) AS place FROM voted
), head AS (
  SELECT
    name_key,
    account_id,
    letters,
    ROW_NUMBER() OVER (PARTITION BY name_key ORDER BY record_count DESC, account_id) AS place
  FROM known
  WHERE
    name_key <> ''
), domain_head AS (
  SELECT
    domain,
    name_key,
    account_id,
    letters,
    ROW_NUMBER() OVER (PARTITION BY domain ORDER BY LENGTH(name_key), record_count DESC, account_id) AS place
  FROM known
  WHERE
    domain <> '' AND name_key <> ''
), above AS (
  SELECT
    n.account_id,
    h.account_id AS parent_account_id,
    'branch_name' AS evidence,
    1 AS place
  FROM known AS n
  JOIN head AS h
    ON h.name_key = n.parent_key AND h.place = 1
  WHERE
    h.letters < n.letters
  UNION ALL
  SELECT
    n.account_id,
    h.account_id AS parent_account_id,
    'domain_and_name' AS evidence,
    2 AS place
  FROM known AS n
  JOIN domain_head AS h
    ON h.domain = n.domain AND h.place = 1
  WHERE
    STARTS_WITH(n.name_key, h.name_key) AND n.name_key <> h.name_key AND h.letters < n.letters
), parent AS (
  SELECT
    account_id,
    parent_account_id,
    evidence,
    ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY place, parent_account_id) AS place
  FROM above
), member AS (
  SELECT account_id, COUNT(*) AS member_count FROM account_member GROUP BY account_id
), named AS (
  SELECT account_id, company, COUNT(*) AS votes FROM account_member WHERE NOT company IS NULL GROUP BY account_id, company
), company AS (
  SELECT account_id, company, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY votes DESC, LENGTH(company) DESC, company) AS place FROM named
), account AS (
  SELECT account_id FROM said
  UNION
  SELECT account_id FROM member
)
SELECT
  a.account_id,
  s.customer_id,
  CASE WHEN s.customer_id IS NULL THEN n.company ELSE COALESCE(s.name, n.company) END AS name,
  d.domain,
  p.parent_account_id,
  p.evidence AS parent_evidence,
  COALESCE(m.member_count, 0) AS member_count,
  s.customer_id IS NULL AS is_provisional
FROM account AS a
LEFT JOIN said AS s
  ON s.account_id = a.account_id
LEFT JOIN held AS d
  ON d.account_id = a.account_id AND d.place = 1
LEFT JOIN parent AS p
  ON p.account_id = a.account_id AND p.place = 1
LEFT JOIN member AS m
  ON m.account_id = a.account_id
LEFT JOIN company AS n
  ON n.account_id = a.account_id AND n.place = 1
