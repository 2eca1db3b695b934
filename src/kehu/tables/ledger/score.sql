/*
description: Every score of every run. Facts, never rewritten.
grain: one row per run, target and customer
kind: ledger
key: [run_id, target, customer_id]
owner: analytics
columns:
  run_id: {type: VARCHAR, meaning: Run of score_run}
  scorer: {type: VARCHAR, meaning: "Name of the scorer (churn, clv)"}
  target: {type: VARCHAR, meaning: "What is predicted: lapse_30d, orders_90d, spend_90d"}
  customer_id: {type: VARCHAR, meaning: Customer, origin: [customer_feature.customer_id]}
  as_of_on: {type: DATE, meaning: Cut-off of the score, unit: day, origin: [customer_feature.as_of_on]}
  value: {type: DOUBLE, meaning: "Probability (lapse_30d), days with an order (orders_90d) or spend (spend_90d)", origin: [customer_feature.recency_days, customer_feature.tenure_days, customer_feature.days_total, customer_feature.days_7d,
    customer_feature.days_14d, customer_feature.days_30d, customer_feature.days_60d, customer_feature.days_90d,
    customer_feature.days_180d, customer_feature.days_365d, customer_feature.weeks_12w, customer_feature.spend_30d,
    customer_feature.spend_60d, customer_feature.spend_90d, customer_feature.spend_180d, customer_feature.spend_365d,
    customer_feature.spend_total, customer_feature.gap_mean, customer_feature.gap_std, customer_feature.gap_max,
    customer_feature.gap_last, customer_feature.recency_to_gap, customer_feature.recency_to_gap_max, customer_feature.spend_per_day,
    customer_feature.spend_per_day_90d, customer_feature.last_spend_ratio, customer_feature.units_per_day_90d, customer_feature.lines_per_order_90d,
    customer_feature.discount_share, customer_feature.discount_share_90d, customer_feature.days_trend_30d, customer_feature.days_trend_90d,
    customer_feature.spend_trend_30d, customer_feature.weekend_share, customer_feature.products_total, customer_feature.new_products_30d,
    customer_feature.departments_90d, customer_feature.stores_90d, customer_feature.channels_90d, customer_feature.main_channel_share_90d,
    customer_feature.interactions_90d, customer_feature.tickets_90d, customer_feature.surveys_180d, customer_feature.nps_last,
    customer_feature.campaign_contacts_60d, customer_feature.campaign_contacts_total, customer_feature.coupons_90d]}
  band: {type: VARCHAR, meaning: "high, medium or low"}
  reasons: {type: VARCHAR, meaning: "JSON {for: [{feature, value, effect}], against: [...]}", origin: [customer_feature.recency_days, customer_feature.tenure_days, customer_feature.days_total, customer_feature.days_7d,
    customer_feature.days_14d, customer_feature.days_30d, customer_feature.days_60d, customer_feature.days_90d,
    customer_feature.days_180d, customer_feature.days_365d, customer_feature.weeks_12w, customer_feature.spend_30d,
    customer_feature.spend_60d, customer_feature.spend_90d, customer_feature.spend_180d, customer_feature.spend_365d,
    customer_feature.spend_total, customer_feature.gap_mean, customer_feature.gap_std, customer_feature.gap_max,
    customer_feature.gap_last, customer_feature.recency_to_gap, customer_feature.recency_to_gap_max, customer_feature.spend_per_day,
    customer_feature.spend_per_day_90d, customer_feature.last_spend_ratio, customer_feature.units_per_day_90d, customer_feature.lines_per_order_90d,
    customer_feature.discount_share, customer_feature.discount_share_90d, customer_feature.days_trend_30d, customer_feature.days_trend_90d,
    customer_feature.spend_trend_30d, customer_feature.weekend_share, customer_feature.products_total, customer_feature.new_products_30d,
    customer_feature.departments_90d, customer_feature.stores_90d, customer_feature.channels_90d, customer_feature.main_channel_share_90d,
    customer_feature.interactions_90d, customer_feature.tickets_90d, customer_feature.surveys_180d, customer_feature.nps_last,
    customer_feature.campaign_contacts_60d, customer_feature.campaign_contacts_total, customer_feature.coupons_90d]}
*/
