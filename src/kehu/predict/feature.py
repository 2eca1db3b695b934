"""What scorers see: point-in-time features with the outcomes that followed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kehu.predict.words import FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.govern.workspace import Workspace

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]
Day = np.datetime64

STEP_DAYS = 30  # distance of two cut-offs that stay, as tables/mart/feature_date.sql lays them
HISTORY_DAYS = 60  # history before the first of them, ditto

_FEATURES = "SELECT as_of_on, customer_id, {columns} FROM customer_feature ORDER BY as_of_on, customer_id"
_OUTCOMES = """
WITH customer_day AS (
  SELECT customer_id, ordered_on, SUM(amount) AS spend FROM orders GROUP BY customer_id, ordered_on
)
SELECT
  CAST(COUNT(*) FILTER(WHERE d.ordered_on < f.as_of_on + 30) AS DOUBLE) AS days_30,
  CAST(COUNT(d.ordered_on) AS DOUBLE) AS days_90,
  CAST(COALESCE(SUM(d.spend), 0) AS DOUBLE) AS spend_90
FROM customer_feature AS f
LEFT JOIN customer_day AS d
  ON d.customer_id = f.customer_id AND d.ordered_on >= f.as_of_on AND d.ordered_on < f.as_of_on + 90
GROUP BY f.as_of_on, f.customer_id
ORDER BY f.as_of_on, f.customer_id
"""


@dataclass(frozen=True)
class History:
    """Customers at every cut-off: what was known before it and what came after it.

    Attributes
    ----------
    as_of : array of datetime64[D]
        Cut-off of each row; rows are sorted by cut-off and customer.
    customer_id : array of str
        Customer of each row.
    x : array of float64, shape (rows, features)
        Columns of `names`; NaN where unknown.
    names : tuple of str
        Feature names in the order of the columns of `x`.
    days_30, days_90, spend_90 : array of float64
        Days with an order and spend from the cut-off on; only meaningful where the window is closed.
    """

    as_of: NDArray[np.datetime64]
    customer_id: NDArray[np.object_]
    x: Floats
    names: tuple[str, ...]
    days_30: Floats
    days_90: Floats
    spend_90: Floats

    @cached_property
    def cut_offs(self) -> tuple[Day, ...]:
        """All cut-offs, newest first."""
        return tuple(np.unique(self.as_of)[::-1])

    def column(self, name: str) -> Floats:
        """Return one feature of all rows."""
        return self.x[:, self.names.index(name)]

    def at(self, days: Iterable[Day]) -> Rows:
        """Return which rows belong to these cut-offs."""
        return np.isin(self.as_of, np.array(list(days), dtype="datetime64[D]"))

    @property
    def days(self) -> int:
        """Days from the first order to the newest cut-off."""
        return int(self.column("tenure_days").max()) if len(self.as_of) else 0


@dataclass(frozen=True)
class Fold:
    """One step of the back-test: learn at `train` cut-offs, judge at `test`."""

    test: Day
    train: tuple[Day, ...]


def load_history(workspace: Workspace) -> History:
    """Return all rows of ``customer_feature`` with the outcomes after their cut-offs."""
    names = tuple(FEATURES)
    table = workspace.arrow(_FEATURES.format(columns=", ".join(names)))
    outcome = workspace.arrow(_OUTCOMES)
    columns = [np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=float) for name in names]
    days_30, days_90, spend_90 = (
        np.asarray(outcome.column(name).to_numpy(zero_copy_only=False), dtype=float)
        for name in ("days_30", "days_90", "spend_90")
    )
    return History(
        as_of=table.column("as_of_on").to_numpy(zero_copy_only=False).astype("datetime64[D]"),
        customer_id=np.asarray(table.column("customer_id").to_pylist(), dtype=object),
        x=np.column_stack(columns),
        names=names,
        days_30=days_30,
        days_90=days_90,
        spend_90=spend_90,
    )


def closed_before(history: History, day: Day, horizon: int, most: int = 6) -> tuple[Day, ...]:
    """Return the newest cut-offs whose outcome window of `horizon` days ends by `day`."""
    closed = [cut_off for cut_off in history.cut_offs if cut_off + np.timedelta64(horizon, "D") <= day]
    return tuple(closed[:most])


def folds(history: History, horizon: int, *, tests: int = 4, least_train: int = 2) -> tuple[Fold, ...]:
    """Return the back-test's folds, newest first: rolling origin, nothing after the test cut-off is learned.

    Parameters
    ----------
    history : History
        Rows of all cut-offs.
    horizon : int
        Days of the outcome window; a test cut-off needs it inside the data.
    tests : int
        Most folds to make.
    least_train : int
        Cut-offs a fold must have to learn from.
    """
    if not history.cut_offs:
        return ()
    testable = closed_before(history, history.cut_offs[0], horizon, tests)
    made = (Fold(day, closed_before(history, day, horizon)) for day in testable)
    return tuple(fold for fold in made if len(fold.train) >= least_train)


def days_needed(horizon: int, *, least_folds: int = 2, least_train: int = 2) -> int:
    """Return the days of history from which `folds` gives `least_folds` folds.

    Examples
    --------
    >>> days_needed(30)
    180
    """
    window = -(-horizon // STEP_DAYS)
    steps = window + (least_folds - 1) + window + (least_train - 1)
    return HISTORY_DAYS + STEP_DAYS * steps
