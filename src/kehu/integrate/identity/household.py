"""Households: customers who share surname and address, surname and phone, or phone and address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kehu.integrate.identity.component import components
from kehu.integrate.identity.touch import of_touched

if TYPE_CHECKING:
    import duckdb

MOST_MEMBERS = 12  # beyond, a shared value says block of flats or switchboard, not family

SHARED = f"""
SELECT customer_id, shared AS key FROM {{held}} SEMI JOIN (
  SELECT shared FROM {{held}} GROUP BY shared HAVING count(*) BETWEEN 2 AND {MOST_MEMBERS}
) AS few USING (shared) ORDER BY customer_id, key
"""
KEYS = "SELECT customer_id, shared FROM household_key"
# What touched customers hold, and all holders of that.
MINE = "CREATE OR REPLACE TEMP TABLE mine AS SELECT DISTINCT shared FROM ({touched})"
HELD = f"CREATE OR REPLACE TEMP TABLE held_key AS {KEYS} SEMI JOIN mine USING (shared)"
# Customers reached from touched ones: by what few enough share now, and in the households as they were.
TOUCH = f"""
INSERT INTO temp.touched (_k1, _is_fresh)
SELECT customer_id, FALSE FROM (
  SELECT customer_id FROM ({SHARED.format(held="temp.held_key")})
  UNION SELECT h.customer_id FROM household_member AS h WHERE h.household_id IN (
    SELECT household_id FROM household_member SEMI JOIN temp.touched ON _k1 = customer_id
  )
) AS r ANTI JOIN temp.touched AS o ON o._k1 = r.customer_id
"""


def households(connection: duckdb.DuckDBPyConnection, *, is_part: bool) -> pa.Table:
    """Return customer_id and household_id of every customer who lives with another.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``household_key``; with ``is_part`` also ``touched`` and the former ``household_member``.
    is_part : bool
        Only customers in ``touched``, to which are added those who hang together with them, now or before.

    Notes
    -----
    A household is named after its first customer, so it keeps its id while that customer stays. Chains of sharing
    longer than a family are left out.
    """
    if is_part:
        _touch_reached(connection)
    shared = connection.sql(SHARED.format(held="temp.held_key" if is_part else "household_key")).to_arrow_table()
    for table in ("mine", "held_key"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    holders = shared["customer_id"].combine_chunks().dictionary_encode()  # in order, so the first is the least
    keys = shared["key"].combine_chunks().dictionary_encode()
    size, count = len(holders.dictionary), len(keys.dictionary)
    edges = (holders.indices.to_numpy(), size + keys.indices.to_numpy())
    labels = components(size + count, *edges)[:size]
    _, first, place, members = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    living = (members[place] >= 2) & (members[place] <= MOST_MEMBERS)
    head = holders.dictionary.take(pa.array(first[place][living], pa.int64()))
    household = pc.binary_join_element_wise("h", pc.utf8_slice_codeunits(head, 1), "")
    return pa.table({"customer_id": holders.dictionary.filter(pa.array(living)), "household_id": household})


def _touch_reached(connection: duckdb.DuckDBPyConnection) -> None:
    """Touch who hangs together with touched customers; ``held_key`` has what they share."""
    added = True
    while added:
        connection.execute(MINE.format(touched=of_touched(connection, KEYS, ("customer_id",))))
        connection.execute(HELD)
        found = connection.execute(TOUCH).fetchone()
        added = bool(found and found[0])
