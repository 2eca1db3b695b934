/*
description: Every place of sale, by its number; the first source by name wins where two know it.
grain: one row per store_id
kind: full
key: [store_id]
owner: sales
sort: [store_id]
columns:
  store_id: {type: VARCHAR, meaning: "Store number, the same in all systems of the company"}
  source: {type: VARCHAR, meaning: System the row comes from}
  name: {type: VARCHAR, meaning: What it is called}
  city: {type: VARCHAR, meaning: City or town}
  state: {type: VARCHAR, meaning: State or province}
  region: {type: VARCHAR, meaning: Sales region}
  opened_on: {type: DATE, meaning: First day open}
*/
SELECT
  store_key AS store_id,
  source,
  name,
  city,
  state,
  region,
  opened_on
FROM stg_store
QUALIFY
  ROW_NUMBER() OVER (PARTITION BY store_key ORDER BY source) = 1
