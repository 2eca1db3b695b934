/*
description: A touch between a customer and people.
grain: one row per interaction_id
kind: merge
key: [interaction_id]
by: [interaction_id]
follows:
  stg_interaction: {key: "source || ':' || interaction_key", unique: true}
  customer_xref:
    key: >-
      SELECT s.source || ':' || s.interaction_key FROM stg_interaction AS s
      SEMI JOIN (SELECT * FROM changed_customer_xref WHERE _is_old) AS c ON c.source = s.source
      AND c.source_key = COALESCE(s.customer_key, s.loyalty_card, s.email, s.phone)
owner: service
sort: [customer_id, started_at, interaction_id]
columns:
  interaction_id: {type: VARCHAR, meaning: "Touch; the source and its number of it"}
  customer_id: {type: VARCHAR, meaning: "With whom; empty where the source names nobody"}
  source: {type: VARCHAR, meaning: System the row comes from}
  kind: {type: VARCHAR, meaning: "call, chat, ticket, mail, visit or other"}
  started_at: {type: TIMESTAMP, meaning: "When it began, unit: UTC"}
  started_on: {type: DATE, meaning: Day it began in the workspace's time zone}
  ended_at: {type: TIMESTAMP, meaning: "When it ended, unit: UTC"}
  subject: {type: VARCHAR, meaning: "What it was about in a few words, pii: true"}
  text: {type: VARCHAR, meaning: "What was said or written, pii: true"}
  agent: {type: VARCHAR, meaning: Who of the company took part}
  status: {type: VARCHAR, meaning: Where it stands as the source says}
  satisfaction: {type: "DECIMAL(18,2)", meaning: Score the customer gave it as the source scales it}
*/
SELECT
  s.source || ':' || s.interaction_key AS interaction_id,
  x.customer_id,
  s.source,
  CASE
    WHEN REGEXP_MATCHES(s.kind, 'call|phone|voice|电话|通话|来电')
    THEN 'call'
    WHEN REGEXP_MATCHES(s.kind, 'chat|whatsapp|wechat|messag|聊天|微信|在线')
    THEN 'chat'
    WHEN REGEXP_MATCHES(s.kind, 'mail|邮件')
    THEN 'mail'
    WHEN REGEXP_MATCHES(s.kind, 'visit|meeting|store|拜访|到店|上门')
    THEN 'visit'
    WHEN REGEXP_MATCHES(s.kind, 'ticket|case|complaint|request|incident|工单|投诉')
    THEN 'ticket'
    ELSE 'other'
  END AS kind,
  s.started_at,
  CAST(TIMEZONE(w.time_zone, TIMEZONE('UTC', s.started_at)) AS DATE) AS started_on,
  s.ended_at,
  s.subject,
  s.text,
  s.agent,
  s.status,
  s.satisfaction
FROM stg_interaction AS s
CROSS JOIN workspace_setting AS w
LEFT JOIN customer_xref AS x
  ON x.source = s.source
  AND x.source_key = COALESCE(s.customer_key, s.loyalty_card, s.email, s.phone)
