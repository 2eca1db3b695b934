/*
description: >-
  Which organization a person belongs to: by the company that a record names, else by the domain of the e-mail. Where
  several organizations fit, the one at the person's place, then no branch, the shortest name, most records. A company that is no
  customer itself gets a provisional account.
grain: one row per person who belongs to an organization
kind: merge
key: [customer_id]
by: [customer_id]
follows:
  customer_xref: customer_id
  customer_record:
    through: customer_xref
    key: >-
      SELECT x.customer_id FROM customer_xref AS x
      SEMI JOIN changed_customer_record AS c ON c.source = x.source AND c.source_key = x.source_key
  account_name:
    key: >-
      SELECT x.customer_id FROM customer_record AS r JOIN customer_xref AS x ON x.source = r.source AND x.source_key = r.source_key
      WHERE r.organization_key IN (SELECT c.name_key FROM changed_account_name AS c)
      OR r.domain IN (SELECT c.domain FROM changed_account_name AS c)
      UNION SELECT c.customer_id FROM changed_account_name AS c
sort: [customer_id]
owner: identity
columns:
  customer_id: {type: VARCHAR, meaning: Customer who is a person}
  account_id: {type: VARCHAR, meaning: Account, pii: false}
  role: {type: VARCHAR, pii: false, meaning: "What the position says: owner, buyer, finance, technical, sales, else member"}
  position: {type: VARCHAR, meaning: Position as written}
  evidence: {type: VARCHAR, meaning: "company_name, email_domain, or company_and_domain", pii: false}
  company: {type: VARCHAR, meaning: Organization as written in the newest record that names one}
  candidate_count: {type: BIGINT, meaning: "Accounts that the name or domain fits, the chosen one included", unit: accounts, pii: false}
checks: ["evidence IN ('company_name', 'email_domain', 'company_and_domain')", candidate_count > 0]
*/
WITH named AS (
  SELECT account_id, customer_id, name_key, domain, postcode, city, parent_key, record_count FROM account_name
), organization AS (
  SELECT customer_id FROM named GROUP BY customer_id
), said AS (
  SELECT
    x.customer_id,
    r.organization_key AS name_key,
    r.company,
    r.domain,
    COALESCE(LOWER(r.postcode), '') AS postcode,
    COALESCE(LOWER(r.city), '') AS city,
    r.position,
    COALESCE(r.updated_at, r.registered_at, CAST('1900-01-01' AS TIMESTAMP)) AS changed_at,
    r.source,
    r.source_key
  FROM customer_record AS r
  JOIN customer_xref AS x
    USING (source, source_key)
  ANTI JOIN organization AS o
    ON o.customer_id = x.customer_id
  WHERE
    r.kind = 'person' AND (
      NOT r.organization_key IS NULL OR NOT r.domain IS NULL
    )
), known AS (
  SELECT claim, value, spot, account_id, SUM(record_count) AS records, MIN(parent_key) IS NULL AS is_head, -MIN(LENGTH(name_key)) AS shortness
  FROM (
    SELECT 'name' AS claim, name_key AS value, '' AS spot, account_id, record_count, name_key, parent_key FROM named
    UNION ALL
    SELECT 'name' AS claim, name_key AS value, 'p' || postcode AS spot, account_id, record_count, name_key, parent_key FROM named WHERE postcode <> ''
    UNION ALL
    SELECT 'name' AS claim, name_key AS value, 'c' || city AS spot, account_id, record_count, name_key, parent_key FROM named WHERE city <> ''
    UNION ALL
    SELECT 'domain' AS claim, domain AS value, '' AS spot, account_id, record_count, name_key, parent_key FROM named
    UNION ALL
    SELECT 'domain' AS claim, domain AS value, 'p' || postcode AS spot, account_id, record_count, name_key, parent_key FROM named WHERE postcode <> ''
    UNION ALL
    SELECT 'domain' AS claim, domain AS value, 'c' || city AS spot, account_id, record_count, name_key, parent_key FROM named WHERE city <> ''
  ) AS long
  WHERE
    value <> ''
  GROUP BY
    claim,
    value,
    spot,
    account_id
), head AS (
  SELECT
    claim,
    value,
    spot,
    MAX_BY(account_id, STRUCT_PACK(is_head := is_head, shortness := shortness, records := records, account_id := account_id)) AS account_id,
    COUNT(*) AS accounts
  FROM known
  GROUP BY
    claim,
    value,
    spot
), claim AS (
  SELECT customer_id, name_key, domain, 'name' AS claim, name_key AS value, '' AS spot, 3 AS place FROM said
  UNION ALL
  SELECT customer_id, name_key, domain, 'name' AS claim, name_key AS value, 'p' || postcode AS spot, 1 AS place FROM said
  UNION ALL
  SELECT customer_id, name_key, domain, 'name' AS claim, name_key AS value, 'c' || city AS spot, 2 AS place FROM said
  UNION ALL
  SELECT customer_id, name_key, domain, 'domain' AS claim, domain AS value, '' AS spot, 7 AS place FROM said
  UNION ALL
  SELECT customer_id, name_key, domain, 'domain' AS claim, domain AS value, 'p' || postcode AS spot, 5 AS place FROM said
  UNION ALL
  SELECT customer_id, name_key, domain, 'domain' AS claim, domain AS value, 'c' || city AS spot, 6 AS place FROM said
), found AS (
  SELECT
    c.customer_id,
    h.account_id,
    c.claim,
    c.place,
    h.accounts
  FROM claim AS c
  JOIN head AS h
    ON h.claim = c.claim AND h.value = c.value AND h.spot = c.spot
  UNION ALL
  SELECT
    customer_id,
    'n' || SUBSTRING(MD5(name_key), 1, 12) AS account_id,
    'name' AS claim,
    4 AS place,
    1 AS accounts
  FROM said
  WHERE
    NOT name_key IS NULL
), ranked AS (
  SELECT
    customer_id,
    account_id,
    MAX(CASE WHEN claim = 'name' THEN 1 ELSE 0 END) OVER (PARTITION BY customer_id, account_id) AS by_name,
    MAX(CASE WHEN claim = 'domain' THEN 1 ELSE 0 END) OVER (PARTITION BY customer_id, account_id) AS by_domain,
    MAX(accounts) OVER (PARTITION BY customer_id) AS accounts,
    ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY place, account_id) AS place
  FROM found
), written AS (
  SELECT
    customer_id,
    MAX_BY(position, STRUCT_PACK(changed_at := changed_at, source := source, source_key := source_key)) FILTER(WHERE NOT position IS NULL) AS position,
    MAX_BY(company, STRUCT_PACK(changed_at := changed_at, source := source, source_key := source_key)) FILTER(WHERE NOT company IS NULL) AS company
  FROM said
  GROUP BY
    customer_id
)
SELECT
  k.customer_id,
  k.account_id,
  CASE
    WHEN REGEXP_MATCHES(LOWER(p.position), 'owner|founder|president|chief|\bceo\b|\bcoo\b|chairman|managing director|法人|老板|总经理|董事|总裁|创始人') THEN 'owner'
    WHEN REGEXP_MATCHES(LOWER(p.position), 'buyer|purchas|procure|sourcing|采购') THEN 'buyer'
    WHEN REGEXP_MATCHES(LOWER(p.position), 'financ|account|\bcfo\b|controller|treasur|财务|会计|出纳') THEN 'finance'
    WHEN REGEXP_MATCHES(LOWER(p.position), 'engineer|developer|technic|technolog|\bit\b|\bcto\b|技术|工程师|研发') THEN 'technical'
    WHEN REGEXP_MATCHES(LOWER(p.position), 'sales|marketing|销售|市场') THEN 'sales'
    ELSE 'member'
  END AS role,
  p.position,
  CASE
    WHEN k.by_name + k.by_domain = 2 THEN 'company_and_domain'
    WHEN k.by_name = 1 THEN 'company_name'
    ELSE 'email_domain'
  END AS evidence,
  p.company,
  k.accounts AS candidate_count
FROM ranked AS k
JOIN written AS p
  ON p.customer_id = k.customer_id
WHERE
  k.place = 1
