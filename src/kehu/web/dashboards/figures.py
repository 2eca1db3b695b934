"""The overview's values in the words and formats of the page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from kehu.web import format as form
from kehu.web import words

if TYPE_CHECKING:
    from kehu.present.overview import Measure, Overview
    from kehu.present.period import Period
    from kehu.present.scorecard import Scorecard
    from kehu.present.standing import Cohort, Standing

STILL = 0.005  # a change below half a percent is neither good nor bad
DAILY_UP_TO = 120  # longer periods are drawn per week: 365 points are noise


def tiles(found: Overview, currency: str) -> list[dict[str, Any]]:
    """Return the headline figures in order; more is good for each of them."""
    labels = {
        "revenue": _("Revenue"),
        "orders": _("Orders"),
        "active": _("Active customers"),
        "new": _("New customers"),
    }
    return [_tile(found.measures[name], label, currency) for name, label in labels.items()]


def _tile(measure: Measure, label: str, currency: str) -> dict[str, Any]:
    is_money = measure.name == "revenue"
    change = measure.change
    is_still = change is None or abs(change) < STILL
    tone = "flat" if is_still else "good" if change and change > 0 else "bad"
    return {
        "name": measure.name,
        "label": label,
        "value": form.money(measure.value, currency, 0) if is_money else form.number(measure.value),
        "earlier": None
        if measure.earlier is None
        else (form.money(measure.earlier, currency, 0) if is_money else form.number(measure.earlier)),
        "change": None if change is None else form.change(change),
        "tone": tone,
        "arrow": _arrow(change),
        "days": measure.days,
    }


def _arrow(change: float | None) -> str:
    if change is None or abs(change) < form.NO_CHANGE:
        return "minus"
    return "arrow-up-right" if change > 0 else "arrow-down-right"


def trend(found: Overview, span: Period, currency: str) -> dict[str, Any]:
    """Return what the revenue chart draws: labels, values, and every text already formatted."""
    step = 1 if span.days <= DAILY_UP_TO else 7
    starts = range(span.days % step, span.days, step)
    days = [found.days[start] for start in starts]
    now = [sum(found.revenue[start : start + step]) for start in starts]
    before = [sum(found.earlier_revenue[start : start + step]) for start in starts] if found.earlier_revenue else []
    back = (span.since - span.earlier[0]).days if span.earlier else 0
    return {
        "labels": [form.short_day(day) for day in days],
        "series": [
            {
                "name": _("Revenue"),
                "values": [round(value, 2) for value in now],
                "texts": [form.money(value, currency) for value in now],
                "days": [_bucket(day, step) for day in days],
            },
            {
                "name": _("Earlier"),
                "values": [round(value, 2) for value in before],
                "texts": [form.money(value, currency) for value in before],
                "days": [_bucket(day - timedelta(days=back), step) for day in days] if before else [],
            },
        ],
        "sign": form.sign(currency).strip(),
        "weekly": step > 1,
        "none": _("no sales"),
    }


def _bucket(day: Any, step: int) -> str:
    if step == 1:
        return form.weekday(day)
    return f"{form.short_day(day)} – {form.day(day + timedelta(days=step - 1))}"


def trend_rows(found: Overview, span: Period) -> list[dict[str, Any]]:
    """Return one row per day, newest first, for the table under the chart."""
    earlier = found.earlier_revenue or (None,) * span.days
    orders, active = found.measures["orders"].days, found.measures["active"].days
    rows = zip(found.days, found.revenue, orders, active, earlier, strict=True)
    keys = ("day", "revenue", "orders", "active", "earlier")
    return [dict(zip(keys, row, strict=True)) for row in rows][::-1]


def cohort_grid(found: tuple[Cohort, ...]) -> dict[str, Any]:
    """Return the cohorts with a shade per cell; shades span the shares after month 0, where people differ."""
    later = [share for cohort in found for share in cohort.shares[1:]]
    low, high = (min(later), max(later)) if later else (0.0, 1.0)
    reach = (high - low) or 1.0
    width = max((len(cohort.shares) for cohort in found), default=0)
    rows = [
        {
            "month": cohort.month,
            "size": cohort.size,
            "cells": [
                {
                    "share": share,
                    "shade": "base" if n == 0 else f"heat-{round((share - low) / reach * 9) + 1}",
                    "partial": cohort.is_partial and n == len(cohort.shares) - 1,
                }
                for n, share in enumerate(cohort.shares)
            ],
            "rest": width - len(cohort.shares),
        }
        for cohort in found
    ]
    return {"rows": rows, "offsets": range(width), "width": width}


def rfm_grid(found: Standing) -> dict[str, Any]:
    """Return the grid from frequent to rare, old to recent, and its legend."""
    top = max((cell.customers for cell in found.cells.values()), default=1)
    total = sum(found.groups.values()) or 1
    rows = []
    for frequency in range(5, 0, -1):
        cells = []
        for recency in range(1, 6):
            cell = found.cells.get((recency, frequency))
            count = cell.customers if cell else 0
            cells.append(
                {
                    "recency": recency,
                    "group": cell.group if cell else "",
                    "customers": count,
                    "family": words.family(cell.group) if cell else "none",
                    "shade": min(4, 1 + int(4 * count / (top + 1))) if count else 0,
                }
            )
        rows.append({"frequency": frequency, "cells": cells})
    legend = [
        {"code": code, "family": words.family(code), "customers": count, "share": count / total}
        for code, count in found.groups.items()
    ]
    return {"rows": rows, "legend": legend}


def risk_bars(found: Standing, bands: dict[str, float]) -> dict[str, Any]:
    """Return the ten bars of the churn distribution, as heights of 100, and the bands in words."""
    top = max(found.bins) or 1
    scored = sum(found.bins)
    bars = [
        {
            "from": step * 10,
            "to": step * 10 + 10,
            "customers": count,
            "share": count / scored if scored else 0.0,
            "band": _band((step + 0.5) / len(found.bins), bands),
            "x": step * 10 + 1,
            "height": round(count / top * 96, 2) if count else 0,
            "y": round(100 - count / top * 96, 2),
        }
        for step, count in enumerate(found.bins)
    ]
    start = 0.0
    held = []
    for code in ("low", "medium", "high"):
        share = found.bands.get(code, 0) / scored if scored else 0.0
        held.append(
            {
                "code": code,
                "label": words.band(code),
                "customers": found.bands.get(code, 0),
                "share": share,
                "x": round(start * 100, 2),
                "width": round(share * 100, 2),
            }
        )
        start += share
    return {"bars": bars, "bands": held, "scored": scored, "lapsed": found.bands.get("lapsed", 0)}


def _band(risk: float, lows: dict[str, float]) -> str:
    reached = [(low, code) for code, low in lows.items() if risk >= low]
    return max(reached)[1] if reached else "low"


def band_lows(cards: tuple[Scorecard, ...]) -> dict[str, float]:
    """Return the lower end of each churn band, as the newest card says; thirds where it does not."""
    for card in cards:
        lows = card.card.get("bands", {})
        if card.target == "lapse_30d" and lows and all(isinstance(low, (int, float)) for low in lows.values()):
            return dict(lows)
    return {"low": 0.0, "medium": 1 / 3, "high": 2 / 3}
