from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from kehu.predict import boosting
from kehu.predict.churn import Churn


@pytest.fixture(scope="module")
def card(history):
    return Churn().evaluate(history, threads=1)


@pytest.fixture(scope="module")
def shuffled(history):
    return replace(history, days_30=np.random.default_rng(11).permutation(history.days_30))


@pytest.fixture(scope="module")
def refusal(shuffled):
    return Churn().evaluate(shuffled, threads=1)


def test_churn_publishes_a_champion_that_beats_both_baselines(card):
    (target,) = card.targets

    assert not target.is_baseline, target.verdict
    assert target.published_as == target.champion
    assert {found.baseline for found in target.gains} == {"recency_only", "same_as_last_period"}


def test_churn_refuses_to_publish_what_it_learned_from_shuffled_labels(refusal):
    (target,) = refusal.targets

    assert target.is_baseline
    assert target.published_as in {"recency_only", "same_as_last_period"}
    assert "refused" in target.refused


def test_a_refused_champion_leaves_the_baselines_scores(shuffled, refusal):
    (scores,) = Churn().score(shuffled, refusal, threads=1)

    assert len(np.unique(np.round(scores.value, 9))) <= 61  # one value per day of recency
    assert json.loads(scores.reasons[0])["for"][0]["effect"] is None


def test_churn_says_what_is_missing_when_history_is_short(young_history):
    scorer = Churn()

    card = scorer.evaluate(young_history, threads=1)

    assert card.status == "not_enough_data"
    assert "180 days" in card.needs
    assert scorer.score(young_history, card, threads=1) == ()


def test_churn_scores_only_customers_of_the_last_sixty_days(history, card):
    (scores,) = Churn().score(history, card, threads=1)

    newest = history.at(history.cut_offs[:1]) & (history.column("recency_days") <= 60)
    assert list(scores.customer_id) == list(history.customer_id[newest])
    assert (scores.value >= 0).all()
    assert (scores.value <= 1).all()


@pytest.mark.slow
def test_churn_gives_the_same_card_and_scores_again(history, card):
    again = Churn().evaluate(history, threads=2)

    assert json.dumps(again.as_dict()) == json.dumps(card.as_dict())
    first, second = (Churn().score(history, found, threads=1)[0].value for found in (card, again))
    assert (first == second).all()


def test_contributions_add_up_to_the_predicted_log_odds(history):
    rows = history.at(history.cut_offs[1:2])
    booster = boosting.boost(
        history.x[rows], (history.days_30[rows] == 0).astype(float), "binary", threads=1, rounds=20
    )

    effect = boosting.contributions(booster, history.x[rows])
    log_odds = boosting.raw(booster, history.x[rows])

    assert np.ptp(log_odds - effect.sum(axis=1)) < 1e-9  # what is left is the base value, one for all rows
