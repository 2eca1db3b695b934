"""Customers with ids that stay: an id belongs to the record that founded it, and goes where that record goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from kehu.integrate.identity.component import components
from kehu.integrate.identity.record_cluster import IN_CLUSTERS, TO_HEADS, clusters_of_touched
from kehu.integrate.identity.touch import RECORD, Web, of_touched, touch_reached
from kehu.warehouse.session.spare import without_pandas

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import numpy as np

REFERENCE = ("left_source", "left_key")
# What is joined: records of one cluster, references with what they resolve to, and those that nobody holds with their
# like. What people said of a reference replaces whom it resolves to, not its like: a provisional customer moves whole.
# What would be joined had nobody joined anything by hand is home.
NUMBERED = """
WITH clustered AS (
  SELECT source, source_key, head_source, head_key, home_source, home_key FROM ({clusters}) AS c
)
SELECT row_number() OVER (ORDER BY r.is_reference, r.source, r.source_key) AS number,
  r.source, r.source_key, r.is_reference,
  coalesce(c.home_source, l.right_source) AS home_source, coalesce(c.home_key, l.right_key) AS home_key,
  coalesce(c.head_source, d.to_source, l.right_source) AS to_source,
  coalesce(c.head_key, d.to_key, l.right_key) AS to_key,
  CASE WHEN h.source IS NULL THEN l.right_source END AS beside_source, l.right_key AS beside_key
FROM ({records}) AS r
LEFT JOIN clustered AS c ON c.source = r.source AND c.source_key = r.source_key
LEFT JOIN ({references}) AS l ON l.left_source = r.source AND l.left_key = r.source_key
LEFT JOIN clustered AS h ON h.source = l.right_source AND h.source_key = l.right_key
LEFT JOIN (
  SELECT source, source_key, to_source, to_key FROM ({told})
  QUALIFY row_number() OVER (PARTITION BY source, source_key ORDER BY decided_at DESC, to_source, to_key) = 1
) AS d ON d.source = r.source AND d.source_key = r.source_key
ORDER BY number
"""
# What people said a record is one with; of a described record its cluster knows that already.
TOLD = """
SELECT left_source AS source, left_key AS source_key, right_source AS to_source, right_key AS to_key, decided_at
FROM decided_pair WHERE kind = 'same'
UNION ALL SELECT right_source, right_key, left_source, left_key, decided_at FROM decided_pair WHERE kind = 'same'
"""
AT_HOME = """
SELECT n.number AS left_id, t.number AS right_id FROM numbered AS n
JOIN numbered AS t ON t.source = n.home_source AND t.source_key = n.home_key
"""
JOINED = """
SELECT n.number AS left_id, t.number AS right_id FROM numbered AS n
JOIN numbered AS t ON t.source = n.to_source AND t.source_key = n.to_key
"""
BESIDE = """
SELECT n.number AS left_id, t.number AS right_id FROM numbered AS n
JOIN numbered AS t ON t.source = n.beside_source AND t.source_key = n.beside_key
"""
PREVIOUS = """
SELECT source, source_key, home_id, founded_id, founded_at FROM {known}
"""
# A lake of an earlier version does not say who founded an id: the first record with it.
UNFOUNDED = """
SELECT x.source, x.source_key, x.customer_id AS home_id,
  CASE WHEN row_number() OVER (PARTITION BY customer_id ORDER BY source, source_key) = 1 THEN customer_id END
    AS founded_id,
  CAST(NULL AS TIMESTAMP) AS founded_at
FROM customer_xref AS x
"""
SURVIVOR = (
    "SELECT survivor AS customer_id, max(decided_at) AS chosen_at FROM decided_pair WHERE kind = 'same' GROUP BY 1"
)
# Ids that homes would found in which nobody founded one, and how often each is taken.
WANTED = """
SELECT DISTINCT 'c' || left(sha256(arg_min(concat_ws(chr(31), $key, source, source_key), number)), 12) AS customer_id
FROM clustered LEFT JOIN previous USING (source, source_key) GROUP BY home HAVING count(founded_id) = 0
"""
TAKEN = """
SELECT split_part(x.founded_id, '-', 1) AS customer_id,
  max(coalesce(TRY_CAST(split_part(x.founded_id, '-', 2) AS BIGINT), 1)) AS taken
FROM customer_xref AS x SEMI JOIN wanted AS n ON n.customer_id = split_part(x.founded_id, '-', 1)
GROUP BY ALL
"""
DECIDED = """
SELECT left_source AS source, left_key AS source_key FROM decided_pair
UNION SELECT right_source, right_key FROM decided_pair
"""
# Ids are founded at home, as if nobody joined anything: where a founder is gone, the first record at home with its id
# takes its place; a home without any founds one: a keyed fingerprint of its first record, so that nobody without the
# key can tell an e-mail or phone from the id it led to (every role sees ids). A fingerprint that is taken gets a
# number. A record stays at home with an id while that is founded in its home, so that heirs are the right ones when a
# home falls apart again. A customer's id is the one that people chose when they joined it, else the oldest one that
# its records founded; where people took references from their homes and no founder with them, one of their own.
NAMED = """
WITH known AS (
  SELECT n.*, p.home_id, p.founded_id, p.founded_at, d.source IS NOT NULL AS is_given
  FROM clustered AS n LEFT JOIN previous AS p USING (source, source_key)
  LEFT JOIN decided AS d USING (source, source_key)
), orphan AS (
  SELECT founded_id, founded_at FROM previous ANTI JOIN clustered USING (source, source_key)
  WHERE founded_id IS NOT NULL
), heir AS (
  SELECT founded_id, founded_at, number FROM (
    SELECT o.founded_id, o.founded_at, k.home, min(k.number) AS number, count(*) AS records
    FROM known AS k JOIN orphan AS o ON o.founded_id = k.home_id WHERE k.founded_id IS NULL GROUP BY ALL
  ) QUALIFY row_number() OVER (PARTITION BY founded_id ORDER BY records DESC, number) = 1
), inherited AS (
  SELECT k.* REPLACE (
    coalesce(k.founded_id, h.founded_id) AS founded_id, coalesce(k.founded_at, h.founded_at) AS founded_at)
  FROM known AS k LEFT JOIN heir AS h ON h.number = k.number
), kept AS (
  SELECT home, founded_id AS customer_id FROM inherited WHERE founded_id IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY home ORDER BY founded_at, number) = 1
), fresh AS (
  SELECT home, min(number) AS number,
    'c' || left(sha256(arg_min(concat_ws(chr(31), $key, source, source_key), number)), 12) AS customer_id
  FROM inherited ANTI JOIN kept USING (home) GROUP BY home
), told_apart AS (
  SELECT f.home, f.number,
    f.customer_id || CASE WHEN f.place + coalesce(t.taken, 0) = 1 THEN ''
      ELSE '-' || (f.place + coalesce(t.taken, 0)) END AS customer_id
  FROM (SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY number) AS place FROM fresh) AS f
  LEFT JOIN taken AS t USING (customer_id)
), held AS (
  SELECT DISTINCT home, founded_id AS home_id FROM inherited WHERE founded_id IS NOT NULL
), founder AS (
  SELECT f.* REPLACE (
    coalesce(f.founded_id, h.home_id, k.customer_id, t.customer_id) AS home_id,
    coalesce(f.founded_id, CASE WHEN t.number = f.number THEN t.customer_id END) AS founded_id,
    coalesce(f.founded_at, CASE WHEN t.number = f.number THEN $at END) AS founded_at)
  FROM inherited AS f LEFT JOIN kept AS k USING (home) LEFT JOIN told_apart AS t USING (home)
  LEFT JOIN held AS h ON h.home = f.home AND h.home_id = f.home_id
), chosen AS (
  SELECT f.cluster, f.founded_id AS customer_id FROM founder AS f
  LEFT JOIN survivor AS s ON s.customer_id = f.founded_id WHERE f.founded_id IS NOT NULL
  QUALIFY row_number() OVER (
    PARTITION BY f.cluster ORDER BY s.chosen_at DESC NULLS LAST, f.founded_at, f.number) = 1
), taken_away AS (
  SELECT cluster,
    'c' || left(sha256(arg_min(concat_ws(chr(31), $key, 'joined', source, source_key), number)), 12) AS customer_id
  FROM founder ANTI JOIN chosen USING (cluster) GROUP BY cluster
)
SELECT f.source, f.source_key, coalesce(c.customer_id, a.customer_id) AS customer_id, f.is_given,
  f.home_id, f.founded_id, f.founded_at
FROM founder AS f LEFT JOIN chosen AS c USING (cluster) LEFT JOIN taken_away AS a USING (cluster)
ORDER BY customer_id, f.source, f.source_key
"""
# Records reached from touched ones: cluster and home, what resolves to what, and customer and home as they were.
REACHED = f"""
WITH t AS (SELECT _k1 AS source, _k2 AS source_key FROM temp.touched), {{clusters}}, was AS MATERIALIZED (
  SELECT customer_id, {{home}} AS home_id FROM ({{touched}})
)
{IN_CLUSTERS}
UNION SELECT l.left_source, l.left_key FROM reference_link AS l
SEMI JOIN t ON t.source = l.right_source AND t.source_key = l.right_key
UNION SELECT l.right_source, l.right_key FROM reference_link AS l
SEMI JOIN t ON t.source = l.left_source AND t.source_key = l.left_key
UNION SELECT d.to_source, d.to_key FROM ({TOLD}) AS d SEMI JOIN t USING (source, source_key)
UNION SELECT x.source, x.source_key FROM customer_xref AS x WHERE x.customer_id IN (SELECT customer_id FROM was)
UNION SELECT x.source, x.source_key FROM customer_xref AS x WHERE x.{{home}} IN (SELECT home_id FROM was)
"""
# The same as hashes.
EDGES = f"""
{TO_HEADS}
UNION ALL SELECT hash(source, source_key), hash(customer_id) FROM customer_xref
UNION ALL SELECT hash(source, source_key), hash({{home}}) FROM customer_xref WHERE {{home}} <> customer_id
UNION ALL SELECT hash(left_source, left_key), hash(right_source, right_key) FROM reference_link
UNION ALL SELECT hash(left_source, left_key), hash(right_source, right_key) FROM decided_pair WHERE kind = 'same'
"""


def customer_ids(
    connection: duckdb.DuckDBPyConnection,
    *,
    key: str,
    at: datetime,
    has_previous: bool,
    held: Callable[[], str] | None = None,
) -> pa.Table:
    """Return the customer of every record.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``customer_record``, ``record_cluster``, ``reference_link``, ``decided_pair`` and, where
        ``has_previous``, the former ``customer_xref``.
    key : str
        The workspace's secret, see `kehu.govern.keys`.
    at : datetime
        When new ids are founded.
    has_previous : bool
        Whether ids were given before; they stay with the records that founded them.
    held : callable, optional
        Names the former rows of the records in ``touched``, see `kehu.warehouse.table.Inputs`; only these records are
        wanted then, to which are added those that hang together with them, now or before.

    Returns
    -------
    pyarrow.Table
        source, source_key, customer_id, is_given, home_id, founded_id, founded_at; a row per ``customer_record``.
    """
    if held:
        touch_reached(connection, web(has_home=_has(connection, "home_id")))
    numbered = connection.sql(_numbered(connection, is_part=held is not None)).to_arrow_table()
    connection.register("numbered", numbered)
    beside = connection.sql(BESIDE).to_arrow_table()
    labels = {
        name: _labels(numbered.num_rows, pa.concat_tables([connection.sql(sql).to_arrow_table(), beside]))
        for name, sql in (("home", AT_HOME), ("cluster", JOINED))
    }
    connection.unregister("numbered")
    with duckdb.connect() as own, without_pandas():
        for name, of in labels.items():
            numbered = numbered.append_column(name, pa.array(of))
        own.register("clustered", numbered)
        own.register("previous", _previous(connection, held() if held else "customer_xref", has_previous=has_previous))
        own.register("survivor", connection.sql(SURVIVOR).to_arrow_table())
        own.register("decided", connection.sql(DECIDED).to_arrow_table())
        has_founders = _is_founded(connection, has_previous)
        own.register("taken", _taken(connection, own, key) if has_founders else _NONE)
        return own.sql(NAMED, params={"key": key, "at": at}).to_arrow_table()


def web(*, has_home: bool) -> Web:
    """Return how records hang together: by cluster, reference and decision, and as they were; ``has_home`` at home."""
    home = "home_id" if has_home else "customer_id"
    known = "SELECT source, source_key FROM customer_xref"

    def near(connection: duckdb.DuckDBPyConnection) -> str:
        touched = of_touched(connection, "SELECT * FROM customer_xref")
        return REACHED.format(home=home, clusters=clusters_of_touched(connection), touched=touched)

    return Web(RECORD, near, EDGES.format(home=home), known)


def _numbered(connection: duckdb.DuckDBPyConnection, *, is_part: bool) -> str:
    """Return `NUMBERED` over all records, or over the touched ones."""
    rows = {
        "records": ("SELECT source, source_key, is_reference FROM customer_record", RECORD),
        "clusters": ("SELECT * FROM record_cluster", RECORD),
        "references": ("SELECT left_source, left_key, right_source, right_key FROM reference_link", REFERENCE),
    }
    asked = {part: of_touched(connection, *found) if is_part else found[0] for part, found in rows.items()}
    return NUMBERED.format(told=TOLD, **asked)


def _taken(connection: duckdb.DuckDBPyConnection, own: duckdb.DuckDBPyConnection, key: str) -> pa.Table:
    wanted = own.sql(WANTED, params={"key": key}).to_arrow_table()
    if not wanted.num_rows:
        return _NONE
    connection.register("wanted", wanted)
    taken = connection.sql(TAKEN).to_arrow_table()
    connection.unregister("wanted")
    return taken


def _labels(size: int, joined: pa.Table) -> np.ndarray:
    left, right = (joined[column].to_numpy() - 1 for column in ("left_id", "right_id"))
    return components(size, left, right)


def _previous(connection: duckdb.DuckDBPyConnection, known: str, *, has_previous: bool) -> pa.Table:
    if not has_previous:
        return _EMPTY
    if not _is_founded(connection, has_previous):
        return connection.sql(UNFOUNDED).to_arrow_table()
    previous = PREVIOUS if _has(connection, "home_id") else PREVIOUS.replace("home_id", "customer_id AS home_id")
    return connection.sql(previous.format(known=known)).to_arrow_table()


def _is_founded(connection: duckdb.DuckDBPyConnection, has_previous: bool) -> bool:
    return has_previous and _has(connection, "founded_id")


def _has(connection: duckdb.DuckDBPyConnection, column: str) -> bool:
    return column in connection.sql("SELECT * FROM customer_xref LIMIT 0").columns


_NONE = pa.table({"customer_id": pa.array([], pa.string()), "taken": pa.array([], pa.int64())})
_TEXTS = {name: pa.array([], pa.string()) for name in ("source", "source_key", "home_id", "founded_id")}
_EMPTY = pa.table({**_TEXTS, "founded_at": pa.array([], pa.timestamp("us"))})
