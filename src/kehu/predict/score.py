"""Score customers: test every scorer, publish what the test allows, and keep both as facts."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kehu.base import clock
from kehu.base.errors import ScorerError, did_you_mean
from kehu.base.progress import silent
from kehu.predict.feature import load_history

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kehu.base.progress import Progress
    from kehu.govern.workspace import Workspace
    from kehu.predict.card import Card
    from kehu.predict.feature import History
    from kehu.predict.scorer import Scorer, Scores

_RUN = pa.schema(
    [(name, pa.string()) for name in ("run_id", "scorer", "target", "version", "champion", "published_as")]
    + [("is_baseline", pa.bool_()), ("is_published", pa.bool_()), ("as_of_on", pa.date32()), ("card", pa.string())]
    + [("scored_at", pa.timestamp("us"))]
)
_SCORE = pa.schema(
    [(name, pa.string()) for name in ("run_id", "scorer", "target", "customer_id")]
    + [("as_of_on", pa.date32()), ("value", pa.float64()), ("band", pa.string()), ("reasons", pa.string())]
)


def scorers() -> dict[str, Scorer]:
    """Return the installed scorers by name (entry points of the group ``kehu.scorers``)."""
    found = [entry.load()() for entry in entry_points(group="kehu.scorers")]
    return {scorer.name: scorer for scorer in sorted(found, key=lambda scorer: scorer.name)}


def evaluate(workspace: Workspace, name: str) -> Card:
    """Return the card of a scorer on what the workspace holds now; writes nothing.

    Raises
    ------
    ScorerError
        When there is no such scorer.
    """
    (scorer,) = _named([name])
    return scorer.evaluate(load_history(workspace), threads=_threads(workspace))


def score(workspace: Workspace, names: Iterable[str] | None = None, progress: Progress = silent) -> list[Card]:
    """Test scorers, append their cards and scores to the ledgers, and return the cards.

    Nothing is published: ``customer_score`` and ``customer_360`` show the scores once they are built again.

    Parameters
    ----------
    workspace : Workspace
        Holds ``customer_feature`` and ``orders``; its actor must be allowed to write.
    names : iterable of str, optional
        Scorers to run; all installed ones by default.
    progress : Progress
        Told which scorer is at work.

    Raises
    ------
    ScorerError
        When there is no such scorer.
    """
    chosen = _named(names)
    progress("features", 0.0)
    history = load_history(workspace)
    threads, scored_at, digest = _threads(workspace), clock.now(), _digest(history)
    cards, runs, rows = [], [], []
    for done, scorer in enumerate(chosen):
        progress(f"score {scorer.name}", done / len(chosen))
        card = scorer.evaluate(history, threads=threads)
        run_id = f"{scorer.name}-{scored_at:%Y%m%dT%H%M%S%f}-{digest}"
        runs.append(_runs(run_id, scorer, card, scored_at))
        rows += [_scores(run_id, card, scores) for scores in scorer.score(history, card, threads=threads)]
        cards.append(card)
    with workspace.write(f"score {' '.join(scorer.name for scorer in chosen)}", publish=False) as writer:
        writer.append("score_run", pa.concat_tables(runs))
        if rows:
            writer.append("score", pa.concat_tables(rows))
    return cards


def _named(names: Iterable[str] | None) -> list[Scorer]:
    known = scorers()
    if not known:
        raise ScorerError("no scorer is installed", fix="Install the package again so that its entry points are known")
    wanted = list(dict.fromkeys(names)) if names is not None else list(known)
    for name in wanted:
        if name not in known:
            fix = did_you_mean(name, known) or f"Known: {', '.join(known)}"
            raise ScorerError(f"unknown scorer {name!r}", fix=fix)
    return [known[name] for name in wanted or known]


def _threads(workspace: Workspace) -> int:
    return workspace.settings.threads or 2


def _digest(history: History) -> str:
    said = hashlib.sha256(np.ascontiguousarray(history.x).tobytes())
    said.update("\0".join(map(str, history.customer_id)).encode())
    return said.hexdigest()[:8]


def _runs(run_id: str, scorer: Scorer, card: Card, scored_at: datetime) -> pa.Table:
    found = {target.target: target for target in card.targets}
    rows = []
    for target in scorer.targets:
        judged = found.get(target)
        rows.append(
            {
                "run_id": run_id,
                "scorer": scorer.name,
                "target": target,
                "version": scorer.version,
                "champion": judged.champion if judged else "",
                "published_as": judged.published_as if judged else "",
                "is_baseline": judged.is_baseline if judged else False,
                "is_published": judged is not None,
                "as_of_on": _day(card),
                "card": json.dumps(card.of(target), ensure_ascii=False),
                "scored_at": scored_at,
            }
        )
    return pa.Table.from_pylist(rows, schema=_RUN)


def _scores(run_id: str, card: Card, scores: Scores) -> pa.Table:
    size = len(scores.value)
    same = [pa.array([value] * size, pa.string()) for value in (run_id, card.scorer, scores.target)]
    day = pa.array([_day(card)] * size, pa.date32())
    values = [
        pa.array(scores.value, pa.float64()),
        pa.array(scores.band, pa.string()),
        pa.array(scores.reasons, pa.string()),
    ]
    return pa.Table.from_arrays([*same, pa.array(scores.customer_id, pa.string()), day, *values], schema=_SCORE)


def _day(card: Card) -> object:
    return np.datetime64(card.as_of_on, "D").astype(object) if card.as_of_on else None
