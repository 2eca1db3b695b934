"""Households: customers who share surname and address, surname and phone, or phone and address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import duckdb

MOST_MEMBERS = 12  # beyond, a shared value says block of flats or switchboard, not family

SHARED = f"""
WITH record AS (
  SELECT x.customer_id, nullif(r.family_sound, '') AS family, r.house_number || '|' || r.street AS home,
    coalesce(lower(r.postcode), lower(r.city), '') AS place,
    CASE WHEN b.value IS NULL THEN r.phone END AS phone
  FROM customer_record AS r JOIN customer_xref AS x USING (source, source_key)
  LEFT JOIN blocked_value AS b ON b.field = 'phone' AND b.value = r.phone
), shared AS (
  SELECT customer_id, 'f' || family || '|' || home || '|' || place AS key FROM record
  UNION SELECT customer_id, 'p' || family || '|' || phone FROM record
  UNION SELECT customer_id, 'h' || phone || '|' || home FROM record
)
SELECT customer_id, key FROM shared
WHERE key IS NOT NULL QUALIFY count(*) OVER (PARTITION BY key) BETWEEN 2 AND {MOST_MEMBERS}
ORDER BY customer_id, key
"""


def households(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return customer_id and household_id of every customer who lives with another.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``customer_record``, ``customer_xref`` and ``blocked_value``.

    Notes
    -----
    A household is named after its first customer, so it keeps its id while that customer stays. Chains of sharing
    longer than a family are left out.
    """
    shared = connection.sql(SHARED).to_arrow_table()
    customers, of = np.unique(
        np.array(shared["customer_id"].to_pylist(), dtype=object).astype(str), return_inverse=True
    )
    keys = np.unique(np.array(shared["key"].to_pylist(), dtype=object).astype(str), return_inverse=True)[1]
    size = len(customers) + (int(keys.max()) + 1 if len(keys) else 0)
    graph = coo_array((np.ones(len(of)), (of, len(customers) + keys)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1][: len(customers)] if size else np.array([], dtype=int)
    first = {int(label): str(customers[place]) for place, label in reversed(list(enumerate(labels)))}
    members = np.bincount(labels, minlength=size + 1)
    rows = [
        (str(customer), "h" + first[int(label)].removeprefix("c"))
        for customer, label in zip(customers, labels, strict=True)
        if 2 <= members[label] <= MOST_MEMBERS
    ]
    columns = list(zip(*rows, strict=True)) or [(), ()]
    return pa.table(
        {"customer_id": pa.array(columns[0], pa.string()), "household_id": pa.array(columns[1], pa.string())}
    )
