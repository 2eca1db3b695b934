/*
description: Whom a campaign addressed and what they did.
grain: one row per response_id
kind: merge
key: [response_id]
by: [response_id]
follows:
  stg_contact_response: {key: "source || ':' || response_key", unique: true}
  customer_xref:
    key: >-
      SELECT s.source || ':' || s.response_key FROM stg_contact_response AS s
      SEMI JOIN (SELECT * FROM changed_customer_xref WHERE _is_old) AS c ON c.source = s.source
      AND c.source_key = COALESCE(s.customer_key, s.loyalty_card, s.email, s.phone)
owner: marketing
sort: [customer_id, at, response_id]
columns:
  response_id: {type: VARCHAR, meaning: "Response; the source, stream and its number of it"}
  campaign_id: {type: VARCHAR, meaning: Campaign}
  customer_id: {type: VARCHAR, meaning: "Whom; empty where the source names nobody"}
  source: {type: VARCHAR, meaning: System the row comes from}
  kind: {type: VARCHAR, meaning: "addressed, opened, clicked, redeemed or other"}
  at: {type: TIMESTAMP, meaning: "When it happened, unit: UTC"}
  responded_on: {type: DATE, meaning: Day it happened in the workspace's time zone}
  coupon: {type: VARCHAR, meaning: Coupon used}
*/
SELECT
  s.source || ':' || s.response_key AS response_id,
  s.campaign_key AS campaign_id,
  x.customer_id,
  s.source,
  CASE
    WHEN REGEXP_MATCHES(s.kind, 'redeem|redemption|used|convert|purchase|核销|使用')
    THEN 'redeemed'
    WHEN REGEXP_MATCHES(s.kind, 'click|点击')
    THEN 'clicked'
    WHEN REGEXP_MATCHES(s.kind, 'open|打开|阅读')
    THEN 'opened'
    WHEN REGEXP_MATCHES(s.kind, 'address|sent|send|deliver|mail|target|contact|触达|发送')
    THEN 'addressed'
    ELSE 'other'
  END AS kind,
  s."at",
  CAST(TIMEZONE(w.time_zone, TIMEZONE('UTC', s."at")) AS DATE) AS responded_on,
  s.coupon
FROM stg_contact_response AS s
CROSS JOIN workspace_setting AS w
LEFT JOIN customer_xref AS x
  ON x.source = s.source
  AND x.source_key = COALESCE(s.customer_key, s.loyalty_card, s.email, s.phone)
