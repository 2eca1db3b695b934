"""Evidence, records and figures of identity as pages show them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kehu.web import format as form
from kehu.web import words
from kehu.web.identity.words import DECISIONS, NEAR, word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.flow.review import Pending
    from kehu.present.identity.evidence import Explanation
    from kehu.present.identity.preview import Preview
    from kehu.present.identity.review import ReviewPair, Side
    from kehu.present.identity.waterfall import Step, Waterfall

FIELDS = (
    "full_name", "birth_on", "gender", "email", "phone", "loyalty_card", "national_id", "address", "city", "postcode",
    "company", "registered_at",
)  # fmt: skip
CLOSE = 0.0001  # a probability nearer to 0 or 1 is not told apart from it


def chance(value: float | None) -> str:
    """Return a probability that never claims to be certain."""
    if value is None:
        return form.DASH
    if value > 1 - CLOSE:
        return ">99.99%"
    return "<0.01%" if value < CLOSE else form.percent(value, 2 if value > 0.999 or value < 0.01 else 1)


def bits(value: float) -> str:
    """Return a weight with its sign: +4.2."""
    return f"{'−' if value < 0 else '+'}{abs(value):.1f}"


def falls(found: Waterfall) -> dict[str, Any]:
    """Return a waterfall with the place of every bar, in hundredths of the width."""
    edges = [0.0, *(step.total for step in found.steps), *(step.total - step.bits for step in found.steps)]
    low, high = min(edges), max(edges)
    wide = (high - low) or 1.0

    def at(value: float) -> float:
        return round((value - low) / wide * 100, 2)

    steps = []
    for step in found.steps:
        start, end = sorted((step.total - step.bits, step.total))
        label, detail = _told(step)
        steps.append({
            "label": label, "detail": detail, "bits": bits(step.bits), "total": bits(step.total),
            "x": at(start), "width": max(at(end) - at(start), 1.0), "way": "up" if step.bits >= 0 else "down",
        })  # fmt: skip
    return {"steps": steps, "zero": at(0.0), "weight": bits(found.weight), "chance": chance(found.probability)}


def _told(step: Step) -> tuple[str, str]:
    if step.kind == "prior":
        pairs = form.number(round(2.0 ** min(-step.bits, 60)) + 1 if step.bits < 0 else 1)
        return _("Before any evidence"), _("one pair in %(pairs)s is one customer") % {"pairs": pairs}
    if step.kind == "comparison":
        name = str(words.comparison(step.name))
        return name[:1].upper() + name[1:], str(words.level(step.level))
    detail = words.rule(step.level) if step.level in words.RULES else words.level(step.level)
    return str(words.rule(step.name)), str(detail) if step.level and step.level != step.name else ""


def side(found: Side) -> dict[str, Any]:
    """Return one of two customers: its name, and the values of its records per field, the record in question first."""
    values: dict[str, dict[str, str]] = {name: {} for name in FIELDS}
    for record in found.records:
        for name in FIELDS:
            if record.get(name) not in {None, ""}:
                shown = value(name, record[name])
                values[name].setdefault(shown.casefold(), shown)
    first = found.records[0] if found.records else {}
    return {
        "customer_id": found.customer_id, "name": first.get("full_name") or "", "record": found.record,
        "sources": sorted({record["source"] for record in found.records}), "count": len(found.records),
        "values": values,
    }  # fmt: skip


def pair(found: ReviewPair) -> dict[str, Any]:
    """Return two customers field by field, each field marked same, different or known of one only."""
    left, right = side(found.left), side(found.right)
    rows = []
    for name in FIELDS:
        one, other = left["values"][name], right["values"][name]
        if one or other:
            mark = "same" if one.keys() & other.keys() else "different" if one and other else "one"
            rows.append({"field": name, "left": [*one.values()], "right": [*other.values()], "mark": mark})
    return {"left": left, "right": right, "rows": rows, "rule": found.rule, "falls": falls(found.waterfall)}


def value(name: str, found: Any) -> str:
    """Return one value of a record as people read it."""
    if name == "birth_on":
        return form.day(found)
    if name == "registered_at":
        return form.day(found.date())
    if name == "gender":
        return str(words.gender(found))
    return form.phone(found) if name == "phone" else str(found)


def golden(found: Preview) -> list[dict[str, Any]]:
    """Return the golden record field by field, in reading order: both values, and which wins."""
    places = {name: place for place, name in enumerate(words.FIELDS)}
    fields = sorted(found.fields, key=lambda one: (places.get(one.field, len(places)), one.field))
    return [
        {
            "field": one.field, "into": _said(one.field, one.into), "other": _said(one.field, one.other),
            "value": _said(one.field, one.value), "wins": one.wins, "reason": one.reason, "source": one.source,
            "source_key": one.source_key,
        }
        for one in fields
    ]  # fmt: skip


def _said(name: str, text: str | None) -> str:
    """Return a value of ``customer_value``, which is text, as people read it."""
    if not text:
        return ""
    if name in {"birth_on", "registered_at", "updated_at"}:
        return form.day(datetime.fromisoformat(text).date())
    return value(name, text)


def told(acts: Iterable[Pending], actor: str) -> list[dict[str, Any]]:
    """Return decisions that wait, in words."""
    return [
        {
            "id": one.decision_id, "kind": one.kind, "words": word(DECISIONS, one.kind), "left": one.left,
            "right": one.right, "pairs": one.pairs, "reason": one.reason, "about": one.about, "at": one.decided_at,
            "actor": one.actor, "is_own": one.actor == actor,
        }
        for one in acts
    ]  # fmt: skip


def joinings(found: Explanation, acts: Iterable[Pending]) -> list[dict[str, Any]]:
    """Return what holds a customer's records together, each with its waterfall and whether it is to be undone."""
    undone = {one.about: one.decision_id for one in acts}
    return [
        {
            "merge_id": one.merge_id, "left": one.left, "right": one.right, "rule": one.rule, "actor": one.actor,
            "at": one.merged_at, "falls": falls(one.waterfall), "undone_by": undone.get(one.merge_id, ""),
        }
        for one in found.joinings
    ]  # fmt: skip


def near(found: Explanation) -> list[dict[str, Any]]:
    """Return the pairs that were compared and not joined, the most alike first."""
    return [
        {
            "left": one.left, "right": one.right, "customer_id": one.customer_id, "name": one.record["full_name"],
            "why": word(NEAR, one.why), "rule": one.rule if one.why == "contradiction" else "",
            "falls": falls(one.waterfall),
        }
        for one in found.near
    ]  # fmt: skip


def decisions(found: Explanation) -> list[dict[str, Any]]:
    """Return what people decided about a customer's records, newest first, an act of many pairs once."""
    acts: dict[str, dict[str, Any]] = {}
    for row in found.decisions:
        act = acts.setdefault(row["decision_id"], {**row, "words": word(DECISIONS, row["kind"]), "pairs": 0})
        act["pairs"] += 1
    return [*acts.values()]
