"""A customer's values in words: reasons, evidence, days."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kehu.flow.review import acts
from kehu.predict.words import FEATURES
from kehu.web import format as form
from kehu.web.customers.words import EVIDENCE, ROLES
from kehu.web.identity.reading import told as told_acts
from kehu.web.identity.words import word
from kehu.web.scorers.reading import learner

if TYPE_CHECKING:
    from kehu.base.types import Json
    from kehu.flow.project import Project
    from kehu.govern.workspace import Workspace
    from kehu.present.account import Account
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


def waiting(project: Project, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was decided about a customer's records since the last build."""
    if not project.workspace.access.can("decide"):
        return []
    own = {(record["source"], record["source_key"]) for record in records}
    return told_acts((one for one in acts(project) if own & {one.left, one.right}), project.workspace.access.actor)


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


def belonging(found: Account | None, customer_id: str) -> dict[str, Any]:
    """Return the organization a customer belongs to or is, its people's roles in words; empty where there is none."""
    if found is None:
        return {}
    own = found.own
    return {
        "own": own,
        "is_self": own["customer_id"] == customer_id,
        "role": word(ROLES, own["role"] or ""),
        "evidence": word(EVIDENCE, own["evidence"] or ""),
        "parent": found.parent,
        "branches": found.branches,
        "people": [{**one, "role": word(ROLES, one["role"] or "")} for one in found.people],
        "unshown": found.unshown,
        "total": found.total,
    }
