"""Which described records are one person or organization: clusters of matches, bound by what people decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.base.ahead import load_beside
from kehu.integrate.identity.cluster import home_clusters
from kehu.integrate.identity.touch import RECORD, Web, of_touched, touch_reached

if TYPE_CHECKING:
    import duckdb

    from kehu.base.settings import Settings

NUMBERED = """
SELECT row_number() OVER (ORDER BY source, source_key) AS number, source, source_key
FROM customer_record AS r {only} WHERE NOT is_reference ORDER BY number
"""
PAIRS = """
SELECT l.number AS left_id, r.number AS right_id, k.weight FROM record_link AS k
JOIN numbered AS l ON l.source = k.left_source AND l.source_key = k.left_key
JOIN numbered AS r ON r.source = k.right_source AND r.source_key = k.right_key
ORDER BY left_id, right_id
"""
DECIDED = """
SELECT l.number AS left_id, r.number AS right_id, d.kind = 'same' AS is_same FROM decided_pair AS d
JOIN numbered AS l ON l.source = d.left_source AND l.source_key = d.left_key
JOIN numbered AS r ON r.source = d.right_source AND r.source_key = d.right_key
ORDER BY d.decided_at DESC, d.decision_id DESC, left_id, right_id
"""
HEADED = """
SELECT n.source, n.source_key,
  first_value(n.source) OVER cluster AS head_source, first_value(n.source_key) OVER cluster AS head_key,
  first_value(n.source) OVER home AS home_source, first_value(n.source_key) OVER home AS home_key
FROM clustered AS n
WINDOW cluster AS (PARTITION BY n.cluster ORDER BY n.number), home AS (PARTITION BY n.home ORDER BY n.number)
"""
LEFT, RIGHT = ("left_source", "left_key"), ("right_source", "right_key")
MATCHES = "SELECT left_source, left_key, right_source, right_key FROM record_link WHERE decision = 'match'"
SAID = "SELECT left_source, left_key, right_source, right_key FROM decided_pair WHERE kind = 'same'"
# Who stands in the clusters, or homes, of touched records.
CLUSTERS = """
own AS MATERIALIZED (
  SELECT head_source, head_key, home_source, home_key FROM ({touched})
), near AS MATERIALIZED (
  SELECT source, source_key, head_source, head_key, home_source, home_key FROM record_cluster
  WHERE head_key IN (SELECT head_key FROM own) OR home_key IN (SELECT home_key FROM own)
)"""
IN_CLUSTERS = """
SELECT n.source, n.source_key FROM near AS n SEMI JOIN own USING (head_source, head_key)
UNION SELECT n.source, n.source_key FROM near AS n SEMI JOIN own USING (home_source, home_key)
"""
# What a record hangs together with, as hashes.
TO_HEADS = """
SELECT hash(source, source_key), hash(head_source, head_key) FROM record_cluster
WHERE source_key <> head_key OR source <> head_source
UNION ALL SELECT hash(source, source_key), hash(home_source, home_key) FROM record_cluster
WHERE home_key <> head_key OR home_source <> head_source
"""
EDGES = f"""
{TO_HEADS}
UNION ALL SELECT hash(left_source, left_key), hash(right_source, right_key) FROM record_link WHERE decision = 'match'
UNION ALL SELECT hash(left_source, left_key), hash(right_source, right_key) FROM decided_pair WHERE kind = 'same'
"""


def record_clusters(connection: duckdb.DuckDBPyConnection, settings: Settings, *, is_part: bool) -> pa.Table:
    """Return the cluster of every described record, named by the first record in it.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``customer_record``, ``record_link``, ``decided_pair``; with ``is_part`` also ``touched`` and the former
        ``record_cluster``.
    settings : Settings
        ``match_at``.
    is_part : bool
        Only records in ``touched``, to which are added those that hang together with them, now or before.

    Returns
    -------
    pyarrow.Table
        source, source_key, head_source, head_key, and home_source, home_key: the head of the cluster that would be had
        nobody joined anything by hand. One row per record that is no reference.
    """
    if is_part:
        load_beside("scipy.sparse.csgraph", "scipy.cluster.hierarchy")
        touch_reached(connection, WEB)
    only = "SEMI JOIN temp.touched AS t ON t._k1 = r.source AND t._k2 = r.source_key" if is_part else ""
    numbered = connection.sql(NUMBERED.format(only=only)).to_arrow_table()
    connection.register("numbered", numbered)
    try:
        pairs = connection.sql(PAIRS).to_arrow_table()
        decided = connection.sql(DECIDED).to_arrow_table()
        homes, labels = home_clusters(numbered.num_rows, pairs, match_at=settings.match_at, decided=decided)
        clustered = numbered.append_column("home", pa.array(homes)).append_column("cluster", pa.array(labels))
        connection.register("clustered", clustered)
        return connection.sql(HEADED).to_arrow_table()
    finally:
        connection.unregister("numbered")
        connection.unregister("clustered")


def clusters_of_touched(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the parts ``own`` and ``near`` of a WITH: who stands in the clusters of touched records, as they were."""
    return CLUSTERS.format(touched=of_touched(connection, "SELECT * FROM record_cluster"))


def _near(connection: duckdb.DuckDBPyConnection) -> str:
    """Return who is reached: over matches and decisions as they are now, and in the clusters as they were."""
    linked = (
        f"SELECT {', '.join(other)} FROM ({of_touched(connection, pairs, one)})"
        for pairs in (MATCHES, SAID)
        for one, other in ((LEFT, RIGHT), (RIGHT, LEFT))
    )
    return f"WITH {clusters_of_touched(connection)} {' UNION '.join(linked)} UNION {IN_CLUSTERS}"


WEB = Web(RECORD, _near, EDGES, "SELECT source, source_key FROM record_cluster")
