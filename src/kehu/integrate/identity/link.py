"""The pairs of records that identity rests on, with their evidence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from kehu.integrate.identity.block import around, flipped, index, records
from kehu.integrate.identity.compare import BLOCKS, log_odds
from kehu.integrate.identity.component import components
from kehu.integrate.identity.match import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.base.settings import Settings
    from kehu.base.types import Json

GROUP_CAP = 60  # all pairs of a group of matches are compared, but for groups beyond this
KEPT = """
SELECT l.source AS left_source, l.source_key AS left_key, r.source AS right_source, r.source_key AS right_key,
  m.rule, 1 / (1 + pow(2, -m.weight)) AS probability, m.weight,
  CASE WHEN m.weight >= $match THEN 'match' WHEN m.weight >= $review THEN 'review' ELSE 'apart' END AS decision,
  to_json({'splink_weight': round(m.splink_weight, 2), 'prior': round(CAST($prior AS DOUBLE), 2),
    'conflict': m.conflict, 'parts': m.parts}) AS evidence
FROM matched AS m
JOIN person AS l ON l.unique_id = m.left_id
JOIN person AS r ON r.unique_id = m.right_id
WHERE (m.weight >= $review OR m.splink_weight >= $review OR l.match_group = r.match_group)
  AND (l.is_marked OR r.is_marked)
"""
# Records reached from marked ones over matches as they were stored.
REACHED = """
SELECT right_source AS source, right_key AS source_key FROM record_link AS k
SEMI JOIN marked AS m ON m.source = k.left_source AND m.source_key = k.left_key WHERE k.decision = 'match'
UNION SELECT left_source, left_key FROM record_link AS k
SEMI JOIN marked AS m ON m.source = k.right_source AND m.source_key = k.right_key WHERE k.decision = 'match'
"""
# Rows of the same left records that nothing touched: they stay as they were.
BESIDE = """
SELECT k.* FROM record_link AS k
SEMI JOIN temp.touched AS t ON t._k1 = k.left_source AND t._k2 = k.left_key
ANTI JOIN marked AS l ON l.source = k.left_source AND l.source_key = k.left_key
ANTI JOIN marked AS r ON r.source = k.right_source AND r.source_key = k.right_key
"""
TOUCHED = """
INSERT INTO temp.touched (_k1, _k2, _is_fresh)
SELECT source, source_key, FALSE FROM (
  SELECT source, source_key FROM marked
  UNION SELECT left_source, left_key FROM fresh_link
  UNION SELECT k.left_source, k.left_key FROM record_link AS k
  SEMI JOIN marked AS m ON m.source = k.right_source AND m.source_key = k.right_key
) AS t ANTI JOIN temp.touched AS o ON o._k1 = t.source AND o._k2 = t.source_key
"""


OF_ORGANIZATIONS = """
SELECT l.source AS left_source, l.source_key AS left_key, r.source AS right_source, r.source_key AS right_key,
  'organization' AS rule, 1 / (1 + pow(2, -m.weight)) AS probability, m.weight,
  CASE WHEN m.weight >= $match THEN 'match' WHEN m.weight >= $review THEN 'review' ELSE 'apart' END AS decision,
  to_json({'splink_weight': round(m.weight, 2), 'prior': round(CAST($prior AS DOUBLE), 2),
    'conflict': CAST(NULL AS VARCHAR), 'parts': m.parts}) AS evidence
FROM matched AS m
JOIN organization AS l ON l.unique_id = m.left_id
JOIN organization AS r ON r.unique_id = m.right_id
WHERE m.weight >= $review OR l.match_group = r.match_group
"""


def organization_links(connection: duckdb.DuckDBPyConnection, settings: Settings, parameters: Json) -> pa.Table:
    """Return pairs of records of organizations, with the columns of :func:`links`.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``match_organization``.
    settings : Settings
        ``match_at`` and ``review_at``, memory and threads.
    parameters : mapping
        What `kehu.integrate.identity.organization.organization_pairs` learned.
    """
    from kehu.integrate.identity.organization import organization_pairs, organizations  # loaded where there are some

    records = organizations(connection)
    limits = {
        "match": log_odds(settings.match_at),
        "review": log_odds(settings.review_at),
        "prior": parameters["prior"],
    }
    matched, _ = organization_pairs(
        records, parameters, memory_limit=settings.memory_limit, threads=settings.threads
    )  # what it learned was learned before
    groups = _groups(records.num_rows, matched, limits["match"])
    named = records.select(["unique_id", "source", "source_key"]).append_column("match_group", pa.array(groups))
    with duckdb.connect() as own:
        own.register("matched", matched)
        own.register("organization", named)
        return own.execute(OF_ORGANIZATIONS, limits).to_arrow_table()


def links(connection: duckdb.DuckDBPyConnection, settings: Settings, parameters: Json) -> pa.Table:
    """Return pairs of records of persons with rule, probability, decision and evidence.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``match_record``.
    settings : Settings
        ``match_at`` and ``review_at``, memory and threads.
    parameters : mapping
        What comparisons weigh, see `kehu.integrate.identity.train.train`.

    Returns
    -------
    pyarrow.Table
        left_source, left_key, right_source, right_key, rule, probability, weight, decision, evidence (JSON text):
        pairs from ``review_at``, contradictions that would else have reached it, and every compared pair inside a
        group of matches.
    """
    people = records(connection)
    people = people.append_column("is_marked", pa.array(np.ones(people.num_rows, dtype=bool)))
    return _kept(people, settings, parameters)


def touched_links(connection: duckdb.DuckDBPyConnection, settings: Settings, parameters: Json) -> pa.Table:
    """Return the rows that :func:`links` has for the left records in ``touched``, at the cost of the change.

    Beside the touched records, all of their former and present groups of matches are compared anew, and who stands
    under a key that came to be, or stopped being, shared by too many. What that adds is put into ``touched``.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``match_record``, the former ``record_link``, ``changed_match_record`` and ``touched`` (_k1, _k2).
    settings, parameters
        As for :func:`links`; the former rows were made with the same.
    """
    index(connection)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE marked AS SELECT _k1 AS source, _k2 AS source_key FROM temp.touched "
        f"UNION {flipped(connection)}"
    )
    while True:  # marks only grow
        _mark_reached(connection)
        people = _every(connection) if parameters["every_pair"] else around(connection, "temp.marked")
        found = _kept(people, settings, parameters)
        connection.register("fresh_link", found)
        if not _mark(connection, _ENDS):
            break
        connection.unregister("fresh_link")
    connection.execute(TOUCHED)
    beside = connection.sql(BESIDE).to_arrow_table()
    connection.unregister("fresh_link")
    for table in ("marked", "match_key", "changed_key", "marked_key", "met_key"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    return pa.concat_tables([found, beside.select(found.column_names).cast(found.schema)])


_ENDS = """
SELECT left_source AS source, left_key AS source_key FROM fresh_link WHERE decision = 'match'
UNION SELECT right_source, right_key FROM fresh_link WHERE decision = 'match'
"""


def _mark_reached(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the whole former groups of the marked records."""
    while _mark(connection, REACHED):
        pass


def _mark(connection: duckdb.DuckDBPyConnection, select: str) -> int:
    sql = f"INSERT INTO temp.marked SELECT * FROM ({select}) AS t ANTI JOIN temp.marked USING (source, source_key)"
    found = connection.execute(sql).fetchone()
    return int(found[0]) if found else 0


def _every(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return all records, marked ones marked: there are so few that every pair is compared."""
    people = records(connection)
    connection.register("people", people)
    marks = "SELECT m.source IS NOT NULL FROM people LEFT JOIN temp.marked AS m USING (source, source_key)"
    is_marked = connection.sql(f"{marks} ORDER BY unique_id").to_arrow_table().column(0)
    connection.unregister("people")
    return people.append_column("is_marked", is_marked)


def _kept(people: pa.Table, settings: Settings, parameters: Json) -> pa.Table:
    """Return the rows of all pairs of which at least one record is marked."""
    limits = {"match": log_odds(settings.match_at), "review": log_odds(settings.review_at),
              "prior": log_odds(parameters["share"])}  # fmt: skip
    is_small = parameters["every_pair"]
    matched = _weighed(people, parameters, BLOCKS, settings, -math.inf if is_small else limits["review"])
    groups = _groups(people.num_rows, matched, limits["match"])
    sizes = np.bincount(groups, minlength=people.num_rows + 1)[groups]
    small, large = (sizes > 2) & (sizes <= GROUP_CAP), sizes > GROUP_CAP
    for inside, keys in ((small, ("match_group",)), (large, tuple(BLOCKS))):  # what speaks against a match counts there
        if inside.any() and not is_small:
            mates = people.append_column("match_group", pa.array(groups)).filter(pa.array(inside))
            matched = _also(matched, _weighed(mates, parameters, keys, settings))
    person = people.select(["unique_id", "source", "source_key", "is_marked"])
    with duckdb.connect() as own:
        own.register("matched", matched)
        own.register("person", person.append_column("match_group", pa.array(groups)))
        return own.execute(KEPT, limits).to_arrow_table()


def _weighed(
    people: pa.Table, parameters: Json, keys: Iterable[str], settings: Settings, least: float = -math.inf
) -> pa.Table:
    """Return pairs as they match, near misses weighed anew where people's answers taught how."""
    matched = matches(people, parameters, keys, settings, least=least)
    if not parameters.get("rescorer"):
        return matched
    from kehu.integrate.identity.rescore import rescored  # LightGBM takes seconds to load

    return rescored(matched, parameters["rescorer"], log_odds(settings.review_at), log_odds(settings.match_at))


def _groups(size: int, matched: pa.Table, threshold: float) -> np.ndarray:
    linked = matched["weight"].to_numpy() >= threshold
    left, right = (matched[name].to_numpy()[linked] - 1 for name in ("left_id", "right_id"))
    return components(size, left, right)


def _also(met: pa.Table, beside: pa.Table) -> pa.Table:
    """Return the pairs of both tables; those of both once."""
    with duckdb.connect() as own:
        own.register("met", met)
        own.register("beside", beside)
        sql = "SELECT * FROM met UNION ALL SELECT * FROM beside ANTI JOIN met USING (left_id, right_id)"
        return own.sql(sql).to_arrow_table()
