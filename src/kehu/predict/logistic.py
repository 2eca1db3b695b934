"""Logistic regression with a little ridge: the readable challenger, and the baselines' probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from kehu.predict.feature import Floats


_STEPS, _CLOSE = 50, 1e-6


@dataclass(frozen=True)
class Logistic:
    """Fitted state: how columns were scaled, and their weights (the last one is the intercept)."""

    middle: Floats
    mean: Floats
    scale: Floats
    weight: Floats

    def predict(self, x: Floats) -> Floats:
        """Return the probability of each row."""
        z = (_squeeze(x, self.middle) - self.mean) / self.scale
        return np.asarray(expit(np.einsum("ij,j->i", z, self.weight[:-1]) + self.weight[-1]), dtype=float)

    def contributions(self, x: Floats) -> Floats:
        """Return what each column adds to the log-odds against its mean."""
        z = (_squeeze(x, self.middle) - self.mean) / self.scale
        return np.asarray(z * self.weight[:-1], dtype=float)


def logistic(x: Floats, y: Floats, *, ridge: float = 1.0) -> Logistic:
    """Return a fitted logistic regression on log-scaled, standardized columns.

    Parameters
    ----------
    x : array, shape (rows, features)
        NaN is read as the column's median.
    y : array, shape (rows,)
        0 or 1.
    ridge : float
        Weight of the squared coefficients (without the intercept) against the sum of losses.
    """
    known = np.where(np.isnan(x).all(axis=0), 0.0, x)
    middle = np.nanmedian(known, axis=0)
    squeezed = _squeeze(x, middle)
    mean, scale = squeezed.mean(axis=0), squeezed.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    z = np.column_stack([(squeezed - mean) / scale, np.ones(len(y))])

    penalty = np.append(np.full(z.shape[1] - 1, ridge), 1e-6)
    return Logistic(middle, mean, scale, _newton(z, y, penalty))


def _newton(z: Floats, y: Floats, penalty: Floats) -> Floats:
    """Return the weights of the least penalized loss.

    Products are sums by einsum: they stay on one core, so that the result depends on no thread count, and on a busy
    machine the linear algebra library does not wait for its own threads (.2 s instead of 10).
    """
    weight = np.zeros(z.shape[1])
    best = _loss(z, y, penalty, weight)
    for _ in range(_STEPS):
        said = expit(np.einsum("ij,j->i", z, weight))
        slope = np.einsum("ij,i->j", z, said - y) + penalty * weight
        curve = np.einsum("ij,ik->jk", z * (said * (1 - said))[:, None], z) + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        while (found := _loss(z, y, penalty, weight - step)) > best and np.abs(step).max() > _CLOSE:
            step = step / 2
        weight, best = weight - step, min(found, best)
        if np.abs(step).max() < _CLOSE:
            break
    return weight


def _loss(z: Floats, y: Floats, penalty: Floats, weight: Floats) -> float:
    linear = np.einsum("ij,j->i", z, weight)
    return float(np.sum(np.logaddexp(0, linear) - y * linear) + np.sum(penalty * weight**2) / 2)


def _squeeze(x: Floats, middle: Floats) -> Floats:
    filled = np.where(np.isnan(x), middle, x)
    return np.asarray(np.sign(filled) * np.log1p(np.abs(filled)), dtype=float)
