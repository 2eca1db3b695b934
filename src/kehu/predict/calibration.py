"""Whether predictions mean what they say: predicted against observed, in bins of equal size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kehu.predict.feature import Floats


@dataclass(frozen=True)
class Bin:
    """Rows of neighboring predictions.

    Attributes
    ----------
    rows : int
        Rows in the bin.
    predicted, observed : float
        Mean prediction and mean outcome.
    """

    rows: int
    predicted: float
    observed: float


def calibration(y: Floats, p: Floats, bins: int = 10) -> tuple[Bin, ...]:
    """Return bins of equal size by prediction, lowest first; rows without an order among equals keep theirs.

    Parameters
    ----------
    y, p : array, shape (rows,)
        Outcomes and predictions.
    bins : int
        Bins; fewer when there are fewer rows.
    """
    order = np.argsort(p, kind="stable")
    parts = (part for part in np.array_split(order, bins) if len(part))
    return tuple(Bin(len(q), round(float(p[q].mean()), 4), round(float(y[q].mean()), 4)) for q in parts)


def expected_calibration_error(y: Floats, p: Floats, w: Floats | None = None) -> float:  # noqa: ARG001  # a Metric
    """Return the mean distance between predicted and observed rate over ten bins of equal size.

    Examples
    --------
    >>> import numpy as np
    >>> expected_calibration_error(np.array([0.0, 1.0]), np.array([0.0, 0.5]))
    0.25
    """
    found = calibration(y, p)
    return sum(b.rows * abs(b.predicted - b.observed) for b in found) / len(y)
