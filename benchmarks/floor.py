"""The least the tables could cost: plain hand-written DuckDB SQL over the same raw Parquet, and DuckDB's own COPY.

The output has the columns, the order, the compression, and the run the threads and the memory limit of Kehu's tables
`order_line`, `orders`, `customer_rfm` and `cohort_retention`. Ids are given: `ids.parquet` (customer_key, customer_id)
is Kehu's own list, so that the results can be compared row for row. Nothing is checked, kept as history, or refused.

Usage: python benchmarks/floor.py RAW IDS OUT [--memory 1GB] [--threads 2]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import duckdb

ZONE = "America/New_York"

ORDER_LINE = f"""
SELECT 'shop:' || l.order_id AS order_id, CAST(l.line_id AS VARCHAR) AS line_id, x.customer_id,
  CAST(l.product_id AS VARCHAR) AS product_id, CAST(l.store_id AS VARCHAR) AS store_id, 'shop' AS source, l.ordered_at,
  CAST(timezone('{ZONE}', timezone('UTC', l.ordered_at)) AS DATE) AS ordered_on,
  CAST(l.quantity AS DECIMAL(18, 3)) AS quantity, CAST(l.amount AS DECIMAL(18, 2)) AS amount,
  CAST(l.discount AS DECIMAL(18, 2)) AS discount, 'USD' AS currency, 'shop' AS channel
FROM read_parquet('{{raw}}/*.parquet') AS l
LEFT JOIN read_parquet('{{ids}}') AS x ON x.customer_key = CAST(l.customer_id AS VARCHAR)
ORDER BY customer_id, ordered_at
"""

ORDERS = f"""
WITH line AS (
  SELECT order_id, min(customer_id) AS customer_id, min(source) AS source, min(ordered_at) AS ordered_at,
    min(store_id) AS store_id, min(channel) AS channel, min(currency) AS currency, sum(amount) AS amount,
    sum(discount) AS discount, sum(quantity) AS quantity, count(*) AS line_count
  FROM '{{out}}/order_line.parquet' GROUP BY order_id
)
SELECT order_id, customer_id, source, substring(order_id, length(source) + 2) AS source_order_key, ordered_at,
  CAST(timezone('{ZONE}', timezone('UTC', ordered_at)) AS DATE) AS ordered_on, store_id, channel, currency,
  CAST(NULL AS VARCHAR) AS status, CAST(amount AS DECIMAL(18, 2)) AS amount,
  CAST(discount AS DECIMAL(18, 2)) AS discount, CAST(quantity AS DECIMAL(18, 3)) AS quantity, line_count
FROM line ORDER BY customer_id, ordered_at
"""

CUSTOMER_RFM = """
WITH total AS (
  SELECT customer_id, min(ordered_on) AS first_order_on, max(ordered_on) AS last_order_on, count(*) AS order_count,
    sum(amount) AS revenue
  FROM '{out}/orders.parquet' WHERE customer_id IS NOT NULL GROUP BY customer_id
), scored AS (
  SELECT *, (SELECT max(last_order_on) FROM total) AS as_of_on,
    CAST(1 + 5 * (rank() OVER (ORDER BY last_order_on) - 1) // count(*) OVER () AS INTEGER) AS r_score,
    CAST(1 + 5 * (rank() OVER (ORDER BY order_count) - 1) // count(*) OVER () AS INTEGER) AS f_score,
    CAST(1 + 5 * (rank() OVER (ORDER BY revenue) - 1) // count(*) OVER () AS INTEGER) AS m_score
  FROM total
)
SELECT customer_id, as_of_on, first_order_on, last_order_on, CAST(as_of_on - last_order_on AS INTEGER) AS recency_days,
  order_count, CAST(revenue AS DECIMAL(18, 2)) AS revenue, r_score, f_score, m_score,
  CASE
    WHEN r_score >= 4 AND f_score >= 4 AND r_score + f_score >= 9 THEN 'champions'
    WHEN (r_score, f_score) IN ((4, 4), (3, 5)) THEN 'loyal'
    WHEN r_score >= 4 AND f_score IN (2, 3) THEN 'potential_loyalist'
    WHEN (r_score, f_score) = (5, 1) THEN 'new'
    WHEN (r_score, f_score) = (4, 1) THEN 'promising'
    WHEN (r_score, f_score) = (3, 4) THEN 'loyal'
    WHEN (r_score, f_score) = (3, 3) THEN 'need_attention'
    WHEN r_score = 3 THEN 'about_to_sleep'
    WHEN f_score = 5 THEN 'cant_lose'
    WHEN f_score >= 3 THEN 'at_risk'
    WHEN r_score = 2 THEN 'hibernating'
    ELSE 'lost'
  END AS rfm_group
FROM scored ORDER BY customer_id
"""

COHORT_RETENTION = """
WITH first AS (
  SELECT customer_id, CAST(date_trunc('month', min(ordered_on)) AS DATE) AS cohort_on
  FROM '{out}/orders.parquet' WHERE customer_id IS NOT NULL GROUP BY customer_id
), cohort AS (
  SELECT cohort_on, count(*) AS customers FROM first GROUP BY cohort_on
), activity AS (
  SELECT cohort_on, CAST(date_diff('month', cohort_on, ordered_on) AS INTEGER) AS months_since,
    count(DISTINCT customer_id) AS active_customers, sum(amount) AS revenue
  FROM '{out}/orders.parquet' JOIN first USING (customer_id) GROUP BY ALL
), cell AS (
  SELECT cohort_on, customers, last_on, CAST(unnest(range(date_diff('month', cohort_on, last_on) + 1)) AS INTEGER)
    AS months_since
  FROM cohort, (SELECT max(ordered_on) AS last_on FROM '{out}/orders.parquet')
)
SELECT cohort_on, months_since, customers, coalesce(active_customers, 0) AS active_customers,
  coalesce(active_customers, 0) / CAST(customers AS DOUBLE) AS retention,
  CAST(coalesce(revenue, 0) AS DECIMAL(18, 2)) AS revenue,
  last_day(CAST(cohort_on + to_months(months_since) AS DATE)) > last_on AS is_partial
FROM cell LEFT JOIN activity USING (cohort_on, months_since) ORDER BY cohort_on, months_since
"""

MARTS = {
    "order_line": ORDER_LINE,
    "orders": ORDERS,
    "customer_rfm": CUSTOMER_RFM,
    "cohort_retention": COHORT_RETENTION,
}


def connect(out: Path, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """Return a connection with Kehu's limits, spilling to ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    config = {"memory_limit": memory, "temp_directory": str(out / ".spill"), "threads": threads}
    connection = duckdb.connect(config=config)
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def marts(raw: Path, ids: Path, out: Path, *, memory: str, threads: int) -> dict[str, float]:
    """Write every mart to ``out`` and return the seconds of each."""
    seconds = {}
    with connect(out, memory, threads) as connection:
        for name, sql in MARTS.items():
            started = time.monotonic()
            select = sql.format(raw=raw, ids=ids, out=out)
            connection.execute(f"COPY ({select}) TO '{out}/{name}.parquet' (FORMAT parquet, COMPRESSION snappy)")
            seconds[name] = time.monotonic() - started
    return seconds


def copy(files: str, out: Path, *, memory: str, threads: int) -> dict[str, float]:
    """Write what ``files`` (CSV or Parquet) hold as one Parquet file: the least that collect could cost."""
    read = f"read_csv('{files}', all_varchar = true)" if files.endswith("csv") else f"read_parquet('{files}')"
    with connect(out, memory, threads) as connection:
        started = time.monotonic()
        connection.execute(f"COPY (FROM {read}) TO '{out}/copy.parquet' (FORMAT parquet, COMPRESSION snappy)")
        return {"copy": time.monotonic() - started}


def main() -> None:
    """Run the marts, or with ``--copy`` the copy, and print the seconds as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("raw")
    parser.add_argument("ids", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--copy", action="store_true", help="RAW is a pattern of files; copy it, IDS is ignored")
    given = parser.parse_args()
    limits = {"memory": given.memory, "threads": given.threads}
    if given.copy:
        print(json.dumps(copy(given.raw, given.out, **limits)))
    else:
        print(json.dumps(marts(Path(given.raw), given.ids, given.out, **limits)))


if __name__ == "__main__":
    main()
