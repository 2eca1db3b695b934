/*
description: >-
  Recency, frequency and money of a customer over the whole history, as fifths from 1 (low) to 5 (high), with a named
  group. Equal values get equal scores: score = 1 + floor(5 * customers with a lower value / customers). The group comes
  from the (r, f) cell in the table below; money does not decide the group.
grain: one row per customer with an order
kind: full
key: [customer_id]
owner: analytics
sort: [customer_id]
columns:
  customer_id: {type: VARCHAR, meaning: Customer}
  as_of_on: {type: DATE, meaning: "Last data day, inclusive: the data's own clock", unit: day}
  first_order_on: {type: DATE, meaning: Day of the first order}
  last_order_on: {type: DATE, meaning: Day of the last order}
  recency_days: {type: INTEGER, meaning: Days from the last order to as_of_on, unit: days}
  order_count: {type: BIGINT, meaning: Orders, unit: orders}
  revenue: {type: "DECIMAL(18,2)", meaning: What the customer paid, unit: currency}
  r_score: {type: INTEGER, meaning: Fifth by the last order; 5 is the most recent}
  f_score: {type: INTEGER, meaning: Fifth by orders; 5 is the most frequent}
  m_score: {type: INTEGER, meaning: Fifth by revenue; 5 is the highest}
  rfm_group: {type: VARCHAR, meaning: "champions, loyal, potential_loyalist, new, promising, need_attention, about_to_sleep, at_risk, cant_lose, hibernating or lost"}
checks: [unique(customer_id), r_score BETWEEN 1 AND 5, f_score BETWEEN 1 AND 5, m_score BETWEEN 1 AND 5, recency_days >= 0, not_null(rfm_group)]
*/
WITH rfm_cell AS (
  SELECT
    UNNEST(
      [
        {'r': 5, 'f': 5, 'name': 'champions'},
        {'r': 5, 'f': 4, 'name': 'champions'},
        {'r': 4, 'f': 5, 'name': 'champions'},
        {'r': 4, 'f': 4, 'name': 'loyal'},
        {'r': 3, 'f': 5, 'name': 'loyal'},
        {'r': 3, 'f': 4, 'name': 'loyal'},
        {'r': 5, 'f': 3, 'name': 'potential_loyalist'},
        {'r': 5, 'f': 2, 'name': 'potential_loyalist'},
        {'r': 4, 'f': 3, 'name': 'potential_loyalist'},
        {'r': 4, 'f': 2, 'name': 'potential_loyalist'},
        {'r': 5, 'f': 1, 'name': 'new'},
        {'r': 4, 'f': 1, 'name': 'promising'},
        {'r': 3, 'f': 3, 'name': 'need_attention'},
        {'r': 3, 'f': 2, 'name': 'about_to_sleep'},
        {'r': 3, 'f': 1, 'name': 'about_to_sleep'},
        {'r': 2, 'f': 5, 'name': 'cant_lose'},
        {'r': 1, 'f': 5, 'name': 'cant_lose'},
        {'r': 2, 'f': 4, 'name': 'at_risk'},
        {'r': 2, 'f': 3, 'name': 'at_risk'},
        {'r': 1, 'f': 4, 'name': 'at_risk'},
        {'r': 1, 'f': 3, 'name': 'at_risk'},
        {'r': 2, 'f': 2, 'name': 'hibernating'},
        {'r': 2, 'f': 1, 'name': 'hibernating'},
        {'r': 1, 'f': 2, 'name': 'lost'},
        {'r': 1, 'f': 1, 'name': 'lost'}
      ]
    ) AS cell
), scored AS (
  SELECT
    customer_id,
    (
      SELECT
        last_on
      FROM data_span
    ) AS as_of_on,
    first_order_on,
    last_order_on,
    order_count,
    revenue,
    CAST(1 + 5 * (
      RANK() OVER (ORDER BY last_order_on) - 1
    ) // COUNT(*) OVER () AS INT) AS r_score,
    CAST(1 + 5 * (
      RANK() OVER (ORDER BY order_count) - 1
    ) // COUNT(*) OVER () AS INT) AS f_score,
    CAST(1 + 5 * (
      RANK() OVER (ORDER BY revenue) - 1
    ) // COUNT(*) OVER () AS INT) AS m_score
  FROM customer_total
)
SELECT
  s.customer_id,
  s.as_of_on,
  s.first_order_on,
  s.last_order_on,
  CAST(s.as_of_on - s.last_order_on AS INT) AS recency_days,
  s.order_count,
  CAST(s.revenue AS DECIMAL(18, 2)) AS revenue,
  s.r_score,
  s.f_score,
  s.m_score,
  c.cell.name AS rfm_group
FROM scored AS s
JOIN rfm_cell AS c
  ON c.cell.r = s.r_score AND c.cell.f = s.f_score
