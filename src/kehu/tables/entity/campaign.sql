/*
description: A campaign and its days; the first source by name wins where two know it.
grain: one row per campaign_id
kind: full
key: [campaign_id]
owner: marketing
sort: [campaign_id]
columns:
  campaign_id: {type: VARCHAR, meaning: "Campaign number, the same in all systems of the company"}
  source: {type: VARCHAR, meaning: System the row comes from}
  name: {type: VARCHAR, meaning: What it is called}
  kind: {type: VARCHAR, meaning: Kind of campaign as the source says}
  started_on: {type: DATE, meaning: First day}
  ended_on: {type: DATE, meaning: Last day}
*/
SELECT
  campaign_key AS campaign_id,
  source,
  name,
  kind,
  started_on,
  ended_on
FROM stg_campaign
QUALIFY
  ROW_NUMBER() OVER (PARTITION BY campaign_key ORDER BY source) = 1
