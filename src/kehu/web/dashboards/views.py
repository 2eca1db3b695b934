"""The overview page and the files beside its charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from kehu.present import export as files
from kehu.present.freshness import freshness
from kehu.present.holding import holding
from kehu.present.overview import overview
from kehu.present.period import SPANS, period
from kehu.present.scorecard import scorecards
from kehu.present.standing import cohorts, standing
from kehu.web import door
from kehu.web.dashboards import figures, sheets

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest

    from kehu.govern.workspace import Workspace
    from kehu.present.freshness import Freshness


@require_GET
@door.published
def overview_page(request: HttpRequest) -> HttpResponse:
    """Show the period's figures, and how the customers stand; without any order, what is known apart from them."""
    workspace = door.workspace(request)
    fresh = freshness(workspace)
    if fresh is None or fresh.first_on is None or fresh.as_of is None:
        return render(request, "dashboards/no_orders.html", {"fresh": fresh, "holding": holding(workspace)})
    span = period(request.GET.dict(), fresh.as_of)
    found = overview(workspace, span, first_on=fresh.first_on)
    today = standing(workspace)
    cards = scorecards(workspace)
    return render(
        request,
        "dashboards/overview.html",
        {
            "fresh": fresh,
            "period": span,
            "spans": SPANS,
            "tiles": figures.tiles(found, fresh.currency),
            "trend": figures.trend(found, span, fresh.currency),
            "found": found,
            "trend_rows": figures.trend_rows(found, span),
            "cohorts": figures.cohort_grid(cohorts(workspace)),
            "standing": today,
            "grid": figures.rfm_grid(today),
            "bars": figures.risk_bars(today, figures.band_lows(cards)),
            "cards": cards,
            "earlier": span.earlier if found.earlier_revenue else None,
        },
    )


@require_GET
@door.published
def export(request: HttpRequest, name: str) -> HttpResponse:
    """Give one chart's rows as CSV."""
    workspace = door.workspace(request)
    if name not in sheets.SHEETS:
        raise Http404
    workspace.read("SELECT 1 AS asked", action="export", subject=f"chart:{name}")  # demanded, and on record either way
    _, first_on, as_of = _days(workspace)
    span = period(request.GET.dict(), as_of)
    columns, rows = sheets.SHEETS[name](workspace, span, first_on)
    stamp = f"{span.since}_{span.until}" if name == "revenue" else f"{timezone.now():%Y-%m-%d}"
    response = HttpResponse(files.csv_bytes(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="kehu-{name}-{stamp}.csv"'
    return response


def _days(workspace: Workspace) -> tuple[Freshness, date, date]:
    fresh = freshness(workspace)
    if fresh is None or fresh.first_on is None or fresh.as_of is None:
        raise Http404
    return fresh, fresh.first_on, fresh.as_of
