"""The history of joining records into customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kehu.warehouse.sql import sought

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import duckdb

DECIDED_WEIGHT = 40.0  # what a person decided holds before all weights
INSIDE = f"""
WITH numbered AS (
  SELECT source, source_key, customer_id, row_number() OVER (ORDER BY source, source_key) - 1 AS number
  FROM customer_xref
), link AS (
  SELECT left_source, left_key, right_source, right_key, weight, rule, probability, evidence, 'system' AS actor
  FROM record_link WHERE weight > 0
  UNION ALL SELECT left_source, left_key, right_source, right_key, weight, rule, probability, evidence, 'system'
  FROM reference_link
  UNION ALL SELECT left_source, left_key, right_source, right_key, {DECIDED_WEIGHT}, 'decided', 1.0,
    CAST(to_json({{'decision_id': decision_id, 'about': about}}) AS VARCHAR), actor
  FROM decided_pair WHERE kind = 'same'
)
SELECT l.number AS l_number, r.number AS r_number, k.weight, l.customer_id,
  k.left_source AS source, k.left_key AS source_key, k.right_source AS into_source, k.right_key AS into_key,
  k.rule, k.probability, k.evidence, k.actor
FROM link AS k
JOIN numbered AS l ON l.source = k.left_source AND l.source_key = k.left_key
JOIN numbered AS r ON r.source = k.right_source AND r.source_key = k.right_key
WHERE l.customer_id = r.customer_id
QUALIFY row_number() OVER (PARTITION BY l_number, r_number ORDER BY k.weight DESC) = 1
"""
EVENTS = """
WITH current AS (
  SELECT md5(concat_ws(chr(31), customer_id, source, source_key, into_source, into_key)) AS fingerprint, *
  FROM temp.inside_link SEMI JOIN strongest USING (l_number, r_number)
), open AS (SELECT * FROM former WHERE ended_at IS NULL)
SELECT merge_id, customer_id, source, source_key, into_source, into_key, rule, probability, weight, evidence, actor,
  merged_at, coalesce(ended_at, CASE WHEN c.fingerprint IS NULL THEN $at END) AS ended_at
FROM former AS f
LEFT JOIN (SELECT fingerprint FROM current) AS c
  ON c.fingerprint = CASE WHEN f.ended_at IS NULL THEN left(f.merge_id, 32) END
UNION ALL
SELECT c.fingerprint || coalesce('-' || CAST(p.times AS VARCHAR), '') AS merge_id,
  c.customer_id, c.source, c.source_key, c.into_source,
  c.into_key, c.rule, c.probability, c.weight, c.evidence, c.actor, $at AS merged_at, NULL AS ended_at
FROM current AS c
LEFT JOIN (
  SELECT left(merge_id, 32) AS fingerprint, count(*) AS times FROM former GROUP BY ALL
) AS p USING (fingerprint)
ANTI JOIN (SELECT left(merge_id, 32) AS fingerprint FROM open) AS o USING (fingerprint)
ORDER BY customer_id, merged_at, merge_id
"""
FORMER = """
SELECT merge_id, customer_id, source, source_key, into_source, into_key, rule, probability, weight, evidence, actor,
  merged_at, ended_at FROM {}
"""


def merge_events(
    connection: duckdb.DuckDBPyConnection, *, at: datetime, has_previous: bool, held: Callable[[], str] | None = None
) -> pa.Table:
    """Return every joining of a record to a customer: the strongest links that hold each customer together.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``customer_xref``, ``record_link``, ``reference_link``, ``decided_pair`` and, where ``has_previous``, the
        former ``merge_event``.
    at : datetime
        When new joinings begin and broken ones end.
    has_previous : bool
        Whether there is a history; its rows stay, with their ids and times.
    held : callable, optional
        Names the former rows of customers in ``touched``, see `kehu.warehouse.table.Inputs`; only these are wanted
        then, and ``customer_xref`` holds only theirs.
    """
    inside = _inside(connection) if held else INSIDE
    connection.execute(f"CREATE OR REPLACE TEMP TABLE inside_link AS {inside}")  # with all evidence: not in Python
    numbers = connection.sql("SELECT l_number, r_number, weight FROM temp.inside_link ORDER BY ALL").to_arrow_table()
    left, right, weight = (numbers[column].to_numpy() for column in ("l_number", "r_number", "weight"))
    connection.register("strongest", numbers.filter(pa.array(_strongest(left, right, weight))))
    blank = "SELECT * REPLACE (CAST(merged_at AS TIMESTAMP) AS merged_at) FROM"
    known = FORMER.format(held() if held else "merge_event")
    former = known if has_previous else f"{blank} ({BLANK}) WHERE FALSE"
    sql = EVENTS.replace("FROM former", "FROM former_event").replace("$at", f"TIMESTAMP '{at:%Y-%m-%d %H:%M:%S.%f}'")
    found = connection.sql(f"WITH former_event AS ({former}), {sql.lstrip().removeprefix('WITH ')}").to_arrow_table()
    connection.unregister("strongest")
    connection.execute("DROP TABLE temp.inside_link")
    return found


def _inside(connection: duckdb.DuckDBPyConnection) -> str:
    """Return `INSIDE` with only the links of records in ``customer_xref`` looked at."""
    own, left = "SELECT source, source_key FROM customer_xref", ("left_source", "left_key")
    links = sought(connection, "SELECT * FROM record_link", left, own, ("source", "source_key"))
    return INSIDE.replace("FROM record_link", f"FROM ({links})")


def _strongest(left: np.ndarray, right: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return which links are in the spanning trees of least cost, which keep the strongest ones."""
    if not len(weight):
        return np.zeros(0, dtype=bool)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    size = int(max(left.max(), right.max())) + 1
    cost = 1000.0 - weight + np.arange(len(weight)) * 1e-9  # costs must be positive and differ for a fixed choice
    tree = minimum_spanning_tree(coo_array((cost, (left, right)), shape=(size, size)).tocsr()).tocoo()
    return np.isin(left * size + right, tree.row.astype(np.int64) * size + tree.col)


BLANK = """
SELECT '' AS merge_id, '' AS customer_id, '' AS source, '' AS source_key, '' AS into_source, '' AS into_key, '' AS rule,
  0.0 AS probability, 0.0 AS weight, CAST(NULL AS VARCHAR) AS evidence, '' AS actor,
  CAST(NULL AS TIMESTAMP) AS merged_at, CAST(NULL AS TIMESTAMP) AS ended_at
"""
