/*
description: Whom a campaign addressed and what they did.
grain: one row per source and response_key
kind: full
by: [row_id]
entity: contact_response
key: [source, response_key]
owner: marketing
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  response_key: {type: VARCHAR, meaning: "Number of the response in its source; file and line number where it has none", transform: key,
    names: [response id, response key, contact response id, redemption id, contact history id, send id, event id, id, 记录编号, 核销编号, 编号]}
  campaign_key: {type: VARCHAR, meaning: Campaign as the source numbers it, transform: key, required: true, references: campaign.campaign_key,
    names: [campaign id, campaign key, campaign no, campaign code, campaign, promotion id, 活动编号, 活动代码, 活动ID, 活动]}
  customer_key: {type: VARCHAR, meaning: Customer as the source numbers it, transform: key,
    names: [customer id, customer key, requester id, recipient id, caller id, patient id, guest id, customer, customer no, customer number, client id, contact id, user id, buyer id, member id, account id, household id, household key, 客户编号, 客户号, 客户, 买家编号, 用户编号, 用户, 会员编号, 联系人编号]}
  loyalty_card: {type: VARCHAR, meaning: Loyalty card shown with it, transform: key, pii: true,
    names: [loyalty card, card no, card number, card id, loyalty id, loyalty number, member card, membership number, card, 会员卡号, 会员卡, 卡号, 会员号]}
  email: {type: VARCHAR, meaning: "E-mail address given with it, lower case", transform: email, pii: true,
    names: [email, e mail, email address, mail, customer email, buyer email, contact email, 邮箱, 电子邮箱, 电子邮件, 买家邮箱, 邮件地址]}
  phone: {type: VARCHAR, meaning: "Phone number given with it, E.164", transform: phone, pii: true,
    names: [phone, phone number, mobile, mobile phone, cell, cell phone, tel, telephone, caller, caller number, contact phone, buyer phone, 手机号, 手机, 电话, 联系电话, 手机号码, 电话号码, 来电号码, 买家手机, 收货人手机]}
  kind: {type: VARCHAR, meaning: "addressed, redeemed, opened or clicked", transform: lower, required: true,
    names: [kind, type, response, response type, action, event, event type, outcome, 类型, 动作, 响应类型, 行为]}
  at: {type: TIMESTAMP, meaning: When it happened, transform: datetime, unit: UTC,
    names: [at, redeemed at, redeemed on, redemption date, addressed at, sent at, sent on, send date, mailed on, contacted at, contacted on, opened at, clicked at, date, time, timestamp, 时间, 核销时间, 核销日期, 发送时间, 发送日期, 触达时间, 日期]}
  coupon: {type: VARCHAR, meaning: Coupon used, transform: key,
    names: [coupon, coupon id, coupon code, coupon upc, voucher, voucher code, promo code, 优惠券, 优惠券编号, 优惠码, 券码]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  response_key,
  campaign_key,
  customer_key,
  loyalty_card,
  email,
  phone,
  kind,
  "at",
  coupon
FROM mapped_contact_response
WHERE
  _faults IS NULL
