"""A customer's values in words: reasons, evidence, days."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kehu.predict.words import FEATURES
from kehu.web import format as form
from kehu.web import words
from kehu.web.scorers.reading import learner

if TYPE_CHECKING:
    from kehu.base.types import Json
    from kehu.govern.workspace import Workspace
    from kehu.present.scorecard import Scorecard
    from kehu.present.timeline import Timeline

SEES_PEOPLE = frozenset({"owner", "agent"})  # policy.yml's defaults; used only to word a hint


def is_masked(workspace: Workspace) -> bool:
    """Say whether personal data is hidden from this actor; the policy itself acts below, in the door."""
    return not workspace.access.roles & SEES_PEOPLE


def reasons(found: Json, currency: str) -> dict[str, list[dict[str, str]]]:
    """Return what raises and what lowers the risk, each as a label with its value."""
    sides = found if isinstance(found, dict) else {}
    return {side: [_reason(item, currency) for item in sides.get(side, [])] for side in ("for", "against")}


def _reason(item: dict[str, Any], currency: str) -> dict[str, str]:
    label = FEATURES.get(str(item.get("feature")))
    if label is None:
        return {"label": str(item.get("feature", "")).replace("_", " "), "value": str(item.get("value", ""))}
    name = label.zh if form.is_chinese() else label.en
    return {"label": name[:1].upper() + name[1:], "value": _measure(item.get("value"), label.unit, currency)}


def _measure(value: Any, unit: str, currency: str) -> str:
    if value is None:
        return _("unknown")
    if unit == "currency":
        return form.money(value, currency)
    if unit == "share":
        return form.percent(value, 0)
    digits = 2 if unit == "ratio" else 0 if float(value).is_integer() else 1
    return form.number(value, digits)


def told(found: Timeline, zone: str) -> dict[str, Any]:
    """Return the timeline grouped by local month."""
    dated = [(form.local_day(entry.at, zone) if entry.at else None, entry) for entry in found.entries]
    months = [
        {"month": month, "entries": [{"day": day, "entry": entry} for day, entry in group]}
        for month, group in groupby(dated, lambda pair: pair[0].replace(day=1) if pair[0] else None)
    ]
    return {
        "months": months, "kind": found.kind, "following": found.following, "counts": found.counts,
        "total": sum(found.counts.values()),
    }  # fmt: skip


def facts(evidence: Json) -> list[str]:
    """Return what was compared, in words, with the weight (bits) each comparison gave."""
    parts = evidence.get("parts") if isinstance(evidence, dict) else None
    return [
        f"{words.comparison(part.get('comparison'))}: {words.level(part.get('level'))} ({part.get('weight') or 0:+.1f})"
        for part in parts or []
    ]


def links(found: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the pairs that joined the records, and the near misses that did not."""
    pairs = [{**pair, "facts": facts(pair["evidence"])} for pair in found]
    return {
        "joined": [pair for pair in pairs if pair["is_joined"]],
        "near": [pair for pair in pairs if not pair["is_joined"]],
    }


def trust(cards: tuple[Scorecard, ...]) -> dict[str, dict[str, Any]]:
    """Return where the scores come from, by target."""
    return {
        card.target: {
            "scorer": card.scorer,
            "target": card.target,
            "is_baseline": card.is_baseline,
            "name": learner(card.published_as),
        }
        for card in cards
        if card.is_published
    }
