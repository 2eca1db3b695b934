/*
description: A price and the days it held.
grain: one row per source, product_key, store_key and valid_from
kind: full
by: [row_id]
entity: price
key: [source, product_key, store_key, valid_from]
owner: purchasing
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  product_key: {type: VARCHAR, meaning: Product as the source numbers it, transform: key, required: true, references: product.product_key,
    names: [product id, product key, product code, sku, item id, item code, article, stock code, upc, 商品编号, 商品编码, 货号, 物料编号]}
  store_key: {type: VARCHAR, meaning: Store as the source numbers it, transform: key,
    names: [store id, store key, store no, store, store code, shop id, branch id, location id, outlet, 门店编号, 门店, 店铺编号, 店号, 门店代码]}
  price: {type: "DECIMAL(18,2)", meaning: Price of one unit, transform: number, required: true, unit: currency,
    names: [price, unit price, list price, retail price, sale price, 价格, 单价, 售价, 零售价]}
  currency: {type: VARCHAR, meaning: ISO 4217 code of the amounts, transform: upper,
    names: [currency, currency code, ccy, 币种, 货币]}
  valid_from: {type: DATE, meaning: First day of the price, transform: date,
    names: [valid from, from date, start date, effective date, effective from, starts on, date from, 生效日期, 开始日期, 起始日期]}
  valid_to: {type: DATE, meaning: Last day of the price, transform: date,
    names: [valid to, valid until, to date, end date, expiry date, effective to, ends on, date to, 失效日期, 结束日期, 截止日期]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  product_key,
  store_key,
  price,
  currency,
  valid_from,
  valid_to
FROM mapped_price
WHERE
  _faults IS NULL
