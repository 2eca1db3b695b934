/*
description: Every sold position of every channel, with the customer it belongs to.
grain: one row per order_id and line_id
kind: merge
key: [order_id, line_id]
by: [order_id, line_id]
follows:
  stg_order_line: {key: "source || ':' || order_key, line_key", unique: true}
  stg_orders:
    key: >-
      SELECT l.source || ':' || l.order_key, l.line_key FROM stg_order_line AS l
      SEMI JOIN changed_stg_orders AS c ON c.source = l.source AND c.order_key = l.order_key
  customer_xref:
    key: >-
      SELECT l.source || ':' || l.order_key, l.line_key FROM stg_order_line AS l
      LEFT JOIN stg_orders AS h ON h.source = l.source AND h.order_key = l.order_key
      SEMI JOIN (SELECT * FROM changed_customer_xref WHERE _is_old) AS c ON c.source = l.source AND c.source_key =
      COALESCE(l.customer_key, l.loyalty_card, l.email, l.phone, h.customer_key, h.loyalty_card, h.email, h.phone)
owner: sales
sort: [customer_id, ordered_at]
is_scanned: true
columns:
  order_id: {type: VARCHAR, meaning: "Order; the source and its number of it"}
  line_id: {type: VARCHAR, meaning: Line within the order}
  customer_id: {type: VARCHAR, meaning: "Who bought; empty where the source names nobody"}
  product_id: {type: VARCHAR, meaning: Product}
  store_id: {type: VARCHAR, meaning: Store}
  source: {type: VARCHAR, meaning: System the row comes from}
  ordered_at: {type: TIMESTAMP, meaning: "When it was bought, unit: UTC"}
  ordered_on: {type: DATE, meaning: Day it was bought in the workspace's time zone}
  quantity: {type: "DECIMAL(18,3)", meaning: "Units; negative for a return, unit: units"}
  amount: {type: "DECIMAL(18,2)", meaning: "What the customer paid, unit: currency"}
  discount: {type: "DECIMAL(18,2)", meaning: "What the line was reduced by, unit: currency"}
  currency: {type: VARCHAR, meaning: ISO 4217 code}
  channel: {type: VARCHAR, meaning: "Where it was sold; the source's name where it does not say"}
*/
WITH header AS (
  SELECT
    source,
    order_key,
    COALESCE(customer_key, loyalty_card, email, phone) AS source_key,
    store_key,
    ordered_at,
    currency,
    channel
  FROM stg_orders
), line AS (
  SELECT
    l.source,
    l.order_key,
    l.line_key,
    COALESCE(l.customer_key, l.loyalty_card, l.email, l.phone, h.source_key) AS source_key,
    l.product_key,
    COALESCE(l.store_key, h.store_key) AS store_key,
    COALESCE(l.ordered_at, h.ordered_at) AS ordered_at,
    l.quantity,
    l.amount,
    l.discount,
    COALESCE(l.currency, h.currency) AS currency,
    COALESCE(l.channel, h.channel, l.source) AS channel
  FROM stg_order_line AS l
  LEFT JOIN header AS h
    ON h.source = l.source AND h.order_key = l.order_key
)
SELECT
  l.source || ':' || l.order_key AS order_id,
  l.line_key AS line_id,
  x.customer_id,
  l.product_key AS product_id,
  l.store_key AS store_id,
  l.source,
  l.ordered_at,
  COALESCE(
    CAST(l.ordered_at + TO_SECONDS(IF(l.ordered_at < u.changes_at, u.offset_before, u.offset_after)) AS DATE),
    CAST(TIMEZONE(w.time_zone, TIMEZONE('UTC', l.ordered_at)) AS DATE)
  ) AS ordered_on,
  l.quantity,
  l.amount,
  l.discount,
  COALESCE(l.currency, w.currency) AS currency,
  l.channel
FROM line AS l
CROSS JOIN workspace_setting AS w
LEFT JOIN utc_day AS u
  ON u.utc_on = CAST(l.ordered_at AS DATE)
LEFT JOIN customer_xref AS x
  ON x.source = l.source AND x.source_key = l.source_key
