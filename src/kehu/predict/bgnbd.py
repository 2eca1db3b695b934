"""How often customers come back: BG/NBD, "buy till you die" without a contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1, psi

if TYPE_CHECKING:
    from kehu.predict.feature import Floats


@dataclass(frozen=True)
class BgNbd:
    """Fitted parameters; purchase rates are Gamma(r, alpha), drop-out is Beta(a, b) after each purchase.

    References
    ----------
    Fader, Hardie, Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2).
    """

    r: float
    alpha: float
    a: float
    b: float

    def expected(self, horizon: float, x: Floats, t_x: Floats, t: Floats) -> Floats:
        """Return the expected purchases in the next `horizon` units of time (equation 10).

        Parameters
        ----------
        horizon : float
            Length of the future, in the unit of `t`.
        x, t_x, t : array
            Repeat purchases, time of the last one, and time observed since the first.
        """
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        series = hyp2f1(r + x, b + x, a + b + x - 1, horizon / (alpha + t + horizon))
        shrink = np.exp((r + x) * (np.log(alpha + t) - np.log(alpha + t + horizon)))
        coming = (a + b + x - 1) / (a - 1) * (1 - shrink * series)
        dead = np.where(
            x > 0,
            a / (b + np.maximum(x, 1) - 1) * np.exp((r + x) * (np.log(alpha + t) - np.log(alpha + t_x))),
            0.0,
        )
        return np.asarray(np.maximum(coming / (1 + dead), 0.0), dtype=float)


def log_likelihood(log_parameters: Floats, x: Floats, t_x: Floats, t: Floats, n: Floats) -> tuple[float, Floats]:
    """Return the log-likelihood (equation 6) and its gradient by the logarithms of r, alpha, a, b.

    Parameters
    ----------
    log_parameters : array, shape (4,)
        Logarithms of r, alpha, a, b.
    x, t_x, t : array
        One value per group of equal customers.
    n : array
        Customers of each group.
    """
    r, alpha, a, b = np.exp(log_parameters)
    repeat = x > 0
    last = np.maximum(x, 1)
    alive = -(r + x) * np.log(alpha + t)
    gone = np.where(repeat, np.log(a) - np.log(b + last - 1) - (r + x) * np.log(alpha + t_x), -np.inf)
    mixed = np.logaddexp(alive, gone)
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    beta = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    p_gone = np.exp(gone - mixed)
    p_alive = 1 - p_gone
    by_r = psi(r + x) - psi(r) + np.log(alpha) - p_alive * np.log(alpha + t) - p_gone * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * (p_alive / (alpha + t) + p_gone / (alpha + t_x))
    by_a = psi(a + b) - psi(a + b + x) + p_gone / a
    by_b = psi(a + b) + psi(b + x) - psi(b) - psi(a + b + x) - np.where(repeat, p_gone / (b + last - 1), 0.0)
    gradient = np.array([n @ by_r * r, n @ by_alpha * alpha, n @ by_a * a, n @ by_b * b])
    return float(n @ (common + beta + mixed)), gradient


def bgnbd(x: Floats, t_x: Floats, t: Floats) -> BgNbd:
    """Return the maximum-likelihood BG/NBD of customers with `x` repeat purchases, the last at `t_x`, seen for `t`.

    Parameters
    ----------
    x, t_x, t : array, one value per customer
        Same unit of time; ``0 <= t_x <= t``.

    Notes
    -----
    Parameters stay between e**-9 and e**9. Where the likelihood has no maximum (nobody repeats, nobody leaves) the
    bound is the answer: still a proper distribution, which the back-test judges like any other.
    """
    groups, n = np.unique(np.column_stack([x, t_x, t]), axis=0, return_counts=True)
    count = n.astype(float)
    scale = max(float(groups[:, 2].max()), 1.0) / 10  # times of order 10 make the four parameters comparable
    gx, gt_x, gt = groups[:, 0], groups[:, 1] / scale, groups[:, 2] / scale

    def loss(log_parameters: Floats) -> tuple[float, Floats]:
        value, gradient = log_likelihood(log_parameters, gx, gt_x, gt, count)
        return -value / count.sum(), -gradient / count.sum()

    found = minimize(loss, np.zeros(4), jac=True, method="L-BFGS-B", bounds=[(-9.0, 9.0)] * 4, tol=1e-12)
    r, alpha, a, b = np.exp(found.x)
    if abs(a - 1) < 1e-6:  # the expectation divides by a - 1
        a += 1e-6
    return BgNbd(float(r), float(alpha * scale), float(a), float(b))
