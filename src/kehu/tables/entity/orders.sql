/*
description: Every order of every channel, from its header where the source has one, else from its lines.
grain: one row per order_id
kind: merge
key: [order_id]
by: [order_id]
follows:
  order_line: {key: order_id, covers: true}
  stg_orders: "source || ':' || order_key"
  customer_xref:
    key: >-
      SELECT o.source || ':' || o.order_key FROM stg_orders AS o
      SEMI JOIN (SELECT * FROM changed_customer_xref WHERE _is_old) AS c ON c.source = o.source
      AND c.source_key = COALESCE(o.customer_key, o.loyalty_card, o.email, o.phone)
owner: sales
sort: [customer_id, ordered_at]
columns:
  order_id: {type: VARCHAR, meaning: "Order; the source and its number of it"}
  customer_id: {type: VARCHAR, meaning: "Who bought; empty where the source names nobody"}
  source: {type: VARCHAR, meaning: System the row comes from}
  source_order_key: {type: VARCHAR, meaning: Number of the order in its source}
  ordered_at: {type: TIMESTAMP, meaning: "When it was bought; of lines the first, unit: UTC"}
  ordered_on: {type: DATE, meaning: Day it was bought in the workspace's time zone}
  store_id: {type: VARCHAR, meaning: Store}
  channel: {type: VARCHAR, meaning: "Where it was sold; the source's name where it does not say"}
  currency: {type: VARCHAR, meaning: ISO 4217 code}
  status: {type: VARCHAR, meaning: Where it stands as the source says}
  amount: {type: "DECIMAL(18,2)", meaning: "What the customer paid, unit: currency"}
  discount: {type: "DECIMAL(18,2)", meaning: "What it was reduced by, unit: currency"}
  quantity: {type: "DECIMAL(18,3)", meaning: "Units of its lines, unit: units"}
  line_count: {type: BIGINT, meaning: "Lines, unit: lines"}
*/
WITH header AS (
  SELECT
    o.source || ':' || o.order_key AS order_id,
    x.customer_id,
    o.source,
    o.order_key,
    o.ordered_at,
    o.store_key,
    COALESCE(o.channel, o.source) AS channel,
    COALESCE(o.currency, w.currency) AS currency,
    o.status,
    o.amount,
    o.discount
  FROM stg_orders AS o
  CROSS JOIN workspace_setting AS w
  LEFT JOIN customer_xref AS x
    ON x.source = o.source
    AND x.source_key = COALESCE(o.customer_key, o.loyalty_card, o.email, o.phone)
), line AS (
  SELECT
    order_id,
    MIN(customer_id) AS customer_id,
    MIN(source) AS source,
    MIN(ordered_at) AS ordered_at,
    MIN(store_id) AS store_id,
    MIN(channel) AS channel,
    MIN(currency) AS currency,
    SUM(amount) AS amount,
    SUM(discount) AS discount,
    SUM(quantity) AS quantity,
    COUNT(*) AS line_count
  FROM order_line
  GROUP BY
    order_id
), joined AS (
  SELECT
    COALESCE(h.order_id, l.order_id) AS order_id,
    COALESCE(h.customer_id, l.customer_id) AS customer_id,
    COALESCE(h.source, l.source) AS source,
    COALESCE(h.ordered_at, l.ordered_at) AS ordered_at,
    COALESCE(h.store_key, l.store_id) AS store_id,
    COALESCE(h.channel, l.channel) AS channel,
    COALESCE(h.currency, l.currency) AS currency,
    h.status,
    COALESCE(h.amount, l.amount) AS amount,
    COALESCE(h.discount, l.discount) AS discount,
    l.quantity,
    COALESCE(l.line_count, 0) AS line_count
  FROM line AS l
  FULL JOIN header AS h
    ON h.order_id = l.order_id
)
SELECT
  o.order_id,
  o.customer_id,
  o.source,
  SUBSTRING(o.order_id, LENGTH(o.source) + 2) AS source_order_key,
  o.ordered_at,
  COALESCE(
    CAST(o.ordered_at + TO_SECONDS(IF(o.ordered_at < u.changes_at, u.offset_before, u.offset_after)) AS DATE),
    CAST(TIMEZONE(w.time_zone, TIMEZONE('UTC', o.ordered_at)) AS DATE)
  ) AS ordered_on,
  o.store_id,
  o.channel,
  o.currency,
  o.status,
  CAST(o.amount AS DECIMAL(18, 2)) AS amount,
  CAST(o.discount AS DECIMAL(18, 2)) AS discount,
  CAST(o.quantity AS DECIMAL(18, 3)) AS quantity,
  o.line_count
FROM joined AS o
CROSS JOIN workspace_setting AS w
LEFT JOIN utc_day AS u
  ON u.utc_on = CAST(o.ordered_at AS DATE)
