from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np

from kehu.predict.feature import days_needed, folds, load_history
from kehu.predict.words import FEATURES

DAY = dt.date(2024, 3, 1)


def order(who, day, amount=10, **more):
    return {
        "order_id": f"{who}-{day}", "customer_id": who, "ordered_on": DAY + dt.timedelta(days=day), "amount": amount,
        "discount": 0, "quantity": 1, "line_count": 1, "channel": "web", "store_id": "s1", **more,
    }  # fmt: skip


def test_feature_words_name_the_columns_of_the_table(shop):
    shop.build("feature_date", "customer_day", "customer_feature")

    columns = [row[0] for row in shop.rows("DESCRIBE customer_feature")]

    assert columns == ["as_of_on", "customer_id", *FEATURES]


def test_features_of_ann_are_those_counted_by_hand(shop):
    shop.fill("orders", [order("ann", 0, 30, discount=10), order("ann", 4, 10), order("ann", 10, 20), order("bob", 11)])
    shop.build("feature_date", "customer_day", "customer_feature")

    sql = (
        "SELECT recency_days, tenure_days, days_total, days_7d, spend_30d, gap_mean, gap_max, gap_last, "
        "recency_to_gap, spend_per_day, discount_share, weeks_12w FROM customer_feature WHERE customer_id = 'ann'"
    )
    assert shop.rows(sql) == [(2, 12, 3, 1, 60, 5, 6, 6, 0.4, 20, 10 / 70, 2)]


def test_features_do_not_change_when_the_future_does(company):
    before = company.rows("SELECT * FROM customer_feature WHERE as_of_on = DATE '2024-08-28' ORDER BY customer_id")
    cursor = company.connection
    cursor.execute("BEGIN")
    for table, day in (("orders", "ordered_on"), ("order_line", "ordered_on")):
        cursor.execute(f"DELETE FROM {table} WHERE {day} >= DATE '2024-08-28' AND hash(order_id) % 2 = 0")
        cursor.execute(f"UPDATE {table} SET amount = 999, channel = 'fax' WHERE {day} >= DATE '2024-08-28'")
    cursor.execute(
        "INSERT INTO interaction BY NAME SELECT customer_id, 'ticket' AS kind, "
        "DATE '2024-08-28' AS started_on FROM customer"
    )
    cursor.execute(
        "INSERT INTO survey_response BY NAME SELECT customer_id, 'nps' AS survey, 1 AS score, "
        "DATE '2024-08-28' AS answered_on, TIMESTAMP '2024-08-28 12:00:00' AS answered_at FROM customer"
    )
    cursor.execute(
        "INSERT INTO contact_response BY NAME SELECT customer_id, 'addressed' AS kind, "
        "DATE '2024-08-28' AS responded_on FROM customer"
    )
    company.build("customer_day", "customer_feature")

    after = company.rows("SELECT * FROM customer_feature WHERE as_of_on = DATE '2024-08-28' ORDER BY customer_id")

    cursor.execute("ROLLBACK")
    assert len(before) > 100
    assert after == before


def test_touches_count_from_the_day_after_they_happen(shop):
    shop.fill("orders", [order("ann", 0), order("ann", 9)])
    shop.fill("interaction", [{"customer_id": "ann", "kind": "ticket", "started_on": DAY + dt.timedelta(days=9)}])
    shop.fill("contact_response", [{"customer_id": "ann", "kind": "addressed", "campaign_id": "m1"}])
    shop.fill("campaign", [{"campaign_id": "m1", "started_on": DAY + dt.timedelta(days=10)}])
    shop.build("feature_date", "customer_day", "customer_feature")

    found = shop.rows("SELECT tickets_90d, campaign_contacts_total FROM customer_feature")

    assert found == [(1, 0)]


def test_cut_offs_lie_thirty_days_apart_from_the_sixtieth_day_on_and_end_with_the_newest(company):
    *grid, newest = company.rows("SELECT as_of_on, history_days FROM feature_date ORDER BY as_of_on")

    assert {(b[0] - a[0]).days for a, b in pairwise(grid)} == {30}
    assert grid[0][1] == 60
    assert 0 < newest[1] - grid[-1][1] <= 30


def test_folds_learn_only_where_the_outcome_window_has_ended(history):
    made = folds(history, 90)

    assert made
    assert all(day + np.timedelta64(90, "D") <= fold.test for fold in made for day in fold.train)
    assert all(fold.test + np.timedelta64(90, "D") <= history.cut_offs[0] for fold in made)


def test_outcomes_count_days_and_spend_from_the_cut_off_on(shop):
    shop.fill(
        "orders", [order("ann", 0), order("ann", 90, 7), order("ann", 119, 8), order("ann", 120, 9), order("bob", 150)]
    )
    shop.build("feature_date", "customer_day", "customer_feature")

    found = load_history(shop)

    row = (found.as_of == np.datetime64("2024-05-30")) & (found.customer_id == "ann")
    assert str(found.cut_offs[3]) == "2024-05-30"
    assert (found.days_30[row][0], found.days_90[row][0], found.spend_90[row][0]) == (2, 3, 24)


def test_two_folds_need_half_a_year_for_a_month_and_ten_months_for_a_quarter():
    assert (days_needed(30), days_needed(90)) == (180, 300)
