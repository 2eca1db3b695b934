"""How good scores are: metrics, folds, and whether a champion beats a baseline for sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kehu.predict.feature import Floats

_RESAMPLES = 200
_Z = 2.58  # one-sided .5 %: two candidates are looked at, so together about 1 %


class Metric(Protocol):
    """Judges predictions `p` of outcomes `y`; `w` counts how often each row stands in a resample."""

    def __call__(self, y: Floats, p: Floats, w: Floats | None = None) -> float:
        """Return the figure."""


def auc(y: Floats, p: Floats, w: Floats | None = None) -> float:
    """Return the area under the ROC curve; ties count half (Mann-Whitney).

    Examples
    --------
    >>> import numpy as np
    >>> auc(np.array([0.0, 0, 1, 1]), np.array([0.1, 0.4, 0.4, 0.8]))
    0.875
    """
    weight = np.ones(len(y)) if w is None else w
    _, place = np.unique(p, return_inverse=True)
    positive = np.bincount(place, weight * y)
    negative = np.bincount(place, weight * (1 - y))
    below = np.cumsum(negative) - negative / 2
    pairs = positive.sum() * negative.sum()
    return float(positive @ below / pairs) if pairs else 0.5


def average_precision(y: Floats, p: Floats, w: Floats | None = None) -> float:
    """Return the mean precision over the recalls that each score reaches."""
    weight = np.ones(len(y)) if w is None else w
    _, place = np.unique(-p, return_inverse=True)
    hit = np.bincount(place, weight * y)
    seen = np.cumsum(np.bincount(place, weight))
    return float(hit @ (np.cumsum(hit) / np.maximum(seen, 1e-12)) / max(hit.sum(), 1e-12))


def brier(y: Floats, p: Floats, w: Floats | None = None) -> float:
    """Return the mean squared error of a probability."""
    return float(np.average((p - y) ** 2, weights=w))


def lift(y: Floats, p: Floats, w: Floats | None = None) -> float:
    """Return the rate among the tenth with the highest scores against the rate of all."""
    weight = np.ones(len(y)) if w is None else w
    order = np.lexsort((np.arange(len(p)), -p))
    top = order[: max(len(p) // 10, 1)]
    rate = float(np.average(y, weights=weight))
    return float(np.average(y[top], weights=weight[top])) / rate if rate else 1.0


def mae(y: Floats, p: Floats, w: Floats | None = None) -> float:
    """Return the mean absolute error."""
    return float(np.average(np.abs(p - y), weights=w))


def bias(y: Floats, p: Floats, w: Floats | None = None) -> float:
    """Return how far the predicted total is from the actual one, as a share of it."""
    actual = float(np.average(y, weights=w))
    return (float(np.average(p, weights=w)) - actual) / actual if actual else 0.0


def rank_correlation(y: Floats, p: Floats, w: Floats | None = None) -> float:  # noqa: ARG001  # a Metric
    """Return Spearman's correlation between predictions and outcomes."""
    ranks = [_ranks(values) for values in (y, p)]
    if min(rank.std() for rank in ranks) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1]).item(1))


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    return np.asarray(middle[place], dtype=float)


@dataclass(frozen=True)
class Judged:
    """One fold's test rows: outcomes and what every candidate and baseline said.

    Attributes
    ----------
    as_of : str
        Test cut-off.
    customer : array of int
        Number of the customer of each row, the same number in every fold.
    y : array of float64
        What happened.
    said : mapping of name to array
        Predictions of each candidate and baseline.
    """

    as_of: str
    customer: NDArray[np.int64]
    y: Floats
    said: Mapping[str, Floats]


@dataclass(frozen=True)
class Spread:
    """A figure over folds: mean, standard deviation between folds, and the folds' values (newest first)."""

    mean: float
    std: float
    folds: tuple[float, ...]


def spread(values: Sequence[float]) -> Spread:
    """Return mean and spread of a figure over folds.

    Examples
    --------
    >>> spread([1.0, 3.0])
    Spread(mean=2.0, std=1.4142, folds=(1.0, 3.0))
    """
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return Spread(round(float(np.mean(values)), 4), round(deviation, 4), tuple(round(v, 4) for v in values))


def over_folds(judged: Sequence[Judged], name: str, metric: Metric) -> Spread:
    """Return a metric of one candidate over the folds."""
    return spread([metric(fold.y, fold.said[name]) for fold in judged])


@dataclass(frozen=True)
class Gain:
    """By how much a candidate beats a baseline, and whether that is sure.

    Attributes
    ----------
    metric, candidate, baseline : str
        What was compared.
    mean, std : float
        Mean over folds of the difference (positive: the candidate is better), and its spread between folds.
    error : float
        Standard error of the mean from resampling customers (a customer keeps all its rows).
    low : float
        Lower end: ``mean - 2.58 * sqrt(error**2 + std**2 / folds)``.
    needed : float
        What the lower end has to exceed.
    is_sure : bool
        ``low > needed``.
    """

    metric: str
    candidate: str
    baseline: str
    mean: float
    std: float
    error: float
    low: float
    needed: float
    is_sure: bool


def gain(judged: Sequence[Judged], pair: tuple[str, str], metric: Metric, *, sign: float, needed: float) -> Gain:
    """Return the gain of a candidate over a baseline, with its uncertainty over folds and customers.

    Parameters
    ----------
    judged : sequence of Judged
        The folds.
    pair : tuple of str
        Names of candidate and baseline.
    metric : Metric
        Figure to compare.
    sign : {1, -1}
        1 when a larger figure is better, -1 when a smaller one is.
    needed : float
        Smallest difference worth having, in the unit of the metric.
    """

    def differences(counts: NDArray[np.float64] | None) -> list[float]:
        weights = [None if counts is None else counts[fold.customer] for fold in judged]
        return [
            sign * (metric(fold.y, fold.said[pair[0]], w) - metric(fold.y, fold.said[pair[1]], w))
            for fold, w in zip(judged, weights, strict=True)
        ]

    rng = np.random.default_rng(7)
    customers = 1 + max(int(fold.customer.max()) for fold in judged)
    drawn = (rng.poisson(1.0, customers).astype(float) for _ in range(_RESAMPLES))
    error = float(np.std([np.mean(differences(counts)) for counts in drawn], ddof=1))
    seen = differences(None)
    mean, std = float(np.mean(seen)), float(np.std(seen, ddof=1)) if len(seen) > 1 else 0.0
    low = mean - _Z * float(np.sqrt(error**2 + std**2 / len(seen)))
    name = getattr(metric, "__name__", "metric")
    mean, std, error, low, needed = (round(value, 4) for value in (mean, std, error, low, needed))
    return Gain(name, pair[0], pair[1], mean, std, error, low, needed, is_sure=low > needed)
