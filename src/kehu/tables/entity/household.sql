/*
description: Customers who live together, as far as surname, address and phone say; the members name it in customer.household_id.
grain: one row per household of two or more customers
kind: merge
key: [household_id]
by: [household_id]
follows:
  customer: household_id
owner: identity
columns:
  household_id: {type: VARCHAR, meaning: Household}
  surname: {type: VARCHAR, meaning: Most frequent family name of its members}
  address: {type: VARCHAR, meaning: Most frequent address of its members}
  city: {type: VARCHAR, meaning: City or town}
  state: {type: VARCHAR, meaning: State or province}
  postcode: {type: VARCHAR, meaning: Postal code}
  phone: {type: VARCHAR, meaning: "Phone that several members share, else NULL"}
  member_count: {type: BIGINT, meaning: Customers in it, unit: customers, pii: false}
checks: [member_count >= 2]
*/
WITH phone AS (
  SELECT
    household_id,
    MIN(phone) AS phone
  FROM (
    SELECT household_id, phone FROM customer WHERE NOT household_id IS NULL AND NOT phone IS NULL GROUP BY ALL HAVING COUNT(*) > 1
  ) AS shared
  GROUP BY
    household_id
), family AS (
  SELECT
    household_id,
    COALESCE(last_name, LIST_EXTRACT(STRING_SPLIT(full_name, ' '), -1)) AS surname,
    address,
    city,
    state,
    postcode
  FROM customer
  WHERE
    NOT household_id IS NULL
), member AS (
  SELECT
    household_id,
    COUNT(*) AS member_count
  FROM customer
  WHERE
    NOT household_id IS NULL
  GROUP BY
    household_id
), said AS (
  SELECT
    household_id,
    surname,
    address,
    city,
    state,
    postcode,
    COUNT(*) OVER (PARTITION BY household_id, surname, address) AS times
  FROM family
), counted AS (
  SELECT
    household_id,
    surname,
    address,
    city,
    state,
    postcode,
    ROW_NUMBER() OVER (PARTITION BY household_id ORDER BY address IS NULL, times DESC, surname, address, city, postcode) AS place
  FROM said
)
SELECT
  m.household_id,
  c.surname,
  c.address,
  c.city,
  c.state,
  c.postcode,
  p.phone,
  m.member_count
FROM member AS m
JOIN counted AS c
  ON c.household_id = m.household_id AND c.place = 1
LEFT JOIN phone AS p
  ON p.household_id = m.household_id
