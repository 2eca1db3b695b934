from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from kehu.predict.logistic import logistic

RNG = np.random.default_rng(2)
X = np.expm1(RNG.gamma(2.0, 0.5, (4000, 2)))
TRUE = expit(1.5 * np.log1p(X[:, 0]) - 2.0)
Y = (RNG.random(4000) < TRUE).astype(float)


def test_logistic_recovers_the_probabilities_that_made_the_labels():
    said = logistic(X, Y).predict(X)

    assert np.abs(said - TRUE).mean() < 0.02


def test_logistic_predicts_as_many_as_there_are():
    assert logistic(X, Y).predict(X).sum() == pytest.approx(Y.sum(), rel=1e-4)  # the score equation of the intercept


def test_contributions_add_up_to_the_log_odds():
    fitted = logistic(X, Y)

    log_odds = fitted.contributions(X).sum(axis=1) + fitted.weight[-1]

    assert expit(log_odds) == pytest.approx(fitted.predict(X))


def test_unknown_values_are_read_as_the_median():
    fitted = logistic(X, Y)

    assert fitted.predict(np.array([[np.nan, 1.0]])) == pytest.approx(
        fitted.predict(np.array([[np.median(X[:, 0]), 1.0]]))
    )
