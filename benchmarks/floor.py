"""Kehu's build beside the least it could cost: the same four tables by hand-written DuckDB SQL over the same Parquet.

Usage: python benchmarks/floor.py PROJECT (a built one, as ``kehu demo --no-serve`` leaves it)
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

import kehu
from kehu.flow import pipeline

if TYPE_CHECKING:
    from kehu.flow.project import Project

TABLES = ("order_line", "orders", "customer_rfm", "cohort_retention")
FLOOR = (
    """COPY (
      SELECT l.source || ':' || l.order_key AS order_id, l.line_key AS line_id, x.customer_id, l.product_key,
        l.store_key, l.source, l.ordered_at, CAST(l.ordered_at AS DATE) AS ordered_on, l.quantity,
        l.amount, l.discount, l.currency
      FROM read_parquet('{folder}/stg_order_line.parquet') AS l
      LEFT JOIN read_parquet('{folder}/customer_xref.parquet') AS x
        ON x.source = l.source AND x.source_key = coalesce(l.customer_key, l.loyalty_card, l.email, l.phone)
      ORDER BY customer_id, ordered_at, order_id, line_id) TO '{folder}/line.parquet'""",
    """COPY (
      SELECT order_id, any_value(customer_id) AS customer_id, min(ordered_at) AS ordered_at,
        min(ordered_on) AS ordered_on, sum(amount) AS amount, sum(quantity) AS quantity, count(*) AS line_count
      FROM read_parquet('{folder}/line.parquet') GROUP BY order_id ORDER BY customer_id, ordered_at, order_id)
    TO '{folder}/order.parquet'""",
    """COPY (
      WITH total AS (
        SELECT customer_id, max(ordered_on) AS last_on, count(*) AS orders, sum(amount) AS revenue
        FROM read_parquet('{folder}/order.parquet') WHERE customer_id IS NOT NULL GROUP BY customer_id)
      SELECT *, ntile(5) OVER (ORDER BY last_on, customer_id) AS r, ntile(5) OVER (ORDER BY orders, customer_id) AS f,
        ntile(5) OVER (ORDER BY revenue, customer_id) AS m FROM total) TO '{folder}/rfm.parquet'""",
    """COPY (
      WITH first AS (
        SELECT customer_id, date_trunc('month', min(ordered_on)) AS cohort_on
        FROM read_parquet('{folder}/order.parquet') GROUP BY customer_id)
      SELECT cohort_on, date_diff('month', cohort_on, ordered_on) AS months_since, sum(amount) AS revenue,
        count(DISTINCT customer_id) AS customers
      FROM read_parquet('{folder}/order.parquet') JOIN first USING (customer_id) GROUP BY ALL ORDER BY ALL)
    TO '{folder}/cohort.parquet'""",
)


def main(folder: Path) -> None:
    """Build the project once more, run the floor on its staged lines, print both and their ratio."""
    project = kehu.open(folder)
    report = pipeline.build(project)
    slow = sorted(report.tables, key=lambda run: -run.seconds)[:6]
    print("build      ", ", ".join(f"{run.name} {run.seconds:.1f} s" for run in slow))
    built = sum(run.seconds for run in report.tables if run.name in TABLES)
    least = floor(project)
    print(f"floor      {', '.join(TABLES)}: {built:.1f} s, by hand {least:.1f} s, ratio {built / least:.1f}")


def floor(project: Project) -> float:
    """Return the seconds that the four tables cost by hand, from the staged lines and customers' keys."""
    with tempfile.TemporaryDirectory() as made, duckdb.connect() as connection:
        for table in ("stg_order_line", "customer_xref"):
            connection.register("staged", project.workspace.arrow(f"SELECT * FROM {table}"))
            connection.execute(f"COPY staged TO '{made}/{table}.parquet'")
            connection.unregister("staged")
        start = time.monotonic()
        for sql in FLOOR:
            connection.execute(sql.format(folder=made))
        return time.monotonic() - start


if __name__ == "__main__":
    main(Path(sys.argv[1]))
