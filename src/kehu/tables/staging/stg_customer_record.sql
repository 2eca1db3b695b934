/*
description: One person or organization as one source knows it, typed but not yet standardized.
grain: one row per source and source_key
kind: full
by: [row_id]
entity: customer_record
key: [source, source_key]
owner: sales
columns:
  source: {type: VARCHAR, meaning: System the row comes from}
  row_id: {type: VARCHAR, meaning: Raw row the values come from}
  source_key: {type: VARCHAR, meaning: "Number of the record in its source; a fingerprint of the row where the source has none", transform: key,
    names: [contact id, requester id, recipient id, subscriber id, guest id, customer id, client id, user id, member id, unique id, record id, rec id, person id, account id, company id, organization id, organisation id, site id, contact no, customer no, customer number, id, account no, account number, 联系人编号, 客户编号, 客户号, 会员编号, 用户编号, 公司编号, 单位编号, 企业编号, 编号, 序号]}
  person_key: {type: VARCHAR, meaning: Person the source itself says the record belongs to, transform: key,
    names: [customer unique id, person key, master id, golden id, 主客户编号]}
  title: {type: VARCHAR, meaning: Form of address, transform: text,
    names: [title, salutation, prefix, honorific, 称谓, 称呼]}
  full_name: {type: VARCHAR, meaning: Name as written, transform: name, pii: true,
    names: [full name, name, customer name, contact name, contact person, display name, client name, member name, attendee, participant, patient, 姓名, 客户姓名, 联系人姓名, 会员姓名, 名称, 客户名称, 收货人, 借款人, 申请人, 持卡人, 投保人, 患者]}
  first_name: {type: VARCHAR, meaning: Given name, transform: name, pii: true,
    names: [first name, given name, forename, firstname, givenname, f name, fname, 名, 名字]}
  last_name: {type: VARCHAR, meaning: Family name, transform: name, pii: true,
    names: [last name, surname, family name, lastname, familyname, l name, lname, 姓, 姓氏]}
  nickname: {type: VARCHAR, meaning: Name used by friends, transform: name, pii: true,
    names: [nickname, nick, nick name, alias, preferred name, known as, 昵称, 别名]}
  gender: {type: VARCHAR, meaning: "f, m or x", transform: gender, pii: true,
    names: [gender, sex, 性别]}
  birth_on: {type: DATE, meaning: Day of birth, transform: date, pii: true,
    names: [date of birth, dob, birth date, birthdate, birthday, born, born on, 出生日期, 生日, 出生年月日]}
  email: {type: VARCHAR, meaning: "E-mail address, lower case", transform: email, pii: true,
    names: [email, e mail, email address, mail, customer email, contact email, 邮箱, 电子邮箱, 电子邮件, 邮件地址]}
  phone: {type: VARCHAR, meaning: "Phone number, E.164", transform: phone, pii: true,
    names: [phone, phone number, mobile, mobile phone, cell, cell phone, tel, telephone, contact phone, home phone, 手机号, 手机, 电话, 联系电话, 手机号码, 电话号码]}
  loyalty_card: {type: VARCHAR, meaning: Loyalty card number, transform: key, pii: true,
    names: [loyalty card, card no, card number, card id, loyalty id, loyalty number, member card, membership number, card, 会员卡号, 会员卡, 卡号, 会员号]}
  national_id: {type: VARCHAR, meaning: Number of an identity document, transform: key, pii: true,
    names: [national id, soc sec id, social security number, ssn, id card, identity number, tax id, passport, 身份证号, 身份证, 证件号码, 证件号]}
  address: {type: VARCHAR, meaning: Street and house, transform: text, pii: true,
    names: [address, addr, street, street address, street name, address line 1, address1, address 1, street number, address 2, address2, address line 2, 地址, 详细地址, 住址, 街道, 收货地址]}
  city: {type: VARCHAR, meaning: City or town, transform: text,
    names: [city, town, suburb, locality, customer city, 城市, 市, 所在城市]}
  state: {type: VARCHAR, meaning: State or province, transform: text,
    names: [state, province, region, customer state, county, 省, 省份, 州, 地区]}
  postcode: {type: VARCHAR, meaning: Postal code, transform: key,
    names: [postcode, postal code, zip, zip code, zipcode, postal, customer zip code prefix, 邮编, 邮政编码]}
  country: {type: VARCHAR, meaning: Country as written, transform: text,
    names: [country, country code, nation, 国家]}
  company: {type: VARCHAR, meaning: Organization the person belongs to, transform: name,
    names: [company, company name, organization, organisation, organization name, organisation name, business name, site name, school name, facility name, institution, firm, employer, employer name, workplace, place of work, affiliation, account name, 公司, 公司名称, 单位, 单位名称, 企业, 企业名称, 机构, 机构名称, 工作单位]}
  registered_at: {type: TIMESTAMP, meaning: When the record was first made, transform: datetime, unit: UTC,
    names: [registered at, registered, registration date, created at, created, created on, created date, create date, signup date, signed up, joined, member since, customer since, optin time, opt in time, subscribed at, 注册时间, 注册日期, 创建时间, 创建日期, 建档日期, 入会日期, 入会时间, 成为会员时间, 添加时间]}
  updated_at: {type: TIMESTAMP, meaning: When the source last changed it, transform: datetime, unit: UTC,
    names: [updated at, updated, modified at, last modified, modified, last updated, updated on, change date, 更新时间, 修改时间, 更新日期]}
  kind: {type: VARCHAR, meaning: "person or organization, as the source says it; without it the name tells", transform: lower,
    names: [customer type, client type, account type, party type, 客户类型, 客户类别, 主体类型]}
  tax_id: {type: VARCHAR, meaning: Number of an organization with the tax office or in the register, transform: key,
    names: [vat, vat id, vat number, ein, tax number, company number, registration number, business registration number, duns, 统一社会信用代码, 社会信用代码, 税号, 纳税人识别号, 营业执照号, 注册号]}
  website: {type: VARCHAR, meaning: Address of its web site, transform: text,
    names: [website, web site, homepage, site url, url, web, domain, 网址, 网站, 官网, 主页]}
  position: {type: VARCHAR, meaning: What the person is in the organization, transform: text,
    names: [position, job title, contact title, organization title, job, role, job role, 职务, 职位, 岗位]}
  attributes: {type: JSON, meaning: "Every column of the source that no field takes, as text by its name", pii: true}
*/
SELECT
  _source AS source,
  _row_id AS row_id,
  source_key,
  person_key,
  title,
  full_name,
  first_name,
  last_name,
  nickname,
  gender,
  birth_on,
  email,
  phone,
  loyalty_card,
  national_id,
  address,
  city,
  state,
  postcode,
  country,
  company,
  registered_at,
  updated_at,
  kind,
  tax_id,
  website,
  position,
  attributes
FROM mapped_customer_record
WHERE
  _faults IS NULL
