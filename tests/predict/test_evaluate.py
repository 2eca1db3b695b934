from __future__ import annotations

import numpy as np
import pytest

from kehu.predict.calibration import calibration, expected_calibration_error
from kehu.predict.evaluate import Judged, auc, average_precision, gain, lift, mae, rank_correlation, spread

RNG = np.random.default_rng(5)
Y = (RNG.random(200) < 0.3).astype(float)
P = np.round(RNG.random(200) + 0.3 * Y, 1)


def test_auc_equals_the_share_of_rightly_ordered_pairs():
    pairs = [(0.5 if a == b else float(a > b)) for a in P[Y == 1] for b in P[Y == 0]]

    assert auc(Y, P) == pytest.approx(np.mean(pairs))


def test_weights_count_like_repeated_rows():
    weight = RNG.integers(0, 3, 200)

    for metric in (auc, average_precision, mae):
        assert metric(Y, P, weight.astype(float)) == pytest.approx(metric(np.repeat(Y, weight), np.repeat(P, weight)))


def test_average_precision_follows_its_definition():
    # ranks 1 and 3 are hits: (1/1 + 2/3) / 2
    assert average_precision(np.array([1.0, 0, 1]), np.array([0.9, 0.8, 0.7])) == pytest.approx(5 / 6)


def test_lift_compares_the_top_tenth_with_all():
    assert lift(np.array([1.0] + [0.0] * 9), np.linspace(1, 0, 10)) == pytest.approx(10)


def test_rank_correlation_ignores_the_scale():
    assert rank_correlation(np.array([1.0, 2, 3]), np.array([1.0, 10, 100])) == pytest.approx(1)


def test_calibration_bins_hold_every_row_once():
    bins = calibration(Y, P)

    assert sum(b.rows for b in bins) == 200
    assert sum(b.rows * b.observed for b in bins) == pytest.approx(Y.sum(), abs=0.01)


def test_calibration_error_is_small_for_true_probabilities():
    p = RNG.random(20_000)

    assert expected_calibration_error((RNG.random(20_000) < p).astype(float), p) < 0.02


def _folds(said):
    customers = np.arange(300)
    return [Judged(f"day {k}", customers, y, {"rule": p, "champion": said(y, p)}) for k, (y, p) in enumerate(_rounds())]


def _rounds():
    rng = np.random.default_rng(1)
    for _ in range(4):
        y = rng.gamma(2.0, 5.0, 300)
        yield y, y + rng.normal(0, 4, 300)


def test_gain_is_sure_when_every_fold_is_clearly_better():
    found = gain(_folds(lambda y, p: y + (p - y) / 2), ("champion", "rule"), mae, sign=-1, needed=0.1)

    assert found.is_sure
    assert found.mean == pytest.approx(1.6, abs=0.3)  # half of the mean absolute error of N(0, 4), 3.19


def test_gain_is_not_sure_when_the_difference_is_noise():
    noise = np.random.default_rng(9).normal(0, 0.5, 300)

    found = gain(_folds(lambda y, p: p + noise), ("champion", "rule"), mae, sign=-1, needed=0.0)

    assert not found.is_sure


def test_spread_of_one_fold_is_zero():
    assert spread([0.5]).std == 0
