from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from kehu.predict.clv import Clv


@pytest.fixture(scope="module")
def card(history):
    return Clv().evaluate(history, threads=1)


def test_clv_judges_orders_and_spend_apart(card):
    assert [target.target for target in card.targets] == ["orders_90d", "spend_90d"]
    assert all("same_as_last_period" in target.baselines for target in card.targets)


def test_clv_publishes_the_baseline_under_its_own_name_when_the_last_period_is_the_truth(history):
    same = replace(history, days_90=history.column("days_90d"), spend_90=history.column("spend_90d"))

    targets = Clv().evaluate(same, threads=1).targets

    assert [target.published_as for target in targets] == ["same_as_last_period"] * 2
    assert all(target.is_baseline for target in targets)


def test_clv_scores_every_customer_with_numbers_from_zero_up(history, card):
    for scores in Clv().score(history, card, threads=1):
        assert np.isfinite(scores.value).all()
        assert (scores.value >= 0).all()
        assert len(scores.value) == history.at(history.cut_offs[:1]).sum()


def test_value_bands_hold_a_fifth_three_tenths_and_the_rest(history, card):
    _, spend = Clv().score(history, card, threads=1)

    count, size = Counter(spend.band), len(spend.band)
    assert count["high"] == pytest.approx(0.2 * size, abs=1)
    assert count["medium"] == pytest.approx(0.3 * size, abs=1)


def test_clv_says_what_is_missing_when_history_is_short(young_history):
    card = Clv().evaluate(young_history, threads=1)

    assert card.status == "not_enough_data"
    assert "300 days" in card.needs
