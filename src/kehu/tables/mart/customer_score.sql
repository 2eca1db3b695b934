/*
description: The scores that hold now, from the newest run of each scorer. A run without enough data leaves none.
grain: one row per scorer, target and customer
kind: merge
key: [scorer, target, customer_id]
by: [customer_id]
follows:
  customer: {key: customer_id, unique: true}
owner: analytics
sort: [customer_id, scorer, target]
columns:
  scorer: {type: VARCHAR, meaning: "Name of the scorer (churn, clv)"}
  target: {type: VARCHAR, meaning: "What is predicted: lapse_30d, orders_90d, spend_90d"}
  customer_id: {type: VARCHAR, meaning: Customer}
  value: {type: DOUBLE, meaning: "Probability (lapse_30d), days with an order (orders_90d) or spend (spend_90d)"}
  band: {type: VARCHAR, meaning: "high, medium or low"}
  reasons: {type: VARCHAR, meaning: "JSON {for: [{feature, value, effect}], against: [...]}"}
  published_as: {type: VARCHAR, meaning: What the score comes from}
  is_baseline: {type: BOOLEAN, meaning: The score comes from a baseline}
  as_of_on: {type: DATE, meaning: Cut-off of the score, unit: day}
  run_id: {type: VARCHAR, meaning: Run of score_run}
  scored_at: {type: TIMESTAMP, meaning: When the run was made, unit: UTC}
checks: ["unique(scorer, target, customer_id)", value >= 0, "scorer <> 'churn' OR value <= 1"]
*/
WITH newest_run AS (
  SELECT
    scorer,
    ARG_MAX(run_id, {'at': scored_at, 'id': run_id}) AS run_id
  FROM score_run
  GROUP BY
    scorer
)
SELECT
  s.scorer,
  s.target,
  s.customer_id,
  s.value,
  s.band,
  s.reasons,
  r.published_as,
  r.is_baseline,
  s.as_of_on,
  s.run_id,
  r.scored_at
FROM newest_run AS n
JOIN score_run AS r
  ON r.run_id = n.run_id
JOIN score AS s
  ON s.run_id = r.run_id AND s.target = r.target
JOIN customer AS c
  ON c.customer_id = s.customer_id
WHERE
  r.is_published
