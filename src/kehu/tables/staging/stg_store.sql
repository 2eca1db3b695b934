/*
description: A place of sale as its source says it.
grain: one row per source and store_key
kind: full
by: [row_id]
entity: store
key: [source, store_key]
owner: sales
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  store_key: {type: VARCHAR, meaning: Store as the source numbers it, transform: key, required: true,
    names: [store id, store key, store no, store number, store code, shop id, branch id, location id, outlet id, 门店编号, 店铺编号, 店号, 门店代码]}
  name: {type: VARCHAR, meaning: What it is called, transform: text,
    names: [name, store name, shop name, branch name, 门店名称, 店名, 店铺名称, 名称]}
  city: {type: VARCHAR, meaning: City or town, transform: text,
    names: [city, town, store city, 城市, 所在城市]}
  state: {type: VARCHAR, meaning: State or province, transform: text,
    names: [state, province, store state, 省, 省份]}
  region: {type: VARCHAR, meaning: Sales region, transform: text,
    names: [region, area, sales region, district, zone, 区域, 大区, 地区]}
  opened_on: {type: DATE, meaning: First day open, transform: date,
    names: [opened on, opened, opening date, open date, open since, 开业日期, 开店日期]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  store_key,
  name,
  city,
  state,
  region,
  opened_on
FROM mapped_store
WHERE
  _faults IS NULL
