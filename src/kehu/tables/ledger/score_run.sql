/*
description: Every run of a scorer, what it was allowed to publish, and its card. Facts, never rewritten.
grain: one row per run and target
kind: ledger
key: [run_id, target]
owner: analytics
columns:
  run_id: {type: VARCHAR, meaning: "Run: scorer, time and digest of its inputs"}
  scorer: {type: VARCHAR, meaning: Name of the scorer (churn, clv)}
  target: {type: VARCHAR, meaning: "What is predicted: lapse_30d, orders_90d, spend_90d"}
  version: {type: VARCHAR, meaning: Version of the scorer}
  champion: {type: VARCHAR, meaning: Best learner of the back-test}
  published_as: {type: VARCHAR, meaning: What the scores come from; a baseline's name when the champion was refused}
  is_baseline: {type: BOOLEAN, meaning: The scores come from a baseline}
  is_published: {type: BOOLEAN, meaning: There are scores; false when there was not enough data}
  as_of_on: {type: DATE, meaning: Cut-off of the scores; they look at what comes from this day on, unit: day}
  card: {type: VARCHAR, meaning: The card as JSON}
  scored_at: {type: TIMESTAMP, meaning: When the run was made, unit: UTC}
*/
