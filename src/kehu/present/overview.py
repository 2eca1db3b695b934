"""The overview's figures: totals of a period against another, and their days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from kehu.govern.workspace import Workspace
    from kehu.present.period import Period

MEASURES = ("revenue", "orders", "active", "new")

SPANS = """
WITH span AS (
  SELECT 'asked' AS name, CAST(? AS DATE) AS since, CAST(? AS DATE) AS until
  UNION ALL SELECT 'earlier', CAST(? AS DATE), CAST(? AS DATE)
), buyer AS (
  SELECT bool_or(ordered_on BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)) AS is_asked,
    bool_or(ordered_on BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)) AS is_earlier
  FROM orders
  WHERE customer_id IS NOT NULL AND (ordered_on BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)
    OR ordered_on BETWEEN CAST(? AS DATE) AND CAST(? AS DATE))
  GROUP BY customer_id
)
SELECT s.name, m.day_on, m.revenue, m.orders, m.active_customers AS active, m.new_customers AS new
FROM span s JOIN daily_metric m ON m.day_on BETWEEN s.since AND s.until AND m.channel = 'all'
UNION ALL SELECT 'asked', NULL, NULL, NULL, count(*) FILTER (is_asked), NULL FROM buyer
UNION ALL SELECT 'earlier', NULL, NULL, NULL, count(*) FILTER (is_earlier), NULL FROM buyer
ORDER BY name, day_on
"""


@dataclass(frozen=True)
class Measure:
    """One figure of the period, the earlier one, and its days.

    Attributes
    ----------
    name : str
        ``revenue``, ``orders``, ``active`` or ``new``.
    value : float
        Of the period: money, or a count.
    earlier : float or None
        Of the span compared with; None when there is none or it lies before the first day with data.
    days : tuple of float
        One value per day of the period, 0 where nothing happened.
    """

    name: str
    value: float
    earlier: float | None
    days: tuple[float, ...]

    @property
    def change(self) -> float | None:
        """Relative change against the earlier span (0.12 = 12 % more), or None when it cannot be told."""
        if not self.earlier:
            return None
        return (self.value - self.earlier) / self.earlier


@dataclass(frozen=True)
class Overview:
    """A period's measures by name and its revenue day by day.

    Attributes
    ----------
    measures : dict of str to Measure
        Keys as `MEASURES`.
    days : tuple of date
        Every day of the period.
    revenue, earlier_revenue : tuple of float
        Money per day; ``earlier_revenue`` is empty without a comparison.
    is_partial : bool
        Whether the span compared with begins before the first day with data.
    """

    measures: dict[str, Measure]
    days: tuple[date, ...]
    revenue: tuple[float, ...]
    earlier_revenue: tuple[float, ...]
    is_partial: bool


def overview(workspace: Workspace, period: Period, *, first_on: date) -> Overview:
    """Return the measures of ``period`` and of the span it is compared with; one query.

    Parameters
    ----------
    workspace : Workspace
        Read under the actor's policy.
    period : Period
        The days, and what they are compared with.
    first_on : date
        The first day with data: a comparison that ends before it shows no change.
    """
    before = period.earlier if period.earlier and period.earlier[1] >= first_on else None
    asked = (period.since, period.until, *(before or (period.until, period.since)))
    spans = _Spans(workspace.read(SPANS, asked * 3, subject="page:overview").dicts())
    days = _days(period.since, period.days)
    measures = {
        name: Measure(
            name,
            spans.total("asked", name),
            spans.total("earlier", name) if before else None,
            tuple(spans.day("asked", day, name) for day in days),
        )
        for name in MEASURES
    }
    earlier = tuple(spans.day("earlier", day, "revenue") for day in _days(before[0], period.days)) if before else ()
    is_partial = bool(period.earlier and period.earlier[0] < first_on)
    return Overview(measures, days, measures["revenue"].days, earlier, is_partial)


def _days(since: date, count: int) -> tuple[date, ...]:
    return tuple(since + timedelta(days=step) for step in range(count))


class _Spans:
    """Rows of `SPANS`, found by span and day."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._days = {(row["name"], row["day_on"]): row for row in rows}

    def day(self, span: str, day: date, measure: str) -> float:
        row = self._days.get((span, day), {})
        return float(row.get(measure) or 0)

    def total(self, span: str, measure: str) -> float:
        if measure == "active":  # a customer may come on several days
            return float(self._days.get((span, None), {}).get("active") or 0)
        return float(sum(row[measure] or 0 for (name, day), row in self._days.items() if name == span and day))
