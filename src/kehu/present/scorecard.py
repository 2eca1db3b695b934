"""What each scorer may be trusted with, as its newest run says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.present.identity.waterfall import parsed

if TYPE_CHECKING:
    from datetime import date, datetime

    from kehu.base.types import Json
    from kehu.govern.workspace import Workspace

RUNS = """
SELECT scorer, target, version, champion, published_as, is_baseline, is_published, as_of_on, card, scored_at
FROM score_run QUALIFY row_number() OVER (PARTITION BY scorer, target ORDER BY scored_at DESC, run_id DESC) = 1
ORDER BY scorer, target
"""


@dataclass(frozen=True)
class Scorecard:
    """The newest run of one scorer for one target.

    Attributes
    ----------
    scorer, target, version : str
        Who scored, and what: lapse_30d, orders_90d, spend_90d.
    champion, published_as : str
        The method that won the back-test, and the one the scores come from.
    is_baseline, is_published : bool
        Whether the published scores are the baseline's own; whether there are any.
    as_of_on : date
        The day the scores are for.
    scored_at : datetime
        UTC.
    card : Json
        Protocol, metrics, baseline, calibration, as the scorer wrote them.
    """

    scorer: str
    target: str
    version: str
    champion: str
    published_as: str
    is_baseline: bool
    is_published: bool
    as_of_on: date
    scored_at: datetime
    card: Json


def scorecards(workspace: Workspace) -> tuple[Scorecard, ...]:
    """Return the newest run of every scorer and target; one query."""
    if not workspace.sees("score_run"):
        return ()
    rows = workspace.read(RUNS, subject="table:score_run").dicts()
    return tuple(Scorecard(**{**row, "card": parsed(row["card"], {})}) for row in rows)
