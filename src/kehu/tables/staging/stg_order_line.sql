/*
description: One sold position as its source says it.
grain: one row per source, order_key and line_key
kind: full
by: [row_id]
entity: order_line
key: [source, order_key, line_key]
owner: sales
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  order_key: {type: VARCHAR, meaning: "Order, basket or receipt as the source numbers it", transform: key, required: true,
    names: [order id, order key, order no, order number, order, basket id, basket, receipt id, receipt no, receipt, transaction id, transaction no, invoice no, invoice id, invoice number, invoice, 订单号, 订单编号, 单号, 小票号, 交易号, 流水号, 发票号]}
  line_key: {type: VARCHAR, meaning: "Line of the order; file and line number where the source has none", transform: key,
    names: [line id, line key, line no, line number, line, order line id, order item id, item line, position, seq, sequence, line item, 行号, 明细编号, 明细号, 序号]}
  customer_key: {type: VARCHAR, meaning: Customer as the source numbers it, transform: key,
    names: [customer id, customer key, requester id, recipient id, caller id, patient id, guest id, customer, customer no, customer number, client id, contact id, user id, buyer id, member id, account id, household id, household key, 客户编号, 客户号, 客户, 买家编号, 用户编号, 用户, 会员编号, 联系人编号]}
  loyalty_card: {type: VARCHAR, meaning: Loyalty card shown with it, transform: key, pii: true,
    names: [loyalty card, card no, card number, card id, loyalty id, loyalty number, member card, membership number, card, 会员卡号, 会员卡, 卡号, 会员号]}
  email: {type: VARCHAR, meaning: "E-mail address given with it, lower case", transform: email, pii: true,
    names: [email, e mail, email address, mail, customer email, buyer email, contact email, 邮箱, 电子邮箱, 电子邮件, 买家邮箱, 邮件地址]}
  phone: {type: VARCHAR, meaning: "Phone number given with it, E.164", transform: phone, pii: true,
    names: [phone, phone number, mobile, mobile phone, cell, cell phone, tel, telephone, caller, caller number, contact phone, buyer phone, 手机号, 手机, 电话, 联系电话, 手机号码, 电话号码, 来电号码, 买家手机, 收货人手机]}
  product_key: {type: VARCHAR, meaning: Product as the source numbers it, transform: key, required: true, references: product.product_key,
    names: [product id, product key, product no, product code, product, sku, item id, item code, item no, article, article number, lineitem sku, stock code, stockcode, upc, ean, barcode, track id, 商品编号, 商品编码, 商品代码, 商品ID, 货号, 产品编号, 物料编号, 条码]}
  store_key: {type: VARCHAR, meaning: Store as the source numbers it, transform: key,
    names: [store id, store key, store no, store, store code, shop id, branch id, location id, outlet, 门店编号, 门店, 店铺编号, 店号, 门店代码]}
  ordered_at: {type: TIMESTAMP, meaning: When it was bought, transform: datetime, required: true, unit: UTC,
    names: [ordered at, order date, order time, order timestamp, ordered, sold at, sale date, sales date, transaction timestamp, transaction time, transaction date, transaction at, purchase timestamp, order purchase timestamp, purchase date, invoice date, created at, created timestamp, date, time, timestamp, datetime, 下单时间, 下单日期, 订单时间, 订单日期, 订单创建时间, 付款时间, 订单付款时间, 成交时间, 交易时间, 交易日期, 销售时间, 销售日期, 购买时间, 日期, 时间]}
  quantity: {type: "DECIMAL(18,3)", meaning: "Units bought; 0 is valid and negative is a return", transform: number, unit: units,
    names: [quantity, qty, lineitem quantity, units, count, number of units, pieces, 数量, 件数, 购买数量, 销售数量]}
  amount: {type: "DECIMAL(18,2)", meaning: "What the customer paid for the line; 0 is valid and negative is a return", transform: number, required: true, unit: currency,
    names: [amount, sales value, sales amount, line amount, line total, total, total price, total amount, net amount, net sales, paid, paid amount, amount paid, value, revenue, payment value, sales, subtotal, subtotal price, price, 金额, 实付金额, 实付, 实收金额, 销售额, 小计, 付款金额, 支付金额, 成交金额, 总价, 合计]}
  discount: {type: "DECIMAL(18,2)", meaning: "What the line was reduced by, positive", transform: number, unit: currency,
    names: [discount, discount amount, discount value, rebate, retail disc, retail discount, total discounts, promotion discount, 优惠, 优惠金额, 折扣, 折扣金额, 减免金额]}
  currency: {type: VARCHAR, meaning: ISO 4217 code of the amounts, transform: upper,
    names: [currency, currency code, ccy, 币种, 货币]}
  channel: {type: VARCHAR, meaning: "Where it was sold (till, web, ...)", transform: text,
    names: [channel, sales channel, order channel, source name, 渠道, 销售渠道, 订单渠道]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  order_key,
  line_key,
  customer_key,
  loyalty_card,
  email,
  phone,
  product_key,
  store_key,
  ordered_at,
  quantity,
  amount,
  discount,
  currency,
  channel
FROM mapped_order_line
WHERE
  _faults IS NULL
