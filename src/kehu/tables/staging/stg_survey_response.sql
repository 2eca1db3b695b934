/*
description: An answer to a survey.
grain: one row per source and response_key
kind: full
by: [row_id]
entity: survey_response
key: [source, response_key]
owner: service
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  response_key: {type: VARCHAR, meaning: "Number in its source; file and line number where it has none", transform: key,
    names: [response id, response key, answer id, survey response id, survey id, review id, feedback id, submission id, event id, record id, id, 答卷编号, 问卷编号, 评价编号, 回复编号, 编号]}
  customer_key: {type: VARCHAR, meaning: Customer as the source numbers it, transform: key,
    names: [customer id, customer key, requester id, recipient id, caller id, patient id, guest id, customer, customer no, customer number, client id, contact id, user id, buyer id, member id, account id, household id, household key, 客户编号, 客户号, 客户, 买家编号, 用户编号, 用户, 会员编号, 联系人编号]}
  loyalty_card: {type: VARCHAR, meaning: Loyalty card shown with it, transform: key, pii: true,
    names: [loyalty card, card no, card number, card id, loyalty id, loyalty number, member card, membership number, card, 会员卡号, 会员卡, 卡号, 会员号]}
  email: {type: VARCHAR, meaning: "E-mail address given with it, lower case", transform: email, pii: true,
    names: [email, e mail, email address, mail, customer email, buyer email, contact email, 邮箱, 电子邮箱, 电子邮件, 买家邮箱, 邮件地址]}
  phone: {type: VARCHAR, meaning: "Phone number given with it, E.164", transform: phone, pii: true,
    names: [phone, phone number, mobile, mobile phone, cell, cell phone, tel, telephone, caller, caller number, contact phone, buyer phone, 手机号, 手机, 电话, 联系电话, 手机号码, 电话号码, 来电号码, 买家手机, 收货人手机]}
  survey: {type: VARCHAR, meaning: "nps, csat or the survey's own name", transform: lower,
    names: [survey, survey type, survey name, survey kind, kind, type, questionnaire, 问卷, 问卷类型, 调查类型, 类型]}
  score: {type: "DECIMAL(18,2)", meaning: "Score given (NPS 0-10; CSAT as the source scales it)", transform: number, required: true,
    names: [score, nps, nps score, csat, csat score, rating, review score, stars, grade, points, 评分, 得分, 分数, 打分, NPS得分]}
  text: {type: VARCHAR, meaning: What was written, transform: text, pii: true,
    names: [text, comment, comments, verbatim, review comment message, message, feedback, answer, content, 评论, 评价内容, 意见, 内容, 留言, 反馈]}
  answered_at: {type: TIMESTAMP, meaning: When it was answered, transform: datetime, required: true, unit: UTC,
    names: [answered at, answered, answer date, response date, responded at, submitted at, submitted, review answer timestamp, review creation date, completed at, created at, date, time, timestamp, at, ts, 回答时间, 提交时间, 评价时间, 答卷时间, 时间, 日期]}
  language: {type: VARCHAR, meaning: Language of the text, transform: lower,
    names: [language, lang, locale, 语言]}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  response_key,
  customer_key,
  loyalty_card,
  email,
  phone,
  survey,
  score,
  text,
  answered_at,
  language
FROM mapped_survey_response
WHERE
  _faults IS NULL
