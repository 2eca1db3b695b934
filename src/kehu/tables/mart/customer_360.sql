/*
description: >-
  One customer on one row: who, what they bought, how they are scored, when they last spoke with us. Customers without
  an order have NULL for what follows from orders.
grain: one row per customer
kind: merge
key: [customer_id]
by: [customer_id]
follows:
  customer: {key: customer_id, unique: true}
  customer_rfm: customer_id
  customer_score: customer_id
  interaction: customer_id
  survey_response: customer_id
owner: analytics
sort: [customer_id]
columns:
  customer_id: {type: VARCHAR, meaning: Customer}
  full_name: {type: VARCHAR, meaning: Name, pii: true}
  email: {type: VARCHAR, meaning: E-mail address, pii: true}
  phone: {type: VARCHAR, meaning: Phone number (E.164), pii: true}
  city: {type: VARCHAR, meaning: City}
  state: {type: VARCHAR, meaning: State or province}
  household_id: {type: VARCHAR, meaning: Household}
  is_provisional: {type: BOOLEAN, meaning: Known by a reference key only}
  source_count: {type: BIGINT, meaning: Sources that know the customer, unit: sources}
  record_count: {type: BIGINT, meaning: Records joined in the customer, unit: records}
  first_order_on: {type: DATE, meaning: Day of the first order}
  last_order_on: {type: DATE, meaning: Day of the last order}
  order_count: {type: BIGINT, meaning: Orders, unit: orders}
  revenue: {type: "DECIMAL(18,2)", meaning: What the customer paid, unit: currency}
  avg_order_amount: {type: "DECIMAL(18,2)", meaning: revenue / order_count, unit: currency}
  recency_days: {type: INTEGER, meaning: Days from the last order to as_of_on, unit: days}
  r_score: {type: INTEGER, meaning: Fifth by the last order; 5 is the most recent}
  f_score: {type: INTEGER, meaning: Fifth by orders; 5 is the most frequent}
  m_score: {type: INTEGER, meaning: Fifth by revenue; 5 is the highest}
  rfm_group: {type: VARCHAR, meaning: Named group of customer_rfm}
  churn_risk: {type: DOUBLE, meaning: "Probability of no order in the next 30 days; NULL unless the customer ordered in the last 60", unit: probability}
  churn_band: {type: VARCHAR, meaning: "high, medium, low; lapsed: no order in the last 60 days"}
  churn_reasons: {type: VARCHAR, meaning: "JSON {for: [{feature, value, effect}], against: [...]}"}
  churn_source: {type: VARCHAR, meaning: What churn_risk comes from (a learner or a baseline)}
  predicted_orders_90d: {type: DOUBLE, meaning: Expected days with an order in the next 90 days, unit: days}
  predicted_spend_90d: {type: "DECIMAL(18,2)", meaning: Expected spend in the next 90 days, unit: currency}
  value_band: {type: VARCHAR, meaning: "high: top fifth by predicted spend, medium: the next three tenths, low: the rest"}
  predicted_orders_source: {type: VARCHAR, meaning: What predicted_orders_90d comes from}
  predicted_spend_source: {type: VARCHAR, meaning: What predicted_spend_90d comes from}
  last_interaction_at: {type: TIMESTAMP, meaning: "Start of the last call, chat, ticket, mail or visit", unit: UTC}
  interaction_count: {type: BIGINT, meaning: "Calls, chats, tickets, mails and visits", unit: touches}
  nps_score: {type: DOUBLE, meaning: "Last answer to 'would you recommend us', 0-10", unit: points}
  as_of_on: {type: DATE, meaning: "Last data day, inclusive: the data's own clock", unit: day}
checks: [unique(customer_id), churn_risk BETWEEN 0 AND 1 OR churn_risk IS NULL, predicted_spend_90d >= 0 OR predicted_spend_90d IS NULL]
*/
WITH data_end AS (
  SELECT
    last_on AS as_of_on
  FROM data_span
), churn AS (
  SELECT
    customer_id,
    value,
    band,
    reasons,
    published_as
  FROM customer_score
  WHERE
    scorer = 'churn'
), churn_run AS (
  SELECT
    COALESCE(ARG_MAX(is_published, {'at': scored_at, 'id': run_id}), FALSE) AS is_scored
  FROM score_run
  WHERE
    scorer = 'churn'
), value_orders AS (
  SELECT
    customer_id,
    value,
    published_as
  FROM customer_score
  WHERE
    scorer = 'clv' AND target = 'orders_90d'
), value_spend AS (
  SELECT
    customer_id,
    value,
    band,
    published_as
  FROM customer_score
  WHERE
    scorer = 'clv' AND target = 'spend_90d'
), touch AS (
  SELECT
    customer_id,
    MAX(started_at) AS last_interaction_at,
    COUNT(*) AS interaction_count
  FROM interaction
  GROUP BY
    customer_id
), answer AS (
  SELECT
    customer_id,
    CAST(ARG_MAX(score, {'at': answered_at, 'score': score}) AS DOUBLE) AS nps_score
  FROM survey_response
  WHERE
    survey = 'nps'
  GROUP BY
    customer_id
)
SELECT
  c.customer_id,
  c.full_name,
  c.email,
  c.phone,
  c.city,
  c.state,
  c.household_id,
  c.is_provisional,
  CAST(c.source_count AS BIGINT) AS source_count,
  CAST(c.record_count AS BIGINT) AS record_count,
  r.first_order_on,
  r.last_order_on,
  COALESCE(r.order_count, 0) AS order_count,
  COALESCE(r.revenue, CAST(0 AS DECIMAL(18, 2))) AS revenue,
  CAST(r.revenue / CAST(r.order_count AS DOUBLE) AS DECIMAL(18, 2)) AS avg_order_amount,
  r.recency_days,
  r.r_score,
  r.f_score,
  r.m_score,
  r.rfm_group,
  h.value AS churn_risk,
  CASE
    WHEN NOT h.band IS NULL
    THEN h.band
    WHEN k.is_scored AND r.recency_days >= 60
    THEN 'lapsed'
  END AS churn_band,
  h.reasons AS churn_reasons,
  h.published_as AS churn_source,
  o.value AS predicted_orders_90d,
  CAST(s.value AS DECIMAL(18, 2)) AS predicted_spend_90d,
  s.band AS value_band,
  o.published_as AS predicted_orders_source,
  s.published_as AS predicted_spend_source,
  t.last_interaction_at,
  COALESCE(t.interaction_count, 0) AS interaction_count,
  a.nps_score,
  e.as_of_on
FROM customer AS c
CROSS JOIN data_end AS e
CROSS JOIN churn_run AS k
LEFT JOIN customer_rfm AS r
  ON r.customer_id = c.customer_id
LEFT JOIN churn AS h
  ON h.customer_id = c.customer_id
LEFT JOIN value_orders AS o
  ON o.customer_id = c.customer_id
LEFT JOIN value_spend AS s
  ON s.customer_id = c.customer_id
LEFT JOIN touch AS t
  ON t.customer_id = c.customer_id
LEFT JOIN answer AS a
  ON a.customer_id = c.customer_id
