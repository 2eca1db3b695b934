"""What a scorer is: a Protocol, and the rolling-origin back-test that all of them share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kehu.predict.evaluate import Judged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from kehu.predict.card import Card
    from kehu.predict.feature import Floats, Fold, History, Rows

_REASONS = 3  # for and against, each


@dataclass(frozen=True)
class Prediction:
    """What a learner says about rows.

    Attributes
    ----------
    value : array, shape (rows,)
        Predicted values.
    effect : callable or None
        Gives each feature's contribution, shape (rows, features); computed only when reasons are wanted.
    inputs : tuple of str
        Features a simple rule looks at, given as its reasons when there is no `effect`.
    """

    value: Floats
    effect: Callable[[], Floats] | None = None
    inputs: tuple[str, ...] = ()


class Learner(Protocol):
    """Learns outcomes `y` on the rows `train`, and predicts the rows `rows`."""

    def __call__(self, history: History, y: Floats, train: Rows, rows: Rows) -> Prediction:
        """Return predictions of `rows`, in their order."""


@dataclass(frozen=True)
class Scores:
    """Published scores of one target: one value, band and reasons (JSON) per customer."""

    target: str
    customer_id: NDArray[np.object_]
    value: Floats
    band: NDArray[np.object_]
    reasons: list[str]


class Scorer(Protocol):
    """A plug-in of the group ``kehu.scorers``; a class without arguments.

    Attributes
    ----------
    name, version : str
        What ``kehu score`` calls it; the version changes when the same data may give other scores.
    targets : tuple of str
        What it predicts.
    """

    name: str
    version: str
    targets: tuple[str, ...]

    def evaluate(self, history: History, *, threads: int) -> Card:
        """Back-test, judge, and return the card; a card without targets when there is not enough data."""

    def score(self, history: History, card: Card, *, threads: int) -> tuple[Scores, ...]:
        """Return the scores at the newest cut-off, each target from what the card publishes."""


def back_test(
    history: History, y: Floats, folds: Sequence[Fold], population: Rows, learners: Mapping[str, Learner]
) -> tuple[Judged, ...]:
    """Return what every learner says at each test cut-off, having learned only at earlier ones.

    Parameters
    ----------
    history : History
        All cut-offs.
    y : array, shape (rows,)
        Outcomes.
    folds : sequence of Fold
        Which cut-offs to learn at and to judge.
    population : array of bool
        Rows that count.
    learners : mapping of name to Learner
        Candidates and baselines.
    """
    _, number = np.unique(history.customer_id.astype(str), return_inverse=True)
    judged = []
    for fold in folds:
        train, rows = history.at(fold.train) & population, history.at([fold.test]) & population
        said = {name: learner(history, y, train, rows).value for name, learner in learners.items()}
        judged.append(Judged(str(fold.test), number[rows], y[rows], said))
    return tuple(judged)


def reasons(history: History, rows: Rows, prediction: Prediction) -> list[str]:
    """Return per row the features that speak most for and against, as JSON ``{"for": [...], "against": [...]}``.

    Each entry is ``{"feature", "value", "effect"}``; effects add up on the scale of the learner's link (log-odds or
    log), and a simple rule has its inputs under "for" with an effect of null.
    """
    x = history.x[rows]
    if prediction.effect is None:
        columns = [history.names.index(name) for name in prediction.inputs]
        return [_json({"for": [_entry(history, row, k, None) for k in columns], "against": []}) for row in x]
    effect = prediction.effect()
    order = np.argsort(effect, axis=1, kind="stable")
    told = []
    for row, found, by in zip(x, effect, order, strict=True):
        most, least = by[::-1][:_REASONS], by[:_REASONS]
        told.append(
            _json(
                {
                    "for": [_entry(history, row, k, found[k]) for k in most if found[k] > 0],
                    "against": [_entry(history, row, k, found[k]) for k in least if found[k] < 0],
                }
            )
        )
    return told


def _entry(history: History, row: Floats, k: int, effect: float | None) -> dict[str, object]:
    value = None if np.isnan(row[k]) else round(float(row[k]), 4)
    return {"feature": history.names[k], "value": value, "effect": None if effect is None else round(float(effect), 3)}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
