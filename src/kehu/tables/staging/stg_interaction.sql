/*
description: "A touch between a customer and people: call, chat, ticket, mail, visit."
grain: one row per source and interaction_key
kind: full
by: [row_id]
entity: interaction
key: [source, interaction_key]
owner: service
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  interaction_key: {type: VARCHAR, meaning: "Number in its source; file and line number where it has none", transform: key,
    names: [interaction id, interaction key, ticket id, ticket no, call id, case id, case no, chat id, event id, conversation id, visit id, record id, reference, ref, id, 工单号, 工单编号, 服务编号, 通话编号, 记录编号, 编号]}
  customer_key: {type: VARCHAR, meaning: Customer as the source numbers it, transform: key,
    names: [customer id, customer key, requester id, recipient id, caller id, patient id, guest id, customer, customer no, customer number, client id, contact id, user id, buyer id, member id, account id, household id, household key, 客户编号, 客户号, 客户, 买家编号, 用户编号, 用户, 会员编号, 联系人编号]}
  loyalty_card: {type: VARCHAR, meaning: Loyalty card shown with it, transform: key, pii: true,
    names: [loyalty card, card no, card number, card id, loyalty id, loyalty number, member card, membership number, card, 会员卡号, 会员卡, 卡号, 会员号]}
  email: {type: VARCHAR, meaning: "E-mail address given with it, lower case", transform: email, pii: true,
    names: [email, e mail, email address, mail, customer email, buyer email, contact email, 邮箱, 电子邮箱, 电子邮件, 买家邮箱, 邮件地址]}
  phone: {type: VARCHAR, meaning: "Phone number given with it, E.164", transform: phone, pii: true,
    names: [phone, phone number, mobile, mobile phone, cell, cell phone, tel, telephone, caller, caller number, contact phone, buyer phone, 手机号, 手机, 电话, 联系电话, 手机号码, 电话号码, 来电号码, 买家手机, 收货人手机]}
  kind: {type: VARCHAR, meaning: "call, chat, ticket, mail or visit, as the source says", transform: lower, required: true,
    names: [kind, type, interaction type, channel, contact type, medium, record type, 类型, 渠道, 服务类型, 互动类型]}
  started_at: {type: TIMESTAMP, meaning: When it began, transform: datetime, required: true, unit: UTC,
    names: [started at, start time, started, start, opened at, opened, open time, created at, created, call time, call date, date, time, timestamp, received at, happened at, at, ts, 开始时间, 创建时间, 来电时间, 受理时间, 时间, 日期]}
  ended_at: {type: TIMESTAMP, meaning: When it ended, transform: datetime, unit: UTC,
    names: [ended at, end time, ended, end, closed at, closed, resolved at, finished at, 结束时间, 关闭时间, 完成时间]}
  subject: {type: VARCHAR, meaning: "What it was about, in a few words", transform: text, pii: true,
    names: [subject, topic, reason, category, issue, summary, title, 主题, 原因, 标题, 事由, 问题类型]}
  text: {type: VARCHAR, meaning: What was said or written, transform: text, pii: true,
    names: [text, body, message, content, notes, note, description, transcript, comment, 内容, 备注, 描述, 对话内容, 文本]}
  agent: {type: VARCHAR, meaning: Who of the company took part, transform: text,
    names: [agent, agent name, agent id, operator, assigned to, assignee, handled by, staff, owner, 坐席, 客服, 处理人, 客服人员, 经办人]}
  status: {type: VARCHAR, meaning: Where it stands, transform: text,
    names: [status, state, resolution, outcome, 状态, 处理状态]}
  satisfaction: {type: "DECIMAL(18,2)", meaning: "Score the customer gave it, as the source scales it", transform: number,
    names: [satisfaction, satisfaction score, csat, rating, stars, 满意度, 评分]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  interaction_key,
  customer_key,
  loyalty_card,
  email,
  phone,
  kind,
  started_at,
  ended_at,
  subject,
  text,
  agent,
  status,
  satisfaction
FROM mapped_interaction
WHERE
  _faults IS NULL
