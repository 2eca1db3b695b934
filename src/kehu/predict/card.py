"""A scorer's card: how it was tested, what it beats, and what it may publish."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kehu.base.types import Json
    from kehu.predict.calibration import Bin
    from kehu.predict.evaluate import Gain, Spread


@dataclass(frozen=True)
class Tested:
    """One fold: learned at `train` cut-offs, judged at `as_of_on`.

    Attributes
    ----------
    as_of_on : str
        Test cut-off.
    train : tuple of str
        Cut-offs learned from; their outcome windows end by the test cut-off.
    rows : int
        Customers judged.
    outcome : float
        Mean outcome among them (the base rate, for a probability).
    """

    as_of_on: str
    train: tuple[str, ...]
    rows: int
    outcome: float


@dataclass(frozen=True)
class Target:
    """What a back-test says about one predicted value.

    Attributes
    ----------
    target, unit : str
        Name of the value (``lapse_30d``) and its unit.
    horizon_days : int
        Length of the predicted window.
    champion, baseline : str
        Best candidate and best baseline of the back-test, by `judged_by`.
    published_as : str
        Where the scores come from: the champion, or the baseline when the champion's gain is not sure.
    is_baseline : bool
        The baseline is published.
    refused : str
        Why the champion was refused; empty when it was not.
    verdict, verdict_zh : str
        One sentence for people.
    judged_by : str
        Metric that decides.
    candidates, baselines : mapping of name to mapping of metric to Spread
        All figures over folds.
    gains : tuple of Gain
        Champion against every baseline.
    calibration : tuple of Bin
        Of what is published, all folds together.
    folds : tuple of Tested
        Newest first.
    """

    target: str
    unit: str
    horizon_days: int
    champion: str
    baseline: str
    published_as: str
    is_baseline: bool
    refused: str
    verdict: str
    verdict_zh: str
    judged_by: str
    candidates: Mapping[str, Mapping[str, Spread]]
    baselines: Mapping[str, Mapping[str, Spread]]
    gains: tuple[Gain, ...]
    calibration: tuple[Bin, ...]
    folds: tuple[Tested, ...]


@dataclass(frozen=True)
class Card:
    """What a scorer may be trusted with.

    Attributes
    ----------
    scorer, version : str
        Which scorer.
    status : {"ready", "not_enough_data"}
        Without enough data there are no targets, and `needs` says what is missing.
    as_of_on : str
        Newest cut-off: scores look at what comes from that day on; empty without orders.
    population, protocol : str
        Who is scored and how it was tested; ``*_zh`` in Chinese.
    needs : str
        What is missing.
    bands : mapping
        Lower end of each band.
    targets : tuple of Target
        One per predicted value.
    """

    scorer: str
    version: str
    status: str
    as_of_on: str
    population: str
    population_zh: str
    protocol: str
    protocol_zh: str
    needs: str = ""
    needs_zh: str = ""
    bands: Mapping[str, Json] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()

    def as_dict(self) -> dict[str, Json]:
        """Return the card as JSON-ready values."""
        return dict(asdict(self))

    def of(self, target: str) -> dict[str, Json]:
        """Return the card of one target as one flat mapping, as ``score_run.card`` keeps it.

        Without enough data it holds no figures, and its verdict says what is missing.
        """
        card = self.as_dict()
        targets = {found["target"]: found for found in card.pop("targets")}
        lacking = {"target": target, "verdict": self.needs, "verdict_zh": self.needs_zh}
        return {**card, **targets.get(target, lacking)}
