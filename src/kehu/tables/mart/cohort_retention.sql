/*
description: Customers by the month of their first order, and how many of them ordered again in each month after it.
grain: one row per cohort month and months since, up to the month of the last data day
kind: full
key: [cohort_on, months_since]
owner: analytics
sort: [cohort_on, months_since]
columns:
  cohort_on: {type: DATE, meaning: First day of the month of the first order, unit: month}
  months_since: {type: INTEGER, meaning: Months after the cohort month; 0 is the month itself, unit: months}
  customers: {type: BIGINT, meaning: Customers of the cohort, unit: customers}
  active_customers: {type: BIGINT, meaning: Customers of the cohort with an order in that month, unit: customers}
  retention: {type: DOUBLE, meaning: active_customers / customers, unit: share}
  revenue: {type: "DECIMAL(18,2)", meaning: What they paid in that month, unit: currency}
  is_partial: {type: BOOLEAN, meaning: The data ends inside that month}
checks: ["unique(cohort_on, months_since)", retention BETWEEN 0 AND 1, active_customers <= customers]
*/
WITH first_order AS (
  SELECT
    customer_id,
    MIN(month_on) AS cohort_on
  FROM customer_month
  GROUP BY
    customer_id
), cohort AS (
  SELECT
    cohort_on,
    COUNT(*) AS customers
  FROM first_order
  GROUP BY
    cohort_on
), cell AS (
  SELECT
    c.cohort_on,
    c.customers,
    e.last_on,
    CAST(UNNEST(RANGE(0, DATE_DIFF('MONTH', c.cohort_on, e.last_on) + 1)) AS INT) AS months_since
  FROM cohort AS c
  CROSS JOIN data_span AS e
), activity AS (
  SELECT
    f.cohort_on,
    CAST(DATE_DIFF('MONTH', f.cohort_on, m.month_on) AS INT) AS months_since,
    COUNT(*) AS active_customers,
    SUM(m.revenue) AS revenue
  FROM customer_month AS m
  JOIN first_order AS f
    ON f.customer_id = m.customer_id
  GROUP BY
    f.cohort_on,
    CAST(DATE_DIFF('MONTH', f.cohort_on, m.month_on) AS INT)
)
SELECT
  c.cohort_on,
  c.months_since,
  c.customers,
  COALESCE(a.active_customers, 0) AS active_customers,
  COALESCE(a.active_customers, 0) / CAST(c.customers AS DOUBLE) AS retention,
  CAST(COALESCE(a.revenue, 0) AS DECIMAL(18, 2)) AS revenue,
  LAST_DAY(CAST(c.cohort_on + TO_MONTHS(c.months_since) AS DATE)) > c.last_on AS is_partial
FROM cell AS c
LEFT JOIN activity AS a
  ON a.cohort_on = c.cohort_on AND a.months_since = c.months_since
