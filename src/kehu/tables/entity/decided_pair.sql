/*
description: What holds now of people's decisions about pairs of records; the newest decision of a pair counts, one that was withdrawn is not here.
grain: one row per pair of records with a decision that holds; the record that comes first is the left one
kind: full
key: [left_source, left_key, right_source, right_key]
owner: identity
columns:
  left_source: {type: VARCHAR, meaning: Source of the one record}
  left_key: {type: VARCHAR, meaning: Key of the one record, pii: true}
  right_source: {type: VARCHAR, meaning: Source of the other record}
  right_key: {type: VARCHAR, meaning: Key of the other record, pii: true}
  kind: {type: VARCHAR, meaning: same or different, pii: false}
  survivor: {type: VARCHAR, meaning: "Customer whose id the joined records keep; NULL: the usual rule chooses", pii: false}
  decision_id: {type: VARCHAR, meaning: Decision, pii: false}
  about: {type: VARCHAR, meaning: "What it answers: the merge_id that was undone, review, merge, or empty", pii: false}
  actor: {type: VARCHAR, meaning: Who decided, pii: false}
  decided_at: {type: TIMESTAMP, meaning: When, unit: UTC, pii: false}
*/
WITH turned AS (
  SELECT
    CASE WHEN (left_source, left_key) < (right_source, right_key) THEN left_source ELSE right_source END AS left_source,
    CASE WHEN (left_source, left_key) < (right_source, right_key) THEN left_key ELSE right_key END AS left_key,
    CASE WHEN (left_source, left_key) < (right_source, right_key) THEN right_source ELSE left_source END AS right_source,
    CASE WHEN (left_source, left_key) < (right_source, right_key) THEN right_key ELSE left_key END AS right_key,
    kind,
    survivor,
    decision_id,
    about,
    actor,
    decided_at
  FROM identity_decision
), ranked AS (
  SELECT
    left_source,
    left_key,
    right_source,
    right_key,
    kind,
    survivor,
    decision_id,
    about,
    actor,
    decided_at,
    ROW_NUMBER() OVER (
      PARTITION BY left_source, left_key, right_source, right_key
      ORDER BY decided_at DESC, decision_id DESC
    ) AS place
  FROM turned
)
SELECT
  left_source,
  left_key,
  right_source,
  right_key,
  kind,
  survivor,
  decision_id,
  about,
  actor,
  decided_at
FROM ranked
WHERE
  place = 1 AND kind <> 'withdrawn'
