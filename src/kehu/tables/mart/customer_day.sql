/*
description: What a customer did on a local day with at least one order; customer_feature is summed from these days.
grain: one row per customer and day with an order
kind: scratch
key: [customer_id, ordered_on]
owner: analytics
columns:
  customer_id: {type: VARCHAR, meaning: Customer}
  ordered_on: {type: DATE, meaning: Local day, unit: day}
  orders: {type: BIGINT, meaning: Orders, unit: orders}
  spend: {type: "DECIMAL(18,2)", meaning: What the customer paid, unit: currency}
  discount: {type: "DECIMAL(18,2)", meaning: Discount given, unit: currency}
  units: {type: "DECIMAL(18,3)", meaning: Quantity, unit: units}
  lines: {type: BIGINT, meaning: Order lines, unit: lines}
  new_products: {type: BIGINT, meaning: Products the customer had not bought on an earlier day, unit: products}
  is_weekend: {type: BOOLEAN, meaning: Saturday or Sunday}
  gap: {type: BIGINT, meaning: "Days since the day before this one; NULL on the first", unit: days}
checks: ["unique(customer_id, ordered_on)", gap IS NULL OR gap > 0]
*/
WITH customer_product AS (
  SELECT
    customer_id,
    product_id,
    MIN(ordered_on) AS ordered_on
  FROM order_line
  WHERE
    NOT customer_id IS NULL AND NOT product_id IS NULL
  GROUP BY
    customer_id,
    product_id
), new_product AS (
  SELECT
    customer_id,
    ordered_on,
    COUNT(*) AS new_products
  FROM customer_product
  GROUP BY
    customer_id,
    ordered_on
), order_day AS (
  SELECT
    customer_id,
    ordered_on,
    COUNT(*) AS orders,
    CAST(SUM(amount) AS DECIMAL(18, 2)) AS spend,
    CAST(COALESCE(SUM(discount), 0) AS DECIMAL(18, 2)) AS discount,
    CAST(SUM(quantity) AS DECIMAL(18, 3)) AS units,
    CAST(SUM(line_count) AS BIGINT) AS lines
  FROM orders
  WHERE
    NOT customer_id IS NULL
  GROUP BY
    customer_id,
    ordered_on
)
SELECT
  d.customer_id,
  d.ordered_on,
  d.orders,
  d.spend,
  d.discount,
  d.units,
  d.lines,
  COALESCE(p.new_products, 0) AS new_products,
  DAYOFWEEK(d.ordered_on) IN (0, 6) AS is_weekend,
  CAST(d.ordered_on - LAG(d.ordered_on) OVER (PARTITION BY d.customer_id ORDER BY d.ordered_on) AS BIGINT) AS gap
FROM order_day AS d
LEFT JOIN new_product AS p
  ON p.customer_id = d.customer_id AND p.ordered_on = d.ordered_on
