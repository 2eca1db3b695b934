/*
description: A campaign and its days.
grain: one row per source and campaign_key
kind: full
by: [row_id]
entity: campaign
key: [source, campaign_key]
owner: marketing
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  campaign_key: {type: VARCHAR, meaning: Campaign as the source numbers it, transform: key, required: true,
    names: [campaign id, campaign key, campaign no, campaign code, campaign, promotion id, 活动编号, 活动代码, 活动ID, 活动]}
  name: {type: VARCHAR, meaning: What it is called, transform: text,
    names: [name, campaign name, title, description, 活动名称, 名称]}
  kind: {type: VARCHAR, meaning: "Kind of campaign, as the source says", transform: text,
    names: [kind, type, campaign type, description type, medium, 类型, 活动类型]}
  started_on: {type: DATE, meaning: First day, transform: date,
    names: [started on, start date, starts on, start, start day, from date, begin date, valid from, 开始日期, 开始时间, 起始日期]}
  ended_on: {type: DATE, meaning: Last day, transform: date,
    names: [ended on, end date, ends on, end, end day, to date, finish date, valid to, 结束日期, 结束时间, 截止日期]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  campaign_key,
  name,
  kind,
  started_on,
  ended_on
FROM mapped_campaign
WHERE
  _faults IS NULL
