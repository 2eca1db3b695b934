"""How the customers stand today: retention cohorts, RFM groups and churn risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from kehu.govern.workspace import Workspace

BANDS = ("low", "medium", "high", "lapsed")
CELL_BINS = 10

COHORTS = """
SELECT cohort_on, months_since, customers, retention, is_partial
FROM cohort_retention ORDER BY cohort_on, months_since
"""

CUSTOMERS = """
SELECT 'rfm' AS part, rfm_group AS name, r_score AS first, f_score AS second, count(*) AS customers,
  sum(revenue)::DOUBLE AS revenue
FROM customer_360 WHERE rfm_group IS NOT NULL GROUP BY ALL
UNION ALL
SELECT 'churn', churn_band, CASE WHEN churn_risk IS NULL THEN -1 ELSE least(floor(churn_risk * 10), 9) END::INTEGER,
  NULL, count(*), sum(revenue)::DOUBLE
FROM customer_360 WHERE churn_band IS NOT NULL GROUP BY ALL
UNION ALL
SELECT 'all', 'customers', count(*) FILTER (is_provisional), NULL, count(*), sum(revenue)::DOUBLE FROM customer_360
ORDER BY part, name, first, second
"""


@dataclass(frozen=True)
class Cohort:
    """Customers by month of first order; ``shares[n]`` is the part that ordered n months later.

    The data may end inside the last month of a cohort: then ``is_partial`` holds for its last share.
    """

    month: date
    size: int
    shares: tuple[float, ...]
    is_partial: bool


@dataclass(frozen=True)
class Cell:
    """Customers with one recency and one frequency score, and the group most of them are in."""

    recency: int
    frequency: int
    customers: int
    revenue: float
    group: str


@dataclass(frozen=True)
class Standing:
    """Counts over all customers as of the data's last day.

    Attributes
    ----------
    customers, provisional : int
        All, and those known by a reference alone.
    cells : dict of (int, int) to Cell
        The RFM grid by (recency, frequency) score, 1-5 each.
    groups : dict of str to int
        Customers by RFM group, largest first.
    bands : dict of str to int
        Customers by churn band; ``lapsed`` ones ordered too long ago to be scored.
    bins : tuple of int
        Scored customers by churn risk in ten equal steps.
    at_risk : float
        Share of scored customers in the high band; 0 when nothing is scored.
    """

    customers: int
    provisional: int
    cells: dict[tuple[int, int], Cell]
    groups: dict[str, int]
    bands: dict[str, int]
    bins: tuple[int, ...]
    at_risk: float


def cohorts(workspace: Workspace, *, months: int = 12) -> tuple[Cohort, ...]:
    """Return the newest ``months`` cohorts, oldest first; one query."""
    found: dict[date, list[dict[str, Any]]] = {}
    for row in workspace.read(COHORTS, subject="table:cohort_retention").dicts():
        found.setdefault(row["cohort_on"], []).append(row)
    return tuple(
        Cohort(
            month,
            found[month][0]["customers"],
            tuple(row["retention"] for row in found[month]),
            found[month][-1]["is_partial"],
        )
        for month in sorted(found)[-months:]
    )


def standing(workspace: Workspace) -> Standing:
    """Return the RFM grid and the churn distribution; one query over ``customer_360``."""
    rows = workspace.read(CUSTOMERS, subject="table:customer_360").dicts()
    everyone = next(row for row in rows if row["part"] == "all")
    bins, bands = [0] * CELL_BINS, dict.fromkeys(BANDS, 0)
    for row in (row for row in rows if row["part"] == "churn"):
        if row["first"] >= 0:
            bins[row["first"]] += row["customers"]
        bands[row["name"]] = bands.get(row["name"], 0) + row["customers"]
    scored = sum(bins)
    cells, groups = _grid([row for row in rows if row["part"] == "rfm"])
    at_risk = bands["high"] / scored if scored else 0.0
    return Standing(everyone["customers"], everyone["first"], cells, groups, bands, tuple(bins), at_risk)


def _grid(rows: list[dict[str, Any]]) -> tuple[dict[tuple[int, int], Cell], dict[str, int]]:
    cells: dict[tuple[int, int], Cell] = {}
    largest: dict[tuple[int, int], int] = {}
    groups: dict[str, int] = {}
    for row in rows:
        place, count, name = (row["first"], row["second"]), row["customers"], row["name"]
        groups[name] = groups.get(name, 0) + count
        old = cells.get(place, Cell(*place, 0, 0.0, name))
        lead = name if count > largest.get(place, 0) else old.group
        largest[place] = max(count, largest.get(place, 0))
        cells[place] = Cell(*place, old.customers + count, old.revenue + float(row["revenue"] or 0), lead)
    return cells, dict(sorted(groups.items(), key=lambda item: (-item[1], item[0])))
