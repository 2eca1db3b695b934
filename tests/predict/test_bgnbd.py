from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from kehu.predict.bgnbd import BgNbd, bgnbd, log_likelihood
from kehu.predict.gamma_gamma import gamma_gamma
from kehu.predict.gamma_gamma import log_likelihood as gamma_gamma_log_likelihood

CDNOW = Path(__file__).parent / "cdnow.csv"


@pytest.fixture(scope="module")
def cdnow():
    table = np.loadtxt(CDNOW, delimiter=",", skiprows=2)
    return np.repeat(table[:, :4], table[:, 4].astype(int), axis=0).T


def test_bgnbd_gives_the_papers_cdnow_parameters(cdnow):
    x, t_x, t, _ = cdnow

    fitted = bgnbd(x, t_x, t)

    # Fader, Hardie, Lee (2005), table 2: three decimals are printed
    assert (fitted.r, fitted.alpha, fitted.a, fitted.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=6e-4)


def test_bgnbd_reaches_the_papers_cdnow_log_likelihood(cdnow):
    x, t_x, t, _ = cdnow

    value, _ = log_likelihood(np.log([0.243, 4.414, 0.793, 2.426]), x, t_x, t, np.ones(len(x)))

    assert value == pytest.approx(-9582.4, abs=0.05)


def test_expected_purchases_follow_the_papers_example():
    paper = BgNbd(0.243, 4.414, 0.793, 2.426)

    # Fader, Hardie, Lee (2005b), Implementing the BG/NBD in Excel: x = 2, t_x = 30.43, T = 38.86, 39 weeks ahead
    (expected,) = paper.expected(39.0, np.array([2.0]), np.array([30.43]), np.array([38.86]))

    assert expected == pytest.approx(1.226, abs=5e-4)


def test_gamma_gamma_gives_the_papers_cdnow_parameters(cdnow):
    x, _, _, mean = cdnow

    fitted = gamma_gamma(x, mean)

    # Fader, Hardie (2013): p = 6.25, q = 3.74, gamma = 15.44 on the 946 repeat buyers
    assert (fitted.p, fitted.q, fitted.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=0.02)


def test_gradients_equal_numeric_ones(cdnow):
    x, t_x, t, mean = (column[::40] for column in cdnow)
    n, at, buyers = np.ones(len(x)), np.log([0.5, 6.0, 0.7, 3.0]), x > 0

    _, gradient = log_likelihood(at, x, t_x, t, n)
    _, money = gamma_gamma_log_likelihood(at[:3], x[buyers], mean[buyers])

    numeric = approx_fprime(at, lambda p: log_likelihood(p, x, t_x, t, n)[0], 1e-7)
    numeric_money = approx_fprime(at[:3], lambda p: gamma_gamma_log_likelihood(p, x[buyers], mean[buyers])[0], 1e-7)
    assert gradient == pytest.approx(numeric, rel=1e-4, abs=1e-3)
    assert money == pytest.approx(numeric_money, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("repeats", [0.0, 40.0])
def test_bgnbd_stays_finite_when_customers_are_all_alike(repeats):
    x, t = np.full(300, repeats), np.full(300, 100.0)
    t_x = np.where(x > 0, 99.0, 0.0)

    expected = bgnbd(x, t_x, t).expected(90.0, x, t_x, t)

    assert np.isfinite(expected).all()
    assert expected == pytest.approx(repeats * 0.9, abs=1.5)


def test_gamma_gamma_expects_nothing_where_nobody_paid():
    fitted = gamma_gamma(np.array([2.0, 3.0]), np.array([0.0, 0.0]))

    assert fitted.expected(np.array([2.0]), np.array([0.0])) == pytest.approx(0.0)


def test_bgnbd_finds_the_parameters_that_made_the_purchases():
    rng = np.random.default_rng(3)
    x, t_x, t = _bought(rng, BgNbd(1.2, 10.0, 0.8, 3.0), customers=6000, weeks=50.0)

    fitted = bgnbd(x, t_x, t)

    # sampling error of 6,000 customers: about 5 % of r and alpha, 12 % of a and b
    assert (fitted.r, fitted.alpha) == pytest.approx((1.2, 10.0), rel=0.15)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(0.8 / 3.8, rel=0.15)


def _bought(rng, truth, *, customers, weeks):
    rate, quits = rng.gamma(truth.r, 1 / truth.alpha, customers), rng.beta(truth.a, truth.b, customers)
    x, t_x = np.zeros(customers), np.zeros(customers)
    now, here = np.zeros(customers), np.ones(customers, dtype=bool)
    while here.any():
        now = now + rng.exponential(1 / rate)
        here &= now <= weeks
        x[here], t_x[here] = x[here] + 1, now[here]
        here &= rng.random(customers) > quits
    return x, t_x, np.full(customers, weeks)
