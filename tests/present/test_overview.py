"""Figures of a period against the one before."""

from __future__ import annotations

from datetime import date

import pytest

from kehu.present.freshness import freshness
from kehu.present.overview import overview
from kehu.present.period import Period, period
from kehu.present.standing import cohorts, standing

ORDERS = """
SELECT * FROM (VALUES ('a', DATE '2017-12-01', 10.0), ('a', DATE '2017-12-02', 20.0), ('b', DATE '2017-12-02', 30.0),
  ('a', DATE '2017-11-29', 25.0), ('c', DATE '2017-11-30', 15.0)) t(customer_id, ordered_on, amount)"""
METRIC = """
SELECT ordered_on AS day_on, 'all' AS channel, sum(amount) AS revenue, count(*) AS orders,
  count(DISTINCT customer_id) AS active_customers, 1 AS new_customers FROM orders GROUP BY ALL"""
TWO_DAYS = Period(date(2017, 12, 1), date(2017, 12, 2))
FIRST = date(2017, 11, 29)


def test_a_customer_active_on_two_days_counts_once_in_the_period(open_on):
    found = overview(open_on(orders=ORDERS, daily_metric=METRIC), TWO_DAYS, first_on=FIRST)

    assert found.measures["active"].value == 2
    assert found.measures["active"].days == (1.0, 2.0)


def test_revenue_is_compared_with_the_span_before(open_on):
    found = overview(open_on(orders=ORDERS, daily_metric=METRIC), TWO_DAYS, first_on=FIRST)

    assert (found.measures["revenue"].value, found.measures["revenue"].earlier) == (60.0, 40.0)
    assert found.measures["revenue"].change == pytest.approx(0.5)
    assert found.earlier_revenue == (25.0, 15.0)


def test_days_without_orders_are_zero_not_absent(open_on):
    found = overview(
        open_on(orders=ORDERS, daily_metric=METRIC), Period(date(2017, 12, 1), date(2017, 12, 4)), first_on=FIRST
    )

    assert found.revenue == (10.0, 50.0, 0.0, 0.0)


def test_a_comparison_before_the_first_day_with_data_is_none(open_on):
    found = overview(
        open_on(orders=ORDERS, daily_metric=METRIC),
        Period(date(2017, 12, 1), date(2017, 12, 2), "year"),
        first_on=FIRST,
    )

    assert found.measures["revenue"].change is None
    assert found.earlier_revenue == ()


def test_the_overview_costs_one_query(open_on):
    workspace = open_on(orders=ORDERS, daily_metric=METRIC)

    overview(workspace, TWO_DAYS, first_on=FIRST)

    assert len(workspace.asked) == 1


def test_previous_year_keeps_the_weekday():
    span = Period(date(2017, 12, 1), date(2017, 12, 31), "year")

    assert span.earlier[0].weekday() == span.since.weekday()


@pytest.mark.parametrize(
    ("params", "since", "until", "days"),
    [
        ({}, date(2017, 12, 2), date(2017, 12, 31), 30),
        ({"days": "365"}, date(2017, 1, 1), date(2017, 12, 31), 365),
        ({"days": "13"}, date(2017, 12, 2), date(2017, 12, 31), 30),
        ({"from": "2017-03-05", "to": "2017-03-01"}, date(2017, 3, 1), date(2017, 3, 5), 5),
        ({"from": "1900-01-01", "to": "2199-01-01"}, date(2188, 12, 25), date(2199, 1, 1), 3660),
        ({"from": "x", "to": "2017-03-01"}, date(2017, 12, 2), date(2017, 12, 31), 30),
    ],
)
def test_a_period_is_read_from_an_address(params, since, until, days):
    span = period(params, date(2017, 12, 31))

    assert (span.since, span.until, span.days) == (since, until, days)


def test_freshness_says_what_the_page_stands_on(open_on):
    workspace = open_on(
        orders=ORDERS,
        daily_metric=METRIC,
        import_batch="SELECT 'shop' AS source, now()::TIMESTAMP AS landed_at, 12 AS rows, NULL AS replaced_by",
        quarantine="SELECT 1 AS n FROM range(3)",
    )

    found = freshness(workspace)

    assert (found.snapshot, found.first_on, found.as_of, found.quarantined) == (7, FIRST, date(2017, 12, 2), 3)
    assert [(source.name, source.rows) for source in found.sources] == [("shop", 12)]


def test_rows_of_reverted_batches_are_no_rows_of_their_source(open_on):
    at = "TIMESTAMP '2018-01-01' AS landed_at"
    workspace = open_on(
        orders=ORDERS,
        daily_metric=METRIC,
        import_batch=f"SELECT 'shop' AS source, {at}, 12 AS rows, NULL AS replaced_by, NULL::TIMESTAMP AS reverted_at"
        f" UNION ALL SELECT 'shop', {at}, 5, NULL, TIMESTAMP '2018-01-02'",
        quarantine="SELECT 1 AS n FROM range(3)",
    )

    found = freshness(workspace)

    assert [(source.name, source.rows) for source in found.sources] == [("shop", 12)]


def test_cohorts_keep_the_order_of_months_and_mark_the_unfinished_one(open_on):
    workspace = open_on(
        cohort_retention="""SELECT * FROM (VALUES (DATE '2017-02-01', 0, 4, 1.0, true),
          (DATE '2017-01-01', 0, 10, 1.0, false),
          (DATE '2017-01-01', 1, 10, 0.5, true)) t(cohort_on, months_since, customers, retention, is_partial)"""
    )

    found = cohorts(workspace)

    assert [(cohort.month.month, cohort.size, cohort.shares) for cohort in found] == [
        (1, 10, (1.0, 0.5)),
        (2, 4, (1.0,)),
    ]
    assert found[0].is_partial


def test_churn_share_counts_scored_customers_only(open_on):
    workspace = open_on(
        customer_360="""SELECT * FROM (VALUES ('champions', 5, 5, 0.1, 'low', 10.0, false),
          ('champions', 5, 5, 0.95, 'high', 5.0, false),
          ('lost', 1, 1, NULL, 'lapsed', 1.0, false), (NULL, NULL, NULL, NULL, NULL, 0.0, true))
          t(rfm_group, r_score, f_score, churn_risk, churn_band, revenue, is_provisional)"""
    )

    found = standing(workspace)

    assert found.at_risk == 0.5
    assert found.bins == (0, 1, 0, 0, 0, 0, 0, 0, 0, 1)
    assert found.bands["lapsed"] == 1
    assert (found.customers, found.provisional, found.cells[5, 5].customers) == (4, 1, 2)
