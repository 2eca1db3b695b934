/*
description: An answer to a survey.
grain: one row per response_id
kind: merge
key: [response_id]
by: [response_id]
follows:
  stg_survey_response: {key: "source || ':' || response_key", unique: true}
  customer_xref:
    key: >-
      SELECT s.source || ':' || s.response_key FROM stg_survey_response AS s
      SEMI JOIN (SELECT * FROM changed_customer_xref WHERE _is_old) AS c ON c.source = s.source
      AND c.source_key = COALESCE(s.customer_key, s.loyalty_card, s.email, s.phone)
owner: service
sort: [customer_id, answered_at, response_id]
columns:
  response_id: {type: VARCHAR, meaning: "Answer; the source and its number of it"}
  customer_id: {type: VARCHAR, meaning: "Who answered; empty where the source names nobody"}
  source: {type: VARCHAR, meaning: System the row comes from}
  survey: {type: VARCHAR, meaning: "nps, csat or the survey's own name"}
  score: {type: "DECIMAL(18,2)", meaning: "Score given (NPS 0-10; CSAT as the source scales it)"}
  text: {type: VARCHAR, meaning: "What was written, pii: true"}
  answered_at: {type: TIMESTAMP, meaning: "When it was answered, unit: UTC"}
  answered_on: {type: DATE, meaning: Day it was answered in the workspace's time zone}
  language: {type: VARCHAR, meaning: Language of the text}
*/
SELECT
  s.source || ':' || s.response_key AS response_id,
  x.customer_id,
  s.source,
  CASE
    WHEN REGEXP_MATCHES(s.survey, 'nps|promoter|推荐')
    THEN 'nps'
    WHEN REGEXP_MATCHES(s.survey, 'csat|satisf|满意')
    THEN 'csat'
    ELSE COALESCE(s.survey, 'survey')
  END AS survey,
  s.score,
  s.text,
  s.answered_at,
  CAST(TIMEZONE(w.time_zone, TIMEZONE('UTC', s.answered_at)) AS DATE) AS answered_on,
  s.language
FROM stg_survey_response AS s
CROSS JOIN workspace_setting AS w
LEFT JOIN customer_xref AS x
  ON x.source = s.source
  AND x.source_key = COALESCE(s.customer_key, s.loyalty_card, s.email, s.phone)
