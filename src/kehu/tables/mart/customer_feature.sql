/*
description: >-
  What was known about a customer at a cut-off: everything looks strictly before as_of_on, whatever came later. Input of
  the scorers. A "day" is a local day with at least one order.
grain: one row per as_of_on and customer with an order before it
kind: merge
key: [as_of_on, customer_id]
by: [customer_id]
follows:
  feature_date: {slice: as_of_on}
  order_line: {key: customer_id, when: ordered_on < (SELECT MAX(as_of_on) FROM feature_date)}
  orders: {key: customer_id, when: ordered_on < (SELECT MAX(as_of_on) FROM feature_date)}
  interaction: {key: customer_id, when: started_on < (SELECT MAX(as_of_on) FROM feature_date)}
  survey_response: {key: customer_id, when: answered_on < (SELECT MAX(as_of_on) FROM feature_date)}
  contact_response: customer_id
owner: analytics
sort: [as_of_on, customer_id]
columns:
  as_of_on: {type: DATE, meaning: Cut-off, unit: day}
  customer_id: {type: VARCHAR, meaning: Customer}
  recency_days: {type: DOUBLE, meaning: Days since the last order, unit: days}
  tenure_days: {type: DOUBLE, meaning: Days since the first order, unit: days}
  days_total: {type: DOUBLE, meaning: Days with an order, unit: days}
  days_7d: {type: DOUBLE, meaning: Days with an order in the last 7 days, unit: days}
  days_14d: {type: DOUBLE, meaning: Days with an order in the last 14 days, unit: days}
  days_30d: {type: DOUBLE, meaning: Days with an order in the last 30 days, unit: days}
  days_60d: {type: DOUBLE, meaning: Days with an order in the last 60 days, unit: days}
  days_90d: {type: DOUBLE, meaning: Days with an order in the last 90 days, unit: days}
  days_180d: {type: DOUBLE, meaning: Days with an order in the last 180 days, unit: days}
  days_365d: {type: DOUBLE, meaning: Days with an order in the last 365 days, unit: days}
  weeks_12w: {type: DOUBLE, meaning: Weeks with an order among the last 12, unit: weeks}
  spend_30d: {type: DOUBLE, meaning: Spend in the last 30 days, unit: currency}
  spend_60d: {type: DOUBLE, meaning: Spend in the last 60 days, unit: currency}
  spend_90d: {type: DOUBLE, meaning: Spend in the last 90 days, unit: currency}
  spend_180d: {type: DOUBLE, meaning: Spend in the last 180 days, unit: currency}
  spend_365d: {type: DOUBLE, meaning: Spend in the last 365 days, unit: currency}
  spend_total: {type: DOUBLE, meaning: Spend so far, unit: currency}
  gap_mean: {type: DOUBLE, meaning: Mean days between two days with an order, unit: days}
  gap_std: {type: DOUBLE, meaning: Standard deviation of the days between, unit: days}
  gap_max: {type: DOUBLE, meaning: Longest time between two days with an order, unit: days}
  gap_last: {type: DOUBLE, meaning: Days between the last two days with an order, unit: days}
  recency_to_gap: {type: DOUBLE, meaning: Days since the last order in units of the mean gap, unit: ratio}
  recency_to_gap_max: {type: DOUBLE, meaning: Days since the last order in units of the longest gap, unit: ratio}
  spend_per_day: {type: DOUBLE, meaning: Spend per day with an order, unit: currency}
  spend_per_day_90d: {type: DOUBLE, meaning: Spend per day with an order in the last 90 days, unit: currency}
  last_spend_ratio: {type: DOUBLE, meaning: Spend of the last day with an order against the mean day, unit: ratio}
  units_per_day_90d: {type: DOUBLE, meaning: Units per day with an order in the last 90 days, unit: units}
  lines_per_order_90d: {type: DOUBLE, meaning: Lines per order in the last 90 days, unit: lines}
  discount_share: {type: DOUBLE, meaning: Discount in the price before discount, unit: share}
  discount_share_90d: {type: DOUBLE, meaning: "Discount in the price before discount, last 90 days", unit: share}
  days_trend_30d: {type: DOUBLE, meaning: Days with an order in the last 30 days against a third of the last 90, unit: ratio}
  days_trend_90d: {type: DOUBLE, meaning: Days with an order in the last 90 days against the 90 before, unit: ratio}
  spend_trend_30d: {type: DOUBLE, meaning: Spend of the last 30 days against a third of the last 90, unit: ratio}
  weekend_share: {type: DOUBLE, meaning: Share of days with an order on Saturday or Sunday, unit: share}
  products_total: {type: DOUBLE, meaning: Distinct products so far, unit: products}
  new_products_30d: {type: DOUBLE, meaning: Products bought for the first time in the last 30 days, unit: products}
  departments_90d: {type: DOUBLE, meaning: Distinct departments in the last 90 days, unit: departments}
  stores_90d: {type: DOUBLE, meaning: Distinct stores in the last 90 days, unit: stores}
  channels_90d: {type: DOUBLE, meaning: Distinct channels in the last 90 days, unit: channels}
  main_channel_share_90d: {type: DOUBLE, meaning: Share of orders in the most used channel in the last 90 days, unit: share}
  interactions_90d: {type: DOUBLE, meaning: "Calls, chats, tickets and other touches in the last 90 days", unit: touches}
  tickets_90d: {type: DOUBLE, meaning: Tickets and complaints in the last 90 days, unit: tickets}
  surveys_180d: {type: DOUBLE, meaning: Survey answers in the last 180 days, unit: answers}
  nps_last: {type: DOUBLE, meaning: "Last answer to 'would you recommend us', 0-10", unit: points}
  campaign_contacts_60d: {type: DOUBLE, meaning: Campaigns that addressed the customer in the last 60 days, unit: contacts}
  campaign_contacts_total: {type: DOUBLE, meaning: Campaigns that addressed the customer so far, unit: contacts}
  coupons_90d: {type: DOUBLE, meaning: Coupons redeemed in the last 90 days, unit: coupons}
checks: ["unique(as_of_on, customer_id)", recency_days >= 1, tenure_days >= recency_days, days_total >= 1]
*/
WITH day_sum AS (
  SELECT
    f.as_of_on,
    d.customer_id,
    CAST(f.as_of_on - MAX(d.ordered_on) AS DOUBLE) AS recency,
    CAST(f.as_of_on - MIN(d.ordered_on) AS DOUBLE) AS tenure,
    CAST(COUNT(*) AS DOUBLE) AS days,
    CAST(COUNT(*) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 7) AS DOUBLE) AS days_7,
    CAST(COUNT(*) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 14) AS DOUBLE) AS days_14,
    CAST(COUNT(*) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 30) AS DOUBLE) AS days_30,
    CAST(COUNT(*) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 60) AS DOUBLE) AS days_60,
    CAST(COUNT(*) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 90) AS DOUBLE) AS days_90,
    CAST(COUNT(*) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 180) AS DOUBLE) AS days_180,
    CAST(COUNT(*) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 365) AS DOUBLE) AS days_365,
    CAST(COUNT(DISTINCT (
      f.as_of_on - 1 - d.ordered_on
    ) // 7) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 84) AS DOUBLE) AS weeks_12,
    CAST(SUM(d.spend) AS DOUBLE) AS spend,
    COALESCE(CAST(SUM(d.spend) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 30) AS DOUBLE), 0) AS spend_30,
    COALESCE(CAST(SUM(d.spend) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 60) AS DOUBLE), 0) AS spend_60,
    COALESCE(CAST(SUM(d.spend) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 90) AS DOUBLE), 0) AS spend_90,
    COALESCE(CAST(SUM(d.spend) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 180) AS DOUBLE), 0) AS spend_180,
    COALESCE(CAST(SUM(d.spend) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 365) AS DOUBLE), 0) AS spend_365,
    CAST(ARG_MAX(d.spend, d.ordered_on) AS DOUBLE) AS last_spend,
    CAST(COUNT(d.gap) AS DOUBLE) AS gaps,
    CAST(SUM(d.gap) AS DOUBLE) AS gap_sum,
    CAST(SUM(d.gap * d.gap) AS DOUBLE) AS gap_square_sum,
    CAST(MAX(d.gap) AS DOUBLE) AS gap_max,
    CAST(ARG_MAX(d.gap, d.ordered_on) AS DOUBLE) AS gap_last,
    CAST(SUM(d.orders) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 90) AS DOUBLE) AS orders_90,
    CAST(SUM(d.units) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 90) AS DOUBLE) AS units_90,
    CAST(SUM(d.lines) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 90) AS DOUBLE) AS lines_90,
    CAST(SUM(d.discount) AS DOUBLE) AS discount,
    CAST(SUM(d.discount) FILTER(WHERE
      d.ordered_on >= f.as_of_on - 90) AS DOUBLE) AS discount_90,
    CAST(COUNT(*) FILTER(WHERE
      d.is_weekend) AS DOUBLE) AS weekend_days,
    CAST(SUM(d.new_products) AS DOUBLE) AS products,
    COALESCE(
      CAST(SUM(d.new_products) FILTER(WHERE
        d.ordered_on >= f.as_of_on - 30) AS DOUBLE),
      0
    ) AS new_products_30
  FROM feature_date AS f
  JOIN customer_day AS d
    ON d.ordered_on < f.as_of_on
  GROUP BY
    f.as_of_on,
    d.customer_id
), department_day AS (
  SELECT DISTINCT
    l.customer_id,
    l.ordered_on,
    p.department
  FROM order_line AS l
  JOIN product AS p
    ON p.product_id = l.product_id
  WHERE
    NOT l.customer_id IS NULL
    AND NOT p.department IS NULL
    AND l.ordered_on >= (
      SELECT
        MIN(as_of_on) - 90
      FROM feature_date
    )
), department AS (
  SELECT
    f.as_of_on,
    d.customer_id,
    CAST(COUNT(DISTINCT d.department) AS DOUBLE) AS departments_90
  FROM feature_date AS f
  JOIN department_day AS d
    ON d.ordered_on < f.as_of_on AND d.ordered_on >= f.as_of_on - 90
  GROUP BY
    f.as_of_on,
    d.customer_id
), channel AS (
  SELECT
    f.as_of_on,
    o.customer_id,
    COALESCE(o.channel, 'unknown') AS channel,
    COUNT(*) AS orders
  FROM feature_date AS f
  JOIN orders AS o
    ON o.ordered_on < f.as_of_on AND o.ordered_on >= f.as_of_on - 90
  GROUP BY
    f.as_of_on,
    o.customer_id,
    COALESCE(o.channel, 'unknown')
), channel_sum AS (
  SELECT
    as_of_on,
    customer_id,
    CAST(COUNT(*) AS DOUBLE) AS channels_90,
    CAST(MAX(orders) AS DOUBLE) / CAST(SUM(orders) AS DOUBLE) AS main_channel_share_90
  FROM channel
  GROUP BY
    as_of_on,
    customer_id
), store_sum AS (
  SELECT
    f.as_of_on,
    o.customer_id,
    CAST(COUNT(DISTINCT o.store_id) AS DOUBLE) AS stores_90
  FROM feature_date AS f
  JOIN orders AS o
    ON o.ordered_on < f.as_of_on AND o.ordered_on >= f.as_of_on - 90
  GROUP BY
    f.as_of_on,
    o.customer_id
), touch AS (
  SELECT
    f.as_of_on,
    t.customer_id,
    CAST(COUNT(*) AS DOUBLE) AS interactions_90,
    CAST(COUNT(*) FILTER(WHERE
      t.kind IN ('ticket', 'complaint')) AS DOUBLE) AS tickets_90
  FROM feature_date AS f
  JOIN interaction AS t
    ON t.started_on < f.as_of_on AND t.started_on >= f.as_of_on - 90
  WHERE
    NOT t.customer_id IS NULL
  GROUP BY
    f.as_of_on,
    t.customer_id
), answer AS (
  SELECT
    f.as_of_on,
    a.customer_id,
    CAST(COUNT(*) FILTER(WHERE
      a.answered_on >= f.as_of_on - 180) AS DOUBLE) AS surveys_180,
    CAST(ARG_MAX(a.score, {'at': a.answered_at, 'score': a.score}) FILTER(WHERE
      a.survey = 'nps') AS DOUBLE) AS nps_last
  FROM feature_date AS f
  JOIN survey_response AS a
    ON a.answered_on < f.as_of_on
  GROUP BY
    f.as_of_on,
    a.customer_id
), campaign_day AS (
  SELECT
    r.customer_id,
    r.kind,
    COALESCE(r.responded_on, CASE WHEN r.kind = 'addressed' THEN c.started_on END) AS contacted_on
  FROM contact_response AS r
  LEFT JOIN campaign AS c
    ON c.campaign_id = r.campaign_id
), campaign_sum AS (
  SELECT
    f.as_of_on,
    c.customer_id,
    CAST(COUNT(*) FILTER(WHERE
      c.kind = 'addressed' AND c.contacted_on >= f.as_of_on - 60) AS DOUBLE) AS contacts_60,
    CAST(COUNT(*) FILTER(WHERE
      c.kind = 'addressed') AS DOUBLE) AS contacts,
    CAST(COUNT(*) FILTER(WHERE
      c.kind = 'redeemed' AND c.contacted_on >= f.as_of_on - 90) AS DOUBLE) AS coupons_90
  FROM feature_date AS f
  JOIN campaign_day AS c
    ON c.contacted_on < f.as_of_on
  GROUP BY
    f.as_of_on,
    c.customer_id
)
SELECT
  d.as_of_on,
  d.customer_id,
  d.recency AS recency_days,
  d.tenure AS tenure_days,
  d.days AS days_total,
  d.days_7 AS days_7d,
  d.days_14 AS days_14d,
  d.days_30 AS days_30d,
  d.days_60 AS days_60d,
  d.days_90 AS days_90d,
  d.days_180 AS days_180d,
  d.days_365 AS days_365d,
  d.weeks_12 AS weeks_12w,
  d.spend_30 AS spend_30d,
  d.spend_60 AS spend_60d,
  d.spend_90 AS spend_90d,
  d.spend_180 AS spend_180d,
  d.spend_365 AS spend_365d,
  d.spend AS spend_total,
  d.gap_sum / NULLIF(d.gaps, 0) AS gap_mean,
  SQRT(
    GREATEST(d.gap_square_sum - d.gap_sum * d.gap_sum / NULLIF(d.gaps, 0), 0) / NULLIF(GREATEST(d.gaps - 1, 0), 0)
  ) AS gap_std,
  d.gap_max,
  d.gap_last,
  d.recency * NULLIF(d.gaps, 0) / d.gap_sum AS recency_to_gap,
  d.recency / d.gap_max AS recency_to_gap_max,
  d.spend / d.days AS spend_per_day,
  d.spend_90 / NULLIF(d.days_90, 0) AS spend_per_day_90d,
  d.last_spend * d.days / NULLIF(d.spend, 0) AS last_spend_ratio,
  d.units_90 / NULLIF(d.days_90, 0) AS units_per_day_90d,
  d.lines_90 / NULLIF(d.orders_90, 0) AS lines_per_order_90d,
  d.discount / NULLIF(d.discount + d.spend, 0) AS discount_share,
  d.discount_90 / NULLIF(d.discount_90 + d.spend_90, 0) AS discount_share_90d,
  3 * d.days_30 / NULLIF(d.days_90, 0) AS days_trend_30d,
  d.days_90 / NULLIF(d.days_180 - d.days_90, 0) AS days_trend_90d,
  3 * d.spend_30 / NULLIF(d.spend_90, 0) AS spend_trend_30d,
  d.weekend_days / d.days AS weekend_share,
  d.products AS products_total,
  d.new_products_30 AS new_products_30d,
  COALESCE(p.departments_90, 0) AS departments_90d,
  COALESCE(s.stores_90, 0) AS stores_90d,
  COALESCE(h.channels_90, 0) AS channels_90d,
  h.main_channel_share_90 AS main_channel_share_90d,
  COALESCE(t.interactions_90, 0) AS interactions_90d,
  COALESCE(t.tickets_90, 0) AS tickets_90d,
  COALESCE(a.surveys_180, 0) AS surveys_180d,
  a.nps_last,
  COALESCE(c.contacts_60, 0) AS campaign_contacts_60d,
  COALESCE(c.contacts, 0) AS campaign_contacts_total,
  COALESCE(c.coupons_90, 0) AS coupons_90d
FROM day_sum AS d
LEFT JOIN department AS p
  ON p.as_of_on = d.as_of_on AND p.customer_id = d.customer_id
LEFT JOIN channel_sum AS h
  ON h.as_of_on = d.as_of_on AND h.customer_id = d.customer_id
LEFT JOIN store_sum AS s
  ON s.as_of_on = d.as_of_on AND s.customer_id = d.customer_id
LEFT JOIN touch AS t
  ON t.as_of_on = d.as_of_on AND t.customer_id = d.customer_id
LEFT JOIN answer AS a
  ON a.as_of_on = d.as_of_on AND a.customer_id = d.customer_id
LEFT JOIN campaign_sum AS c
  ON c.as_of_on = d.as_of_on AND c.customer_id = d.customer_id
