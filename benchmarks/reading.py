"""How long questions take on a built project: a count by a filter, the customer page's queries, the overview's.

Each question is asked by the functions that the pages call, as the owner, through the one door; nothing but the lake is
warm. Prints seconds as JSON: the first time (cold), and median, 95th percentile and number of the rest.

Usage: python benchmarks/reading.py PROJECT [count|customer|overview]...
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import kehu

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.govern.workspace import Workspace

TIMES = 40
FILTERS = (  # of these the value is changed from call to call, so that no cache can answer
    "revenue > {n} AND order_count >= 2",
    "rfm_group = 'champions' AND recency_days < {n}",
    "r_score >= 4 AND m_score <= 2 AND revenue BETWEEN {n} AND {n} * 100",
    "last_order_on >= DATE '2018-01-01' AND avg_order_amount > {n}",
)


def count(workspace: Workspace, number: int) -> None:
    """Count customers by a filter."""
    where = FILTERS[number % len(FILTERS)].format(n=10 + number)
    workspace.read(f"SELECT count(*) FROM customer_360 WHERE {where}").value()


def customer(workspace: Workspace, customer_id: str) -> None:
    """Ask all that one customer's page asks."""
    from kehu.present.profile import profile
    from kehu.present.timeline import timeline

    found = profile(workspace, customer_id)
    assert found is not None
    timeline(workspace, customer_id)


def overview(workspace: Workspace) -> None:
    """Ask all that the overview page asks."""
    from kehu.present.freshness import freshness
    from kehu.present.overview import overview as figures
    from kehu.present.period import period
    from kehu.present.scorecard import scorecards
    from kehu.present.standing import cohorts, standing

    fresh = freshness(workspace)
    assert fresh is not None
    assert fresh.as_of is not None
    assert fresh.first_on is not None
    figures(workspace, period({}, fresh.as_of), first_on=fresh.first_on)
    standing(workspace)
    cohorts(workspace)
    scorecards(workspace)


def main(folder: Path, wanted: list[str]) -> dict[str, dict[str, float]]:
    """Ask every question wanted, each on a project opened anew."""
    found = {}
    for name in wanted or ["overview", "customer", "count"]:
        workspace = kehu.open(folder).workspace
        if name == "customer":
            ids = _some_customers(folder)
            found[name] = timed(lambda number, known=ids: customer(workspace, known[number]), len(ids))  # noqa: B023
        elif name == "count":
            found[name] = timed(lambda number: count(workspace, number), TIMES)  # noqa: B023
        else:
            found[name] = timed(lambda _: overview(workspace), 3)  # noqa: B023
    return found


def timed(ask: Callable[[int], None], times: int) -> dict[str, float]:
    """Return cold seconds, and median and 95th percentile of the times after it."""
    seconds = []
    for number in range(times):
        started = time.perf_counter()
        ask(number)
        seconds.append(time.perf_counter() - started)
    warm = sorted(seconds[1:])
    return {
        "cold": seconds[0],
        "p50": statistics.median(warm),
        "p95": warm[math.ceil(0.95 * len(warm)) - 1],
        "times": len(warm),
    }


def _some_customers(folder: Path) -> list[str]:
    """Return customers spread over the whole range of ids, each asked once."""
    sql = (
        f"SELECT customer_id FROM customer WHERE hash(customer_id) % 7 = 0 ORDER BY hash(customer_id) LIMIT {TIMES + 1}"
    )
    return [row[0] for row in kehu.open(folder).workspace.read(sql).rows]


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2:])))
