"""The rows behind each chart, as its CSV holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kehu.present.overview import overview
from kehu.present.standing import CELL_BINS, cohorts, standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from kehu.govern.workspace import Workspace
    from kehu.present.period import Period

    Sheet = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def revenue(workspace: Workspace, span: Period, first_on: date) -> Sheet:
    """Give one row per day of the period."""
    found = overview(workspace, span, first_on=first_on)
    earlier = found.earlier_revenue or (None,) * len(found.days)
    columns = ("day_on", "revenue", "orders", "active_customers", "new_customers", "revenue_earlier")
    counted = [found.measures[name].days for name in ("orders", "active", "new")]
    rows = zip(found.days, found.revenue, *counted, earlier, strict=True)
    return columns, [tuple(row) for row in rows]


def retention(workspace: Workspace, span: Period, first_on: date) -> Sheet:  # noqa: ARG001  # one shape for all
    """Give one row per cohort and month after it."""
    rows = [
        (cohort.month, cohort.size, offset, share, cohort.is_partial and offset == len(cohort.shares) - 1)
        for cohort in cohorts(workspace)
        for offset, share in enumerate(cohort.shares)
    ]
    return ("cohort_on", "customers", "months_since", "retention", "is_partial"), rows


def rfm(workspace: Workspace, span: Period, first_on: date) -> Sheet:  # noqa: ARG001  # one shape for all
    """Give one row per cell of the grid."""
    cells = standing(workspace).cells
    rows = [(*place, cells[place].group, cells[place].customers, cells[place].revenue) for place in sorted(cells)]
    return ("r_score", "f_score", "rfm_group", "customers", "revenue"), rows


def churn(workspace: Workspace, span: Period, first_on: date) -> Sheet:  # noqa: ARG001  # one shape for all
    """Give one row per tenth of churn risk."""
    bins = standing(workspace).bins
    return ("risk_from", "risk_to", "customers"), [
        (step / CELL_BINS, (step + 1) / CELL_BINS, count) for step, count in enumerate(bins)
    ]


SHEETS: dict[str, Callable[[Workspace, Period, date], Sheet]] = {
    "revenue": revenue,
    "retention": retention,
    "rfm": rfm,
    "churn": churn,
}
