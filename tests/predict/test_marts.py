from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import kehu.tables
from kehu.predict.words import FEATURES
from kehu.warehouse.table import load_tables

FOLDER = Path(kehu.tables.__file__).parent

JAN = dt.date(2024, 1, 31)
FEB = dt.date(2024, 2, 10)
MAR = dt.date(2024, 3, 15)


def order(who, day, amount=10, channel="web"):
    return {
        "order_id": f"{who}-{day}-{channel}", "customer_id": who, "ordered_on": day, "amount": amount, "discount": 1,
        "quantity": 2, "line_count": 1, "channel": channel,
    }  # fmt: skip


def test_equal_customers_get_equal_scores(shop):
    shop.fill("orders", [order(f"c{k}", JAN) for k in range(9)] + [order("wang", MAR, 50), order("wang", FEB)])
    shop.build("customer_rfm")

    found = shop.rows("SELECT DISTINCT r_score, f_score, m_score, rfm_group FROM customer_rfm ORDER BY r_score")

    assert found == [(1, 1, 1, "lost"), (5, 5, 5, "champions")]


def test_scores_are_fifths_of_the_customers(shop):
    shop.fill("orders", [order(f"c{k}", JAN + dt.timedelta(days=k), 10 + k) for k in range(10)])
    shop.build("customer_rfm")

    found = shop.rows(
        "SELECT r_score, count(*), min(m_score), max(m_score) FROM customer_rfm GROUP BY ALL ORDER BY ALL"
    )

    assert found == [(k, 2, k, k) for k in range(1, 6)]


def test_every_cell_of_recency_and_frequency_has_one_of_eleven_names():
    cells = _cells()

    assert len({cell[:2] for cell in cells}) == 25
    assert len({name for *_, name in cells}) == 11


def _cells():
    sql = load_tables(FOLDER / "mart")["customer_rfm"].sql or ""
    return re.findall(r"'r': (\d), 'f': (\d), 'name': '(\w+)'", sql)


def test_cohorts_count_who_came_back_in_each_month(shop):
    shop.fill("orders", [order("ann", JAN), order("ann", MAR, 30), order("bob", JAN), order("wang", FEB)])
    shop.build("cohort_retention")

    sql = (
        "SELECT month(cohort_on), months_since, customers, active_customers, retention, revenue, is_partial "
        "FROM cohort_retention"
    )
    assert [(*row[:5], float(row[5]), row[6]) for row in shop.rows(sql + " ORDER BY ALL")] == [
        (1, 0, 2, 2, 1.0, 20.0, False),
        (1, 1, 2, 0, 0.0, 0.0, False),
        (1, 2, 2, 1, 0.5, 30.0, True),
        (2, 0, 1, 1, 1.0, 10.0, False),
        (2, 1, 1, 0, 0.0, 0.0, True),
    ]


def test_a_day_counts_a_customer_of_two_channels_once_over_all(shop):
    shop.fill(
        "orders", [order("ann", JAN, 10), order("ann", JAN, 5, "store"), order("bob", JAN + dt.timedelta(days=2))]
    )
    shop.build("daily_metric")

    sql = (
        "SELECT channel, revenue, orders, active_customers, new_customers FROM daily_metric "
        "WHERE day_on = DATE '2024-01-31'"
    )
    assert [(row[0], float(row[1]), *row[2:]) for row in shop.rows(sql + " ORDER BY channel")] == [
        ("all", 15.0, 2, 1, 1),
        ("store", 5.0, 1, 1, 1),
        ("web", 10.0, 1, 1, 1),
    ]


def test_days_without_orders_are_zeros_in_every_channel(shop):
    shop.fill("orders", [order("ann", JAN), order("bob", JAN + dt.timedelta(days=2), 10, "store")])
    shop.build("daily_metric")

    assert shop.rows("SELECT count(*), sum(orders) FROM daily_metric WHERE day_on = DATE '2024-02-01'") == [(3, 0)]


def test_a_returning_customer_is_not_new(shop):
    shop.fill("orders", [order("ann", JAN), order("ann", FEB)])
    shop.build("daily_metric")

    assert shop.rows("SELECT new_customers FROM daily_metric WHERE channel = 'all' AND day_on = DATE '2024-02-10'") == [
        (0,)
    ]


def test_a_customer_without_orders_has_a_row_without_scores(shop):
    shop.fill("customer", [{"customer_id": "ann", "full_name": "Ann"}, {"customer_id": "wang", "full_name": "王芳"}])
    shop.fill("orders", [order("wang", JAN, 10), order("wang", JAN, 5, "store")])
    shop.fill(
        "survey_response",
        [
            {"customer_id": "ann", "survey": "nps", "score": score, "answered_at": dt.datetime(2024, 1, day)}  # noqa: DTZ001
            for day, score in ((2, 9), (5, 3), (3, 10))
        ],
    )
    shop.build("customer_rfm", "customer_score", "customer_360")

    sql = (
        "SELECT full_name, order_count, avg_order_amount, churn_band, nps_score FROM customer_360 ORDER BY customer_id"
    )
    assert [(*row[:2], row[2] and float(row[2]), *row[3:]) for row in shop.rows(sql)] == [
        ("Ann", 0, None, None, 3.0),
        ("王芳", 2, 7.5, None, None),
    ]


def test_scores_trace_back_to_every_feature():
    value = load_tables(FOLDER / "ledger")["score"].column("value")

    assert value is not None
    assert set(value.origin) == {f"customer_feature.{name}" for name in FEATURES}
