"""The judgment on one predicted value: who won, by how much, and whether it may be published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kehu.predict.calibration import calibration
from kehu.predict.card import Target, Tested
from kehu.predict.evaluate import Gain, gain, over_folds
from kehu.predict.names import Name, method, signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kehu.predict.evaluate import Judged, Metric, Spread
    from kehu.predict.feature import Fold


@dataclass(frozen=True)
class Question:
    """What is asked of a scorer and how answers are compared.

    Attributes
    ----------
    target, unit : str
        Name and unit of the predicted value.
    horizon_days : int
        Length of the predicted window.
    metrics : mapping of name to Metric
        Figures of the card; the first one decides.
    sign : {1, -1}
        1 when a larger figure of the deciding metric is better.
    needed : float
        Gain a champion must surely exceed: absolute, or a share of the baseline's figure when `is_share`.
    is_share : bool
        How `needed` is meant.
    candidates, baselines : tuple of str
        Names of the learners.
    """

    target: str
    unit: str
    horizon_days: int
    metrics: Mapping[str, Metric]
    sign: float
    needed: float
    is_share: bool
    candidates: tuple[str, ...]
    baselines: tuple[str, ...]

    @property
    def judged_by(self) -> str:
        """Name of the metric that decides."""
        return next(iter(self.metrics))


def verdict(question: Question, judged: Sequence[Judged], folds: Sequence[Fold]) -> Target:
    """Return the back-test's judgment: the champion is published only when it surely beats every baseline.

    Parameters
    ----------
    question : Question
        What was asked.
    judged : sequence of Judged
        Outcomes and predictions of each fold.
    folds : sequence of Fold
        The same folds' cut-offs.

    Notes
    -----
    "Surely": the lower end of the gain (see `Gain`) exceeds what is needed. The champion is the better of two
    candidates on the same folds, which the lower end allows for.
    """
    figures = {name: _figures(question, judged, name) for name in (*question.candidates, *question.baselines)}
    champion = _best(question, figures, question.candidates)
    baseline = _best(question, figures, question.baselines)
    gains = tuple(_gain(question, judged, figures, champion, name) for name in question.baselines)
    unsure = [found for found in gains if not found.is_sure]
    published = baseline if unsure else champion
    english, chinese = _words(question, figures, next(found for found in gains if found.baseline == baseline), unsure)
    outcome = np.concatenate([fold.y for fold in judged])
    said = np.concatenate([fold.said[published] for fold in judged])
    return Target(
        target=question.target,
        unit=question.unit,
        horizon_days=question.horizon_days,
        champion=champion,
        baseline=baseline,
        published_as=published,
        is_baseline=bool(unsure),
        refused=english if unsure else "",
        verdict=english,
        verdict_zh=chinese,
        judged_by=question.judged_by,
        candidates={name: figures[name] for name in question.candidates},
        baselines={name: figures[name] for name in question.baselines},
        gains=gains,
        calibration=calibration(outcome, said),
        folds=tuple(_tested(fold, found) for fold, found in zip(folds, judged, strict=True)),
    )


def _figures(question: Question, judged: Sequence[Judged], name: str) -> dict[str, Spread]:
    return {metric: over_folds(judged, name, figure) for metric, figure in question.metrics.items()}


def _best(question: Question, figures: Mapping[str, Mapping[str, Spread]], names: Sequence[str]) -> str:
    return max(names, key=lambda name: question.sign * figures[name][question.judged_by].mean)


def _gain(
    question: Question,
    judged: Sequence[Judged],
    figures: Mapping[str, Mapping[str, Spread]],
    champion: str,
    baseline: str,
) -> Gain:
    needed = question.needed * (figures[baseline][question.judged_by].mean if question.is_share else 1)
    metric = question.metrics[question.judged_by]
    return gain(judged, (champion, baseline), metric, sign=question.sign, needed=needed)


def _words(
    question: Question, figures: Mapping[str, Mapping[str, Spread]], best: Gain, unsure: Sequence[Gain]
) -> tuple[str, str]:
    champion, baseline = method(best.candidate), method(best.baseline)
    if not unsure:
        seen = _seen(question, figures, best)
        return (
            f"{champion.en} is published: it beats the best baseline, “{baseline.en}” ({seen.en}).",
            f"发布“{champion.zh}”：优于最佳基线“{baseline.zh}”（{seen.zh}）。",
        )
    doubt = unsure[0]
    rival, seen = method(doubt.baseline), _seen(question, figures, doubt)
    english = (
        f"{champion.en} is refused: it does not surely beat the baseline “{rival.en}” ({seen.en}; gain "
        f"{signed(doubt.mean)}, at worst {signed(doubt.low)}, needed more than {doubt.needed:.3f}). "
        f"“{baseline.en}” is published under its own name."
    )
    chinese = (
        f"不发布“{champion.zh}”：未能确定优于基线“{rival.zh}”（{seen.zh}；增益 {signed(doubt.mean)}，"
        f"最差 {signed(doubt.low)}，要求大于 {doubt.needed:.3f}）。改为以本名发布基线“{baseline.zh}”。"
    )
    return english, chinese


def _seen(question: Question, figures: Mapping[str, Mapping[str, Spread]], found: Gain) -> Name:
    metric = question.judged_by.upper()
    ours, theirs = (figures[name][question.judged_by] for name in (found.candidate, found.baseline))
    folds = len(ours.folds)
    return Name(
        f"{metric} {ours.mean:.3f} against {theirs.mean:.3f} over {folds} cut-off{'s' if folds != 1 else ''}",
        f"{metric} {ours.mean:.3f}，基线 {theirs.mean:.3f}，共 {folds} 个截止日",
    )


def _tested(fold: Fold, judged: Judged) -> Tested:
    train = tuple(str(day) for day in fold.train)
    return Tested(str(fold.test), train, len(judged.y), round(float(judged.y.mean()), 4))
