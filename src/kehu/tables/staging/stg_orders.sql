/*
description: An order's header, where a source has one.
grain: one row per source and order_key
kind: full
by: [row_id]
entity: orders
key: [source, order_key]
owner: sales
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  order_key: {type: VARCHAR, meaning: Order as the source numbers it, transform: key, required: true,
    names: [order id, order key, order no, order number, order, basket id, receipt id, receipt no, transaction id, invoice no, invoice id, invoice number, 订单号, 订单编号, 单号, 小票号, 交易号]}
  customer_key: {type: VARCHAR, meaning: Customer as the source numbers it, transform: key,
    names: [customer id, customer key, requester id, recipient id, caller id, patient id, guest id, customer, customer no, customer number, client id, contact id, user id, buyer id, member id, account id, household id, household key, 客户编号, 客户号, 客户, 买家编号, 用户编号, 用户, 会员编号, 联系人编号]}
  loyalty_card: {type: VARCHAR, meaning: Loyalty card shown with it, transform: key, pii: true,
    names: [loyalty card, card no, card number, card id, loyalty id, loyalty number, member card, membership number, card, 会员卡号, 会员卡, 卡号, 会员号]}
  email: {type: VARCHAR, meaning: "E-mail address given with it, lower case", transform: email, pii: true,
    names: [email, e mail, email address, mail, customer email, buyer email, contact email, 邮箱, 电子邮箱, 电子邮件, 买家邮箱, 邮件地址]}
  phone: {type: VARCHAR, meaning: "Phone number given with it, E.164", transform: phone, pii: true,
    names: [phone, phone number, mobile, mobile phone, cell, cell phone, tel, telephone, caller, caller number, contact phone, buyer phone, 手机号, 手机, 电话, 联系电话, 手机号码, 电话号码, 来电号码, 买家手机, 收货人手机]}
  store_key: {type: VARCHAR, meaning: Store as the source numbers it, transform: key,
    names: [store id, store key, store no, store, store code, shop id, branch id, location id, outlet, 门店编号, 门店, 店铺编号, 店号, 门店代码]}
  ordered_at: {type: TIMESTAMP, meaning: When it was bought, transform: datetime, required: true, unit: UTC,
    names: [ordered at, order date, order time, order timestamp, order purchase timestamp, purchase timestamp, purchase date, transaction timestamp, transaction time, transaction date, sale date, invoice date, created at, created timestamp, date, time, timestamp, 下单时间, 下单日期, 订单时间, 订单日期, 订单创建时间, 付款时间, 订单付款时间, 成交时间, 交易时间, 交易日期, 日期]}
  amount: {type: "DECIMAL(18,2)", meaning: What the customer paid for the order, transform: number, unit: currency,
    names: [amount, total, total price, total amount, order amount, order total, grand total, gross, gross amount, paid, paid amount, amount paid, revenue, payment value, subtotal, 金额, 订单金额, 实付金额, 总金额, 合计, 总价]}
  discount: {type: "DECIMAL(18,2)", meaning: "What the order was reduced by, positive", transform: number, unit: currency,
    names: [discount, discount amount, total discounts, order discount, 优惠金额, 折扣, 折扣金额, 优惠]}
  currency: {type: VARCHAR, meaning: ISO 4217 code of the amounts, transform: upper,
    names: [currency, currency code, ccy, 币种, 货币]}
  channel: {type: VARCHAR, meaning: "Where it was sold (till, web, ...)", transform: text,
    names: [channel, sales channel, order channel, source name, 渠道, 销售渠道, 订单渠道]}
  status: {type: VARCHAR, meaning: "Where the order stands, as the source says", transform: text,
    names: [status, order status, financial status, state of order, 状态, 订单状态]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  order_key,
  customer_key,
  loyalty_card,
  email,
  phone,
  store_key,
  ordered_at,
  amount,
  discount,
  currency,
  channel,
  status
FROM mapped_orders
WHERE
  _faults IS NULL
