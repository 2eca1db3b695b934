"""Customers with ids that stay: clusters of records, named by what they were called before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kehu.integrate.identity.cluster import clusters

if TYPE_CHECKING:
    from kehu.base.settings import Settings

RECORDS = """
SELECT row_number() OVER (ORDER BY is_reference, source, source_key) AS number, source, source_key, is_reference
FROM customer_record ORDER BY number
"""
PAIRS = """
SELECT least(l.number, r.number) AS left_id, greatest(l.number, r.number) AS right_id, k.weight,
  l.is_reference OR r.is_reference AS names
FROM record_link AS k
JOIN numbered AS l ON l.source = k.left_source AND l.source_key = k.left_key
JOIN numbered AS r ON r.source = k.right_source AND r.source_key = k.right_key
ORDER BY left_id, right_id
"""
# A cluster keeps the id that most of its records had; of two clusters that want one id, the one with more of its
# records, then the one with the first record. A new id is a keyed fingerprint of the cluster's first record: the same
# input gives the same ids, and nobody without the key can tell an e-mail or phone from the id it led to (every role
# sees ids). A fingerprint that is taken gets a number.
NAMED = """
WITH before AS (
  SELECT n.cluster, p.customer_id, bool_or(p.is_given) AS is_given, count(*) AS records, min(n.number) AS first
  FROM clustered AS n JOIN previous AS p USING (source, source_key) GROUP BY ALL
), kept AS (
  SELECT cluster, customer_id FROM (
    SELECT *, row_number() OVER (PARTITION BY cluster ORDER BY records DESC, first, customer_id) AS best FROM before
  ) WHERE best = 1
  QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY records DESC, first) = 1
), fresh AS (
  SELECT cluster, 'c' || left(sha256(arg_min(concat_ws(chr(31), $key, source, source_key), number)), 12) AS customer_id
  FROM clustered ANTI JOIN kept USING (cluster) GROUP BY cluster
), told_apart AS (
  SELECT f.cluster, f.customer_id || CASE WHEN t.customer_id IS NULL THEN '' ELSE '-' || f.cluster END AS customer_id
  FROM fresh AS f LEFT JOIN (SELECT DISTINCT customer_id FROM previous) AS t USING (customer_id)
)
SELECT c.source, c.source_key, coalesce(k.customer_id, t.customer_id) AS customer_id,
  coalesce(p.is_given, FALSE) AS is_given
FROM clustered AS c
LEFT JOIN kept AS k USING (cluster)
LEFT JOIN told_apart AS t USING (cluster)
LEFT JOIN previous AS p ON p.source = c.source AND p.source_key = c.source_key
ORDER BY customer_id, source, source_key
"""


def customer_ids(
    connection: duckdb.DuckDBPyConnection, settings: Settings, *, key: str, has_previous: bool
) -> pa.Table:
    """Return the customer of every record.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``customer_record``, ``record_link`` and, where ``has_previous``, the former ``customer_xref``.
    settings : Settings
        ``match_at``.
    key : str
        The workspace's secret, see `kehu.govern.keys`.
    has_previous : bool
        Whether ids were given before; survivors keep them.

    Returns
    -------
    pyarrow.Table
        source, source_key, customer_id, is_given; one row per row of ``customer_record``.
    """
    numbered = connection.sql(RECORDS).to_arrow_table()
    connection.register("numbered", numbered)
    pairs = connection.sql(PAIRS).to_arrow_table()
    previous = _previous(connection) if has_previous else _empty()
    connection.unregister("numbered")
    labels = _labels(numbered, pairs, settings.match_at)
    with duckdb.connect() as own:
        own.register("clustered", numbered.append_column("cluster", pa.array(labels)))
        own.register("previous", previous)
        return own.execute(NAMED, {"key": key}).to_arrow_table()


def _labels(numbered: pa.Table, pairs: pa.Table, match_at: float) -> np.ndarray:
    size = numbered.num_rows
    people = size - int(np.sum(numbered["is_reference"].to_numpy()))
    names = pairs["names"].to_numpy()
    of_people = clusters(people, pairs.filter(pa.array(~names)), match_at=match_at)
    nodes = np.concatenate([of_people, np.arange(people, size)])  # a reference starts as a customer of its own
    named = pairs.filter(pa.array(names))
    left, right = (nodes[named[column].to_numpy() - 1] for column in ("left_id", "right_id"))
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(size, size))
    joined = connected_components(graph, directed=False)[1]
    return np.asarray(joined[nodes], dtype=np.int64)


def _previous(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    return connection.sql("SELECT source, source_key, customer_id, is_given FROM customer_xref").to_arrow_table()


def _empty() -> pa.Table:
    texts = {name: pa.array([], pa.string()) for name in ("source", "source_key", "customer_id")}
    return pa.table({**texts, "is_given": pa.array([], pa.bool_())})
