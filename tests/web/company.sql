-- A small company, made by arithmetic: no random numbers, so every run sees the same rows.

-- table: seed_person
SELECT i,
  'C' || lpad(i::VARCHAR, 5, '0') AS customer_id,
  i % 9 = 8 AS is_provisional,
  CASE WHEN i % 9 = 8 THEN NULL WHEN i % 3 = 0
    THEN ['王','李','张','刘','陈','杨'][1 + i % 6] || ['芳','伟','娜','秀英','敏','静','丽','强'][1 + i // 6 % 8]
    ELSE ['Ann','Robert','Grace','Omar','Lucy','Peter','Sofia'][1 + i % 7] || ' ' || ['Miller','Okafor','Lindqvist','Garcia','Novak'][1 + i // 7 % 5] END AS full_name,
  ['New York','Buffalo','Albany','Newark','Hartford'][1 + i % 5] AS city,
  ['NY','NY','NY','NJ','CT'][1 + i % 5] AS state,
  DATE '2017-01-03' + (i * 37 % 300)::INTEGER AS first_on,
  1 + hash(i) % 14 AS pace
FROM range(1, 401) t(i)

-- table: customer
SELECT customer_id, full_name,
  CASE WHEN full_name ~ '^[A-Z]' THEN split_part(full_name, ' ', 1) ELSE substr(full_name, 2) END AS first_name,
  CASE WHEN full_name ~ '^[A-Z]' THEN split_part(full_name, ' ', 2) ELSE substr(full_name, 1, 1) END AS last_name,
  NULL::VARCHAR AS title,
  CASE WHEN NOT is_provisional AND i % 5 <> 4 THEN 'person' || i || '@example.com' END AS email,
  CASE WHEN NOT is_provisional AND i % 4 <> 3 THEN '+1212555' || lpad((i % 10000)::VARCHAR, 4, '0') END AS phone,
  CASE WHEN i % 2 = 0 THEN 'f' ELSE 'm' END AS gender, DATE '1970-01-01' + (i * 61 % 11000)::INTEGER AS birth_on,
  (10 + i // 2)::VARCHAR || ' Elm Street' AS address, city, state, lpad((10000 + i)::VARCHAR, 5, '0') AS postcode,
  'US' AS country, NULL::VARCHAR AS company, 'L' || (100000 + i) AS loyalty_card,
  CASE WHEN i % 8 IN (2, 3) THEN 'H' || lpad((i // 8)::VARCHAR, 4, '0') END AS household_id,
  TIMESTAMP '2016-11-02 09:30:00' + to_days((i % 200)::INTEGER) AS registered_at,
  (1 + i % 4)::BIGINT AS record_count, (CASE WHEN is_provisional THEN 0 WHEN i % 20 = 3 THEN 2 ELSE 1 END)::BIGINT AS described_count, (1 + i % 3)::BIGINT AS source_count, is_provisional,
  lower(concat_ws(' ', full_name, CASE WHEN i % 18 = 0 THEN 'wang fang wf' END, 'person' || i || '@example.com', '1212555' || lpad((i % 10000)::VARCHAR, 4, '0'))) AS search_text
FROM seed_person

-- table: seed_order
SELECT customer_id, n, o.day_on, hash(customer_id, n) AS h
FROM seed_person, range(0, 60) t(n), LATERAL (SELECT first_on + (n * (3 + pace * 2) + hash(customer_id, n) % 4)::INTEGER AS day_on) o
WHERE i % 25 <> 0 AND o.day_on <= DATE '2017-12-31' AND (pace < 11 OR n < 4)

-- table: orders
SELECT 'pos:' || customer_id || '-' || n AS order_id, customer_id, CASE WHEN h % 3 = 0 THEN 'shop' ELSE 'pos' END AS source,
  customer_id || '-' || n AS source_order_key, day_on + INTERVAL 15 HOUR + to_minutes((h % 300)::INTEGER) AS ordered_at, day_on AS ordered_on,
  '101' AS store_id, CASE WHEN h % 3 = 0 THEN 'web' ELSE 'store' END AS channel, 'USD' AS currency, NULL::VARCHAR AS status,
  (8 + h % 9000 / 100.0)::DECIMAL(18,2) AS amount, (h % 400 / 100.0)::DECIMAL(18,2) AS discount, 3::DECIMAL(18,3) AS quantity, 2::BIGINT AS line_count
FROM seed_order

-- table: order_line
SELECT order_id, line::VARCHAR AS line_id, customer_id, 'P' || (hash(order_id, line) % 3) AS product_id, store_id, source, ordered_at, ordered_on,
  line::DECIMAL(18,3) AS quantity, (CASE line WHEN 1 THEN amount - 3 ELSE 3 END)::DECIMAL(18,2) AS amount, 0::DECIMAL(18,2) AS discount, currency, channel
FROM orders, range(1, 3) t(line)

-- table: product
SELECT 'P' || i AS product_id, 'erp' AS source, ['Whole milk', 'Sourdough bread', '绿茶'][i + 1] AS name, 'Acme' AS brand, 'GROCERY' AS department,
  ['DAIRY', 'BAKERY', 'TEA'][i + 1] AS category, NULL::VARCHAR AS subcategory, '1 L' AS package_size, 'Acme' AS manufacturer, 3.5::DECIMAL(18,2) AS price, 'USD' AS currency
FROM range(0, 3) t(i)

-- table: interaction
SELECT 'service:' || i AS interaction_id, customer_id, 'service' AS source, ['call','chat','ticket'][1 + i % 3] AS kind,
  TIMESTAMP '2017-12-01 14:05:00' - to_days((i % 90)::INTEGER) AS started_at, DATE '2017-12-01' - (i % 90)::INTEGER AS started_on, NULL::TIMESTAMP AS ended_at,
  'Delivery' AS subject, CASE WHEN i % 6 = 0 THEN '送货晚了两天，希望改进。' ELSE 'The parcel came two days late.' END AS text, 'Dana' AS agent, ['open','solved'][1 + i % 2] AS status, NULL::DECIMAL(18,2) AS satisfaction
FROM seed_person WHERE i % 2 = 0

-- table: survey_response
SELECT 'service:s' || i AS response_id, customer_id, 'service' AS source, ['nps','csat'][1 + i % 2] AS survey, (i % 11)::DECIMAL(18,2) AS score, 'Friendly staff' AS text,
  TIMESTAMP '2017-11-20 17:00:00' - to_days((i % 60)::INTEGER) AS answered_at, DATE '2017-11-20' AS answered_on, 'en' AS language
FROM seed_person WHERE i % 3 = 0

-- table: campaign
SELECT 'K1' AS campaign_id, 'marketing' AS source, 'Autumn coupons' AS name, 'coupon' AS kind, DATE '2017-10-01' AS started_on, DATE '2017-11-15' AS ended_on

-- table: contact_response
SELECT 'marketing:' || i AS response_id, 'K1' AS campaign_id, customer_id, 'marketing' AS source, ['addressed','redeemed'][1 + i % 2] AS kind,
  TIMESTAMP '2017-10-05 12:00:00' AS at, DATE '2017-10-05' AS responded_on, CASE WHEN i % 2 = 1 THEN 'SAVE10' END AS coupon
FROM seed_person WHERE i % 2 = 1

-- table: household
SELECT household_id, min(last_name) AS surname, min(address) AS address, min(city) AS city, min(state) AS state,
  min(postcode) AS postcode, NULL::VARCHAR AS phone, count(*) AS member_count
FROM customer WHERE household_id IS NOT NULL GROUP BY household_id

-- table: account
SELECT * FROM (VALUES ('a1', 'C00010', 'Acme Foods', 'acme.example', NULL, NULL, 2::BIGINT, false),
  ('a2', NULL, 'Acme Foods Buffalo', NULL, 'a1', 'branch_name', 15::BIGINT, true)) t(account_id, customer_id, name, domain, parent_account_id, parent_evidence, member_count, is_provisional)

-- table: account_member
SELECT customer_id, CASE WHEN i IN (4, 5) THEN 'a1' ELSE 'a2' END AS account_id, ['member', 'owner', 'finance', 'buyer'][1 + i % 4] AS role,
  CASE WHEN i = 3 THEN 'Head of groceries' END AS position, 'company_name' AS evidence, 'Acme Foods' AS company, 1::BIGINT AS candidate_count
FROM seed_person WHERE NOT is_provisional AND (i IN (3, 4, 5) OR i BETWEEN 20 AND 35)

-- table: account_total
SELECT * FROM (VALUES ('a1', DATE '2024-01-03', DATE '2024-06-01', 3::BIGINT, 41::BIGINT, 8765.43::DECIMAL(18,2))) t(account_id, first_order_on, last_order_on, customer_count, order_count, revenue)

-- table: customer_record
SELECT s.source, s.prefix || p.i AS source_key, 'b1-' || p.i AS row_id, s.source <> 'crm' AS is_reference, c.full_name, c.birth_on, c.gender, c.email, c.phone, c.loyalty_card,
  CASE WHEN p.i IN (5, 6) THEN 'ID' || p.i END AS national_id, c.address, c.city, c.postcode, NULL::VARCHAR AS company, c.registered_at, NULL::TIMESTAMP AS updated_at,
  lower(c.first_name) AS given_sound, lower(c.first_name) AS given_key, lower(c.last_name) AS family_key, c.first_name, c.last_name, c.state, c.country, c.title, NULL::VARCHAR AS nickname, NULL::VARCHAR AS tax_id, NULL::VARCHAR AS website
FROM seed_person p JOIN customer c USING (customer_id), (VALUES ('crm', 'K'), ('pos', 'L10000'), ('shop', 'person')) s(source, prefix)
WHERE NOT (p.is_provisional AND s.source <> 'pos')
UNION ALL
SELECT 'service', 'T' || p.i, 'b1-' || p.i, false, c.full_name, c.birth_on, c.gender, NULL, c.phone, NULL, NULL, c.address, c.city, c.postcode, NULL, c.registered_at + INTERVAL 40 DAY, NULL,
  lower(c.first_name), lower(c.first_name), lower(c.last_name), c.first_name, c.last_name, c.state, c.country, c.title, NULL::VARCHAR AS nickname, NULL::VARCHAR AS tax_id, NULL::VARCHAR AS website
FROM seed_person p JOIN customer c USING (customer_id) WHERE p.i % 20 = 3 AND NOT p.is_provisional

-- table: customer_xref
SELECT r.source, r.source_key, p.customer_id, false AS is_given,
  CASE WHEN r.source = 'service' THEN 'S' || lpad(p.i::VARCHAR, 5, '0') WHEN r.source = 'crm' OR p.is_provisional THEN p.customer_id END AS founded_id,
  CASE WHEN r.source IN ('crm', 'service') OR p.is_provisional THEN TIMESTAMP '2026-11-20 23:00:00' + to_minutes((r.source = 'service')::INTEGER) END AS founded_at
FROM customer_record r JOIN seed_person p ON r.row_id = 'b1-' || p.i

-- table: record_link
SELECT 'crm' AS left_source, 'K' || i AS left_key, 'shop' AS right_source, 'person' || i AS right_key, 'email' AS rule, 0.99972 AS probability, 11.8 AS weight,
  'match' AS decision, '{"splink_weight": 9.1, "prior": -4.0, "conflict": null, "parts": {"email": ["same", 13.1]}}'::JSON AS evidence
FROM seed_person WHERE NOT is_provisional
UNION ALL
SELECT 'crm', 'K' || i, 'service', 'T' || i, 'splink', 0.9986, 9.5, 'match', '{"splink_weight": 9.5, "prior": -14.2, "conflict": null, "parts": {"household": ["surname_address_phone", 11.3], "given_name": ["same", 5.9], "birth_date": ["same", 6.5]}}'
FROM seed_person WHERE NOT is_provisional AND i % 20 = 3
UNION ALL
SELECT 'crm', 'K' || i, 'crm', 'K' || (i + 1), 'splink', 0.61 + i / 2000.0, 0.7, 'review', '{"splink_weight": 0.7, "prior": -12.6, "conflict": null, "parts": {"household": ["home", 12.1], "given_name": ["different", -3.5], "birth_date": ["typo", 4.9], "gender": ["different", -0.2]}}'
FROM seed_person WHERE i % 8 = 2 AND i % 9 < 7

-- table: reference_link
SELECT 'pos' AS left_source, 'L10000' || i AS left_key, 'crm' AS right_source, 'K' || i AS right_key, 'loyalty_card' AS rule, 0.999 AS probability, 10.0 AS weight, '{"chosen_by": "holds_card"}'::JSON AS evidence
FROM seed_person WHERE NOT is_provisional

-- table: merge_event
SELECT md5(concat(l.left_source, l.left_key, l.right_source, l.right_key)) AS merge_id, x.customer_id, l.left_source AS source, l.left_key AS source_key, l.right_source AS into_source, l.right_key AS into_key,
  l.rule, l.probability, l.weight, l.evidence, 'system' AS actor, TIMESTAMP '2026-11-21 23:06:00' AS merged_at, NULL::TIMESTAMP AS ended_at
FROM (SELECT * EXCLUDE decision FROM record_link WHERE decision = 'match' UNION ALL SELECT * FROM reference_link) l
JOIN customer_xref x ON x.source = l.left_source AND x.source_key = l.left_key

-- table: identity_decision
SELECT 'dseed' || i AS decision_id, CASE WHEN i % 3 = 0 THEN 'same' ELSE 'different' END AS kind, 'crm' AS left_source, 'K' || i AS left_key, 'crm' AS right_source, 'K' || (i + 1) AS right_key,
  NULL::VARCHAR AS survivor, 'review' AS about, CASE WHEN i % 2 = 0 THEN 'asked by phone' ELSE '' END AS reason, 'owner1' AS actor, TIMESTAMP '2026-11-20 10:00:00' AS decided_at
FROM seed_person WHERE i % 40 = 2

-- table: blocked_value
SELECT 'email' AS field, 'test@example.com' AS value, 12::BIGINT AS holders, 'placeholder' AS reason

-- table: customer_value
SELECT customer_id, f.field, f.value, 'crm' AS source, 'K' || p.i AS source_key, 'b1-' || p.i AS row_id, f.reason
FROM seed_person p JOIN customer c USING (customer_id), LATERAL (VALUES ('full_name', c.full_name, 'most records'), ('email', c.email, 'newest'), ('phone', c.phone, 'only value'), ('address', c.address, 'fullest'), ('city', c.city, 'most records'), ('birth_on', c.birth_on::VARCHAR, 'only value')) f(field, value, reason)
WHERE f.value IS NOT NULL AND NOT p.is_provisional

-- table: import_batch
SELECT 'b' || i AS batch_id, ['pos','shop','crm','erp','service','marketing'][i] AS source, 'orders' AS stream, 'file.csv' AS file, 'ab' AS file_sha256, '{}' AS read_as, 1000::BIGINT AS bytes,
  (900 * i)::BIGINT AS rows, 0::BIGINT AS rejected, TIMESTAMP '2026-11-21 23:05:00' AS landed_at, NULL::VARCHAR AS replaced_by
FROM range(1, 7) t(i)

-- table: quarantine
SELECT ['pos','shop'][1 + i % 2] AS source, 'order lines' AS stream, 'order_line' AS entity, 'r' || i AS row_id, 'orders_2017_' || (1 + i % 3) || '.csv' AS file, (10 + i * 7)::BIGINT AS line, 'b1' AS batch_id,
  ['not_a_number','not_a_date','unknown_reference','duplicate_key'][1 + i % 4] AS rule, ['amount','ordered_at','product_key','line_key'][1 + i % 4] AS column_name, ['twelve','2017-13-45','99999999','7'][1 + i % 4] AS value,
  ['"twelve" is no number','"2017-13-45" is no date','no such product','the key stands twice'][1 + i % 4] AS reason, '[]' AS faults, '{"订单号": "10023", "金额": "twelve"}' AS row_text
FROM range(0, 200) t(i)

-- table: score_run
SELECT run_id, scorer, target, '1' AS version, champion, published_as, is_baseline, true AS is_published, DATE '2018-01-01' AS as_of_on, card, TIMESTAMP '2026-11-21 23:10:00' AS scored_at
FROM (VALUES ('r1', 'churn', 'lapse_30d', 'lightgbm', 'lightgbm', false, '{}'), ('r2', 'clv', 'spend_90d', 'lightgbm', 'last_period', true, '{}'), ('r2', 'clv', 'orders_90d', 'bgnbd', 'bgnbd', false, '{}')) t(run_id, scorer, target, champion, published_as, is_baseline, card)

-- table: score
SELECT t.run_id, t.scorer, t.target, p.customer_id, DATE '2018-01-01' AS as_of_on,
  CASE t.target WHEN 'lapse_30d' THEN least(0.97, greatest(0.02, (p.pace * 0.07) ** 2 + hash(p.i) % 20 / 100.0)) WHEN 'spend_90d' THEN 900.0 / p.pace ELSE 30.0 / p.pace END AS value,
  CASE t.target WHEN 'lapse_30d' THEN CASE WHEN p.pace > 8 THEN 'high' WHEN p.pace > 4 THEN 'medium' ELSE 'low' END ELSE CASE WHEN p.pace < 3 THEN 'high' WHEN p.pace < 7 THEN 'medium' ELSE 'low' END END AS band,
  '{"for": [{"feature": "recency_days", "value": 21, "effect": 0.4}, {"feature": "spend_trend_30d", "value": 0.62, "effect": 0.2}], "against": [{"feature": "days_90d", "value": 11, "effect": -0.3}]}' AS reasons
FROM seed_person p JOIN (SELECT customer_id, max(ordered_on) AS last_on FROM orders GROUP BY ALL) o USING (customer_id), (VALUES ('r1', 'churn', 'lapse_30d'), ('r2', 'clv', 'spend_90d'), ('r2', 'clv', 'orders_90d')) t(run_id, scorer, target)
WHERE t.target <> 'lapse_30d' OR o.last_on > DATE '2017-11-02'

-- marts: near_miss decided_pair decided_customer review_pair usual_size suspicious_customer identity_quality customer_total customer_month channel_day data_span daily_metric cohort_retention customer_rfm customer_score customer_360
