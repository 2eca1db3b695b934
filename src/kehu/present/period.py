"""The span of days a page speaks about, and the span it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, cast, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Comparison = Literal["previous", "year", "none"]
SPANS = (7, 30, 90, 365)
DEFAULT_SPAN = 30
LONGEST = 3660  # ten years of days: what a page can still draw


@dataclass(frozen=True)
class Period:
    """Local days ``since`` to ``until``, both included.

    Attributes
    ----------
    since, until : date
        First and last day.
    comparison : {"previous", "year", "none"}
        The span of equal length just before, the same days a year earlier, or nothing.
    span : int
        The preset in days; 0 when the days were chosen by hand.
    """

    since: date
    until: date
    comparison: Comparison = "previous"
    span: int = 0

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.until - self.since).days + 1

    @property
    def earlier(self) -> tuple[date, date] | None:
        """First and last day of the span compared with, or None."""
        if self.comparison == "none":
            return None
        back = 364 if self.comparison == "year" else self.days
        # 364 days keep the weekday, which matters more to a shop's days than the date does
        return self.since - timedelta(days=back), self.until - timedelta(days=back)


def period(params: Mapping[str, str], as_of: date) -> Period:
    """Return the period a query string asks for, ending on the data's last day ``as_of`` by default.

    Parameters
    ----------
    params : mapping of str to str
        ``days`` (7, 30, 90 or 365) or ``from`` and ``to`` (ISO dates), and ``compare``. Anything that cannot be
        read falls back to 30 days against the previous ones, so that an old link keeps working.
    as_of : date
        The last day with data.

    Examples
    --------
    >>> period({"days": "7"}, date(2017, 12, 31)).since
    datetime.date(2017, 12, 25)
    """
    asked = params.get("compare", "previous")
    comparison = cast("Comparison", asked) if asked in get_args(Comparison) else "previous"
    since, until = _day(params.get("from", "")), _day(params.get("to", ""))
    if since and until:
        first, last = min(since, until), max(since, until)
        return Period(max(first, last - timedelta(days=LONGEST - 1)), last, comparison)
    text = params.get("days", "")
    span = int(text) if text in {str(known) for known in SPANS} else DEFAULT_SPAN
    return Period(as_of - timedelta(days=span - 1), as_of, comparison, span)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if date(1900, 1, 1) <= found <= date(2200, 1, 1) else None
