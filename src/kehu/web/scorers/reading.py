"""A card in words and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from kehu.predict.names import method
from kehu.web import format as form

if TYPE_CHECKING:
    from kehu.base.types import Json
    from kehu.present.scorecard import Scorecard

TARGETS = {
    "lapse_30d": _("Churn: no order in the next 30 days"),
    "orders_90d": _("Days with an order in the next 90 days"),
    "spend_90d": _("Spend in the next 90 days"),
}
METRICS = {
    "auc": _("AUC"),
    "average_precision": _("Average precision"),
    "brier": _("Brier score"),
    "ece": _("Calibration error"),
    "lift_top_tenth": _("Lift of the top tenth"),
    "mae": _("Mean absolute error"),
    "bias": _("Bias of the total"),
    "rank_correlation": _("Rank correlation"),
}


def learner(code: str) -> str:
    """Return the name of a learner or baseline in the page's language."""
    name = method(code)
    return name.zh if form.is_chinese() else name.en


def reading(card: Scorecard) -> dict[str, Any]:
    """Return the card as its template shows it."""
    held = card.card
    rows = [*_rows(held, "candidates"), *_rows(held, "baselines")]
    names = list(dict.fromkeys(name for row in rows for name in row["figures"]))
    for row in rows:
        row["cells"] = [{"label": METRICS.get(name, name), **_cell(row["figures"].get(name))} for name in names]
        row["published"] = row["code"] == card.published_as
    return {
        "head": card,
        "title": TARGETS.get(card.target, card.target),
        "published_as": learner(card.published_as),
        "champion": learner(card.champion),
        "verdict": spoken(held, "verdict"),
        "refused": held.get("refused", ""),
        "population": spoken(held, "population"),
        "protocol": spoken(held, "protocol"),
        "metrics": [METRICS.get(name, name) for name in names],
        "rows": rows,
        "folds": held.get("folds", []),
        "plot": plot(held.get("calibration", []), is_share=held.get("unit") == "probability"),
    }


def spoken(held: Json, name: str) -> str:
    """Return a sentence of the card in the page's language."""
    return str(held.get(f"{name}_zh" if form.is_chinese() else name) or "")


def _rows(held: Json, side: str) -> list[dict[str, Any]]:
    found = held.get(side) or {}
    return [
        {"code": code, "name": learner(code), "figures": figures, "is_baseline": side == "baselines"}
        for code, figures in found.items()
    ]


def _cell(figure: Json) -> dict[str, str]:
    if not figure:
        return {}
    digits = 3 if abs(figure["mean"]) < 100 else 0
    return {"mean": form.number(figure["mean"], digits), "std": form.number(figure["std"], digits)}


def plot(bins: list[Json], *, is_share: bool) -> dict[str, Any] | None:
    """Return the calibration plot on a square of 100: points, and the values of the axes' ends."""
    if not bins:
        return None
    top = 1.0 if is_share else max(max(found["predicted"], found["observed"]) for found in bins) or 1.0
    points = [
        {
            "x": round(found["predicted"] / top * 100, 1),
            "y": round(100 - found["observed"] / top * 100, 1),
            "rows": found["rows"],
            "predicted": form.percent(found["predicted"]) if is_share else form.number(found["predicted"], 1),
            "observed": form.percent(found["observed"]) if is_share else form.number(found["observed"], 1),
        }
        for found in bins
    ]
    line = "M" + "L".join(f"{point['x']} {point['y']}" for point in points)
    return {"points": points, "line": line, "end": "100%" if is_share else form.number(top, 0)}
