/*
description: What lay in a store on a day.
grain: one row per source, product_key, store_key and counted_on
kind: full
by: [row_id]
entity: inventory
key: [source, product_key, store_key, counted_on]
owner: purchasing
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  product_key: {type: VARCHAR, meaning: Product as the source numbers it, transform: key, required: true, references: product.product_key,
    names: [product id, product key, product code, sku, item id, item code, article, stock code, upc, 商品编号, 商品编码, 货号, 物料编号]}
  store_key: {type: VARCHAR, meaning: Store as the source numbers it, transform: key,
    names: [store id, store key, store no, store, store code, shop id, branch id, location id, outlet, 门店编号, 门店, 店铺编号, 店号, 门店代码]}
  quantity: {type: "DECIMAL(18,3)", meaning: Units on hand, transform: number, required: true, unit: units,
    names: [quantity, qty, on hand, on hand qty, stock, stock level, units, quantity on hand, qty on hand, available, 数量, 库存, 库存数量, 库存量]}
  counted_on: {type: DATE, meaning: Day of the count, transform: date,
    names: [counted on, count date, counted, stock date, as of, inventory date, snapshot date, date, 盘点日期, 库存日期, 日期]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  product_key,
  store_key,
  quantity,
  counted_on
FROM mapped_inventory
WHERE
  _faults IS NULL
