"""What a purchase of a customer is worth: Gamma-Gamma."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

if TYPE_CHECKING:
    from kehu.predict.feature import Floats


@dataclass(frozen=True)
class GammaGamma:
    """Fitted parameters: a purchase is Gamma(p, nu), and nu differs between customers as Gamma(q, gamma).

    References
    ----------
    Fader, Hardie (2013), The Gamma-Gamma model of monetary value, brucehardie.com/notes/025.
    """

    p: float
    q: float
    gamma: float

    def expected(self, x: Floats, mean: Floats) -> Floats:
        """Return the expected amount of a customer's next purchases (equation 5).

        Parameters
        ----------
        x : array
            Purchases seen; 0 gives the population's mean where it exists.
        mean : array
            Their mean amount.
        """
        weight = np.maximum(self.p * x + self.q - 1, 1e-9)
        return np.asarray(self.p * (self.gamma + x * np.maximum(mean, 0.0)) / weight, dtype=float)


def log_likelihood(log_parameters: Floats, x: Floats, mean: Floats) -> tuple[float, Floats]:
    """Return the log-likelihood (equation 1a) and its gradient by the logarithms of p, q, gamma.

    Parameters
    ----------
    log_parameters : array, shape (3,)
        Logarithms of p, q, gamma.
    x, mean : array
        Purchases (> 0) and their mean amount (> 0), one value per customer.
    """
    p, q, gamma = np.exp(log_parameters)
    px, total = p * x, np.log(gamma + x * mean)
    value = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(gamma)
    value = value + (px - 1) * np.log(mean) + px * np.log(x) - (px + q) * total
    by_p = x * (psi(px + q) - psi(px) + np.log(mean) + np.log(x) - total)
    by_q = psi(px + q) - psi(q) + np.log(gamma) - total
    by_gamma = q / gamma - (px + q) / (gamma + x * mean)
    return float(value.sum()), np.array([by_p.sum() * p, by_q.sum() * q, by_gamma.sum() * gamma])


def gamma_gamma(x: Floats, mean: Floats) -> GammaGamma:
    """Return the maximum-likelihood Gamma-Gamma of customers with `x` purchases of `mean` amount.

    Customers without a purchase or with an amount of zero or less are left out; where nobody is left,
    nothing is expected.
    """
    keep = (x > 0) & (mean > 0)
    count, amount = x[keep], mean[keep]
    if not len(amount):
        return GammaGamma(1.0, 2.0, 0.0)
    unit = float(np.median(amount))

    def loss(log_parameters: Floats) -> tuple[float, Floats]:
        value, gradient = log_likelihood(log_parameters, count, amount / unit)
        return -value / len(count), -gradient / len(count)

    found = minimize(loss, np.zeros(3), jac=True, method="L-BFGS-B", bounds=[(-9.0, 9.0)] * 3, tol=1e-12)
    p, q, gamma = np.exp(found.x)
    return GammaGamma(float(p), float(q), float(gamma * unit))
