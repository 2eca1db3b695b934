/*
description: >-
  One person or organization as one source knows it, with its name, phone and address in comparable form; also every
  key by which a fact names somebody whom no record of that source describes (a till's card, a web shop's e-mail or
  phone).
grain: one row per source and source_key
kind: merge
key: [source, source_key]
by: [source, source_key]
follows:
  stg_customer_record: {key: "source, source_key", covers: true}
  stg_order_line: &named
    key: source, COALESCE(customer_key, loyalty_card, email, phone)
    covers: true
    when: >-
      _is_old OR NOT EXISTS (SELECT 1 FROM customer_record AS k WHERE k.source = c.source
      AND k.source_key = COALESCE(c.customer_key, c.loyalty_card, c.email, c.phone)
      AND COALESCE(c.loyalty_card = k.loyalty_card, c.loyalty_card IS NULL) AND COALESCE(c.email = k.email, c.email IS NULL)
      AND COALESCE(c.phone = k.phone, c.phone IS NULL))
  stg_orders: *named
  stg_interaction: *named
  stg_survey_response: *named
  stg_contact_response: *named
owner: identity
sort: [source_key]
columns:
  source: {type: VARCHAR, meaning: System the record comes from}
  source_key: {type: VARCHAR, meaning: Number of the record in its source; for a reference the key that facts name, pii: true}
  row_id: {type: VARCHAR, meaning: Raw row the values come from; empty for a reference, which many facts may name}
  is_reference: {type: BOOLEAN, meaning: Known only from facts that name it}
  person_key: {type: VARCHAR, meaning: Person the source itself says the record belongs to}
  title: {type: VARCHAR, meaning: Form of address}
  full_name: {type: VARCHAR, meaning: Name as written or put together}
  first_name: {type: VARCHAR, meaning: Given name}
  last_name: {type: VARCHAR, meaning: Family name}
  nickname: {type: VARCHAR, meaning: Name used by friends}
  gender: {type: VARCHAR, meaning: "f, m or x"}
  birth_on: {type: DATE, meaning: Day of birth}
  email: {type: VARCHAR, meaning: "E-mail address, lower case"}
  phone: {type: VARCHAR, meaning: "Phone number, E.164"}
  loyalty_card: {type: VARCHAR, meaning: Loyalty card number}
  national_id: {type: VARCHAR, meaning: Number of an identity document}
  address: {type: VARCHAR, meaning: Street and house}
  city: {type: VARCHAR, meaning: City or town; where the record has none the one that its address names}
  state: {type: VARCHAR, meaning: State or province}
  postcode: {type: VARCHAR, meaning: Postal code; where the record has none the one that its address names}
  country: {type: VARCHAR, meaning: Country}
  company: {type: VARCHAR, meaning: Organization the person belongs to}
  registered_at: {type: TIMESTAMP, meaning: When the record was first made, unit: UTC}
  updated_at: {type: TIMESTAMP, meaning: When the source last changed it, unit: UTC}
  attributes: {type: JSON, meaning: Columns of the source that no field takes}
  given_key: {type: VARCHAR, meaning: Given name to compare}
  family_key: {type: VARCHAR, meaning: Family name to compare}
  given_sound: {type: VARCHAR, meaning: Given name in Latin letters}
  family_sound: {type: VARCHAR, meaning: Family name in Latin letters}
  given_roots: {type: "VARCHAR[]", meaning: Full names that the given name may stand for}
  suffix: {type: VARCHAR, meaning: "jr, sr, ii"}
  given_kind: {type: VARCHAR, meaning: "How the given name is written: han, pinyin or latin"}
  house_number: {type: VARCHAR, meaning: House number to compare}
  street: {type: VARCHAR, meaning: Street to compare}
  kind: {type: VARCHAR, pii: false, meaning: "person or organization: as the source says or the
    name tells, or where a company and nobody is named; NULL for a reference"}
  tax_id: {type: VARCHAR, meaning: "Number of an organization with the tax office or in the register, letters and digits"}
  website: {type: VARCHAR, meaning: Address of its web site}
  domain: {type: VARCHAR, meaning: "Domain of the web site or else of the e-mail, where no mail provider's", pii: false}
  organization_key: {type: VARCHAR, meaning: "Name of the organization, or of the one that the person belongs to, to compare"}
  parent_key: {type: VARCHAR, meaning: The same of the organization whose branch the name says it is}
  position: {type: VARCHAR, meaning: What the person is in the organization}
checks: [not_null(source, source_key)]
*/
WITH fact AS (
  SELECT source, customer_key, loyalty_card, email, phone FROM stg_order_line
  UNION ALL
  SELECT source, customer_key, loyalty_card, email, phone FROM stg_orders
  UNION ALL
  SELECT source, customer_key, loyalty_card, email, phone FROM stg_interaction
  UNION ALL
  SELECT source, customer_key, loyalty_card, email, phone FROM stg_survey_response
  UNION ALL
  SELECT source, customer_key, loyalty_card, email, phone FROM stg_contact_response
), named AS (
  SELECT
    source,
    COALESCE(customer_key, loyalty_card, email, phone) AS source_key,
    loyalty_card,
    email,
    phone,
    COUNT(*) AS times
  FROM fact
  WHERE
    NOT COALESCE(customer_key, loyalty_card, email, phone) IS NULL
  GROUP BY ALL
), reference AS (
  SELECT
    source,
    source_key,
    COALESCE(
      MAX_BY(email, STRUCT_PACK(times := times, value := email)) FILTER(WHERE NOT email IS NULL),
      CASE WHEN CONTAINS(source_key, '@') THEN LOWER(source_key) END
    ) AS email,
    COALESCE(
      MAX_BY(phone, STRUCT_PACK(times := times, value := phone)) FILTER(WHERE NOT phone IS NULL),
      CASE WHEN REGEXP_FULL_MATCH(source_key, '\+[1-9][0-9]{6,14}') THEN source_key END
    ) AS phone,
    MAX_BY(loyalty_card, STRUCT_PACK(times := times, value := loyalty_card)) FILTER(WHERE NOT loyalty_card IS NULL) AS loyalty_card
  FROM named
  GROUP BY
    source,
    source_key
), hosted AS (
  SELECT
    r.source,
    r.source_key,
    r.row_id,
    r.person_key,
    r.title,
    r.full_name,
    r.first_name,
    r.last_name,
    r.nickname,
    r.gender,
    r.birth_on,
    r.email,
    r.phone,
    r.loyalty_card,
    r.national_id,
    r.address,
    r.city,
    r.state,
    r.postcode,
    r.country,
    r.company,
    r.registered_at,
    r.updated_at,
    r.attributes,
    r.position,
    NULLIF(REGEXP_REPLACE(UPPER(r.tax_id), '[^0-9A-Z]', '', 'g'), '') AS tax_id,
    r.website,
    COALESCE(
      CASE
        WHEN REGEXP_MATCHES(LOWER(r.website), '^([a-z]+://)?(www[0-9]?[.])?[^/:?# ]+[.][^/:?# ]+')
        THEN REGEXP_REPLACE(REGEXP_REPLACE(LOWER(r.website), '^([a-z]+://)?(www[0-9]?[.])?', '', 'g'), '[/:?# ].*$', '', 'g')
      END,
      NULLIF(SPLIT_PART(r.email, '@', 2), '')
    ) AS host,
    NOT COALESCE(
      CASE
        WHEN r.kind IN ('organization', 'organisation', 'company', 'business', 'corporate', 'b2b', '企业', '公司', '单位', '机构', '组织', '法人') THEN TRUE
        WHEN r.kind IN ('person', 'individual', 'private', 'consumer', 'b2c', '个人', '自然人') THEN FALSE
      END,
      p.is_organization,
      NOT r.company IS NULL
      AND COALESCE(r.full_name, r.first_name, r.last_name, r.gender, CAST(r.birth_on AS TEXT)) IS NULL
      AND (
        r.email IS NULL OR NOT r.tax_id IS NULL OR NOT r.website IS NULL
      )
    ) AS is_person
  FROM stg_customer_record AS r
  LEFT JOIN organization_part AS p
    ON p.organization_text = CASE
      WHEN r.birth_on IS NULL
      AND r.gender IS NULL
      AND (
        r.first_name IS NULL OR r.last_name IS NULL
      )
      THEN r.full_name
    END
), record AS (
  SELECT
    source,
    source_key,
    row_id,
    person_key,
    title,
    full_name,
    first_name,
    last_name,
    nickname,
    gender,
    birth_on,
    email,
    phone,
    loyalty_card,
    national_id,
    address,
    city,
    state,
    postcode,
    country,
    company,
    registered_at,
    updated_at,
    attributes,
    position,
    tax_id,
    website,
    CASE
      WHEN REGEXP_MATCHES(host, '[a-z0-9-][.](com|co|net|org|gov|edu|ac|or|ne|go)[.][a-z]{2}$')
      THEN CONCAT_WS(
        '.',
        LIST_EXTRACT(STRING_SPLIT(host, '.'), -3),
        LIST_EXTRACT(STRING_SPLIT(host, '.'), -2),
        LIST_EXTRACT(STRING_SPLIT(host, '.'), -1)
      )
      WHEN REGEXP_MATCHES(host, '[a-z0-9-][.][a-z]{2,}$')
      THEN CONCAT_WS('.', LIST_EXTRACT(STRING_SPLIT(host, '.'), -2), LIST_EXTRACT(STRING_SPLIT(host, '.'), -1))
    END AS domain,
    is_person
  FROM hosted
)
SELECT
  r.source,
  r.source_key,
  r.row_id,
  FALSE AS is_reference,
  r.person_key,
  r.title,
  COALESCE(
    CASE WHEN REGEXP_FULL_MATCH(r.full_name, '[㐀-鿿]+( [㐀-鿿]+)+') THEN REPLACE(r.full_name, ' ', '') ELSE r.full_name END,
    CASE
      WHEN REGEXP_MATCHES(CONCAT(r.first_name, r.last_name), '[㐀-鿿]')
      THEN NULLIF(CONCAT(r.last_name, r.first_name), '')
      ELSE NULLIF(CONCAT_WS(' ', r.first_name, r.last_name), '')
    END,
    CASE WHEN NOT r.is_person THEN r.company END
  ) AS full_name,
  r.first_name,
  r.last_name,
  r.nickname,
  r.gender,
  r.birth_on,
  r.email,
  r.phone,
  r.loyalty_card,
  r.national_id,
  r.address,
  COALESCE(r.city, a.city) AS city,
  r.state,
  COALESCE(r.postcode, a.postcode) AS postcode,
  r.country,
  r.company,
  r.registered_at,
  r.updated_at,
  r.attributes,
  CASE WHEN r.is_person THEN n.given_key END AS given_key,
  CASE WHEN r.is_person THEN n.family_key END AS family_key,
  CASE WHEN r.is_person THEN n.given_sound END AS given_sound,
  CASE WHEN r.is_person THEN n.family_sound END AS family_sound,
  CASE WHEN r.is_person THEN n.given_roots END AS given_roots,
  CASE WHEN r.is_person THEN n.suffix END AS suffix,
  CASE WHEN r.is_person THEN n.given_kind END AS given_kind,
  a.house_number,
  a.street,
  CASE WHEN r.is_person THEN 'person' ELSE 'organization' END AS kind,
  r.tax_id,
  r.website,
  CASE WHEN NOT REGEXP_MATCHES(r.domain, '^(gmail|googlemail|yahoo|ymail|rocketmail|hotmail|outlook|live|msn|aol|icloud|me|mac|gmx|web|t-online|freenet|mail|inbox|bk|list|yandex|ya|proton|protonmail|pm|zoho|fastmail|hushmail|tutanota|comcast|verizon|att|sbcglobal|bellsouth|cox|charter|earthlink|juno|optonline|roadrunner|orange|free|laposte|wanadoo|sfr|libero|virgilio|tiscali|btinternet|sky|ntlworld|blueyonder|virginmedia|talktalk|bigpond|optusnet|shaw|rogers|sympatico|telus|naver|daum|hanmail|nate|rediffmail|docomo|ezweb|softbank|qq|foxmail|163|126|139|yeah|188|vip189|189|sina|sohu|tom|21cn|aliyun|wo|263|facebook|instagram|linkedin|twitter|xing|youtube|tiktok|douyin|weibo|taobao|tmall|example|test)\.') THEN r.domain END AS domain,
  o.organization_key,
  o.parent_key,
  r.position
FROM record AS r
LEFT JOIN name_part AS n
  ON n.full_name = COALESCE(r.full_name, '')
  AND n.first_name = COALESCE(r.first_name, '')
  AND n.last_name = COALESCE(r.last_name, '')
LEFT JOIN address_part AS a
  ON a.address_text = r.address
LEFT JOIN organization_part AS o
  ON o.organization_text = CASE WHEN r.is_person THEN r.company ELSE COALESCE(r.full_name, r.company) END
UNION ALL
SELECT
  f.source,
  f.source_key,
  NULL AS row_id,
  TRUE AS is_reference,
  NULL AS person_key,
  NULL AS title,
  NULL AS full_name,
  NULL AS first_name,
  NULL AS last_name,
  NULL AS nickname,
  NULL AS gender,
  NULL AS birth_on,
  f.email,
  f.phone,
  f.loyalty_card,
  NULL AS national_id,
  NULL AS address,
  NULL AS city,
  NULL AS state,
  NULL AS postcode,
  NULL AS country,
  NULL AS company,
  NULL AS registered_at,
  NULL AS updated_at,
  NULL AS attributes,
  NULL AS given_key,
  NULL AS family_key,
  NULL AS given_sound,
  NULL AS family_sound,
  NULL AS given_roots,
  NULL AS suffix,
  NULL AS given_kind,
  NULL AS house_number,
  NULL AS street,
  NULL AS kind,
  NULL AS tax_id,
  NULL AS website,
  NULL AS domain,
  NULL AS organization_key,
  NULL AS parent_key,
  NULL AS position
FROM reference AS f
ANTI JOIN stg_customer_record AS r
  ON r.source = f.source AND r.source_key = f.source_key
