from __future__ import annotations

import json

import pytest

from kehu.base.errors import ScorerError
from kehu.predict.score import evaluate, score, scorers


def test_built_in_scorers_come_through_the_plug_in_door():
    assert {"churn", "clv"} <= set(scorers())


def test_scores_reach_the_customers_page(company):
    score(company, ["churn"])
    company.build("customer_rfm", "customer_score", "customer_360")

    known = company.rows("SELECT count(*) FROM customer_360 WHERE churn_risk IS NOT NULL")
    lapsed = company.rows("SELECT min(recency_days), max(churn_risk) FROM customer_360 WHERE churn_band = 'lapsed'")

    assert known == company.rows("SELECT count(*) FROM customer_360 WHERE recency_days < 60")
    assert lapsed[0][0] >= 60
    assert lapsed[0][1] is None


@pytest.mark.slow
def test_the_newest_run_of_a_scorer_holds(company):
    score(company, ["churn"])
    score(company, ["churn"])
    company.build("customer_score")

    runs = company.rows("SELECT count(DISTINCT run_id) FROM customer_score WHERE scorer = 'churn'")

    assert runs == [(1,)]


@pytest.mark.slow
def test_a_card_is_kept_with_its_run(company):
    card = evaluate(company, "churn")
    score(company, ["churn"])

    (kept,) = company.rows("SELECT card FROM score_run WHERE scorer = 'churn' ORDER BY scored_at DESC LIMIT 1")

    assert json.loads(kept[0]) == json.loads(json.dumps(card.of("lapse_30d")))


def test_without_orders_scorers_say_so_and_score_nobody(shop):
    shop.build("feature_date", "customer_day", "customer_feature")

    cards = score(shop)

    assert {card.status for card in cards} == {"not_enough_data"}
    assert shop.rows("SELECT count(*) FROM score") == [(0,)]
    assert shop.rows("SELECT DISTINCT is_published FROM score_run") == [(False,)]


def test_an_unknown_scorer_is_named_with_a_suggestion(shop):
    with pytest.raises(ScorerError, match="Did you mean 'churn'"):
        evaluate(shop, "churm")
