/*
description: A product as its source says it.
grain: one row per source and product_key
kind: full
by: [row_id]
entity: product
key: [source, product_key]
owner: purchasing
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  product_key: {type: VARCHAR, meaning: Product as the source numbers it, transform: key, required: true,
    names: [product id, product key, product no, product code, sku, item id, item code, item no, article, article number, stock code, upc, ean, barcode, track id, 商品编号, 商品编码, 商品代码, 商品ID, 货号, 产品编号, 物料编号, 条码]}
  name: {type: VARCHAR, meaning: What it is called, transform: text,
    names: [name, product name, product, item name, description, product description, item description, product type, title, track name, 商品名称, 产品名称, 名称, 品名, 商品, 描述]}
  brand: {type: VARCHAR, meaning: Brand, transform: text,
    names: [brand, brand name, make, 品牌]}
  department: {type: VARCHAR, meaning: Widest product group, transform: text,
    names: [department, dept, division, 部门, 大类]}
  category: {type: VARCHAR, meaning: Product group, transform: text,
    names: [category, product category, category name, product category name, product group, commodity, group, 类别, 分类, 品类, 中类, 商品分类]}
  subcategory: {type: VARCHAR, meaning: Narrowest product group, transform: text,
    names: [subcategory, sub category, subgroup, sub commodity, segment, 子类, 小类, 子分类, 细分类]}
  package_size: {type: VARCHAR, meaning: Size of a package as written, transform: text,
    names: [package size, pack size, size, package, packaging, 规格, 包装, 包装规格]}
  manufacturer: {type: VARCHAR, meaning: Who makes it, transform: key,
    names: [manufacturer, manufacturer id, maker, producer, vendor, supplier, supplier id, 生产商, 厂家, 制造商, 供应商]}
  price: {type: "DECIMAL(18,2)", meaning: List price of one unit, transform: number, unit: currency,
    names: [price, unit price, list price, retail price, unitprice, 价格, 单价, 售价, 零售价]}
  currency: {type: VARCHAR, meaning: ISO 4217 code of the amounts, transform: upper,
    names: [currency, currency code, ccy, 币种, 货币]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  product_key,
  name,
  brand,
  department,
  category,
  subcategory,
  package_size,
  manufacturer,
  price,
  currency
FROM mapped_product
WHERE
  _faults IS NULL
