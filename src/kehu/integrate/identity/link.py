"""The pairs of records that identity rests on, with their evidence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from kehu.integrate.identity.block import BLOCKS, RECORD, met_pairs, named, records, remember
from kehu.integrate.identity.compare import log_odds
from kehu.integrate.identity.component import components
from kehu.integrate.identity.match import matches, weighed
from kehu.warehouse.session.spare import without_pandas

if TYPE_CHECKING:
    from kehu.base.settings import Settings
    from kehu.base.types import Json

GROUP_CAP = 200  # all pairs of a group of matches are compared, but for groups beyond this
# By comparison the level and the weight: as a list of objects, each with three names, the text would be twice as long.
PARTS = """
map_from_entries(list_transform(m.parts, lambda part: (part.comparison, json_array(part.level, part.weight))))
"""
KEPT = f"""
SELECT l.source AS left_source, l.source_key AS left_key, r.source AS right_source, r.source_key AS right_key,
  m.rule, 1 / (1 + pow(2, -m.weight)) AS probability, m.weight,
  CASE WHEN m.weight >= $match THEN 'match' WHEN m.weight >= $review THEN 'review' ELSE 'apart' END AS decision,
  CAST(to_json({{'splink_weight': round(m.splink_weight, 2), 'prior': round(CAST($prior AS DOUBLE), 2),
    'conflict': m.conflict, 'parts': {PARTS}}}) AS VARCHAR) AS evidence
FROM matched AS m
JOIN person AS l ON l.unique_id = m.left_id
JOIN person AS r ON r.unique_id = m.right_id
WHERE m.weight >= $review OR m.splink_weight >= $review OR l.match_group = r.match_group
"""
LEFT, RIGHT = named("left_source", "left_key"), named("right_source", "right_key")
FORMER = f"SELECT {LEFT} AS a, {RIGHT} AS b, decision = 'match' AS is_match FROM record_link"
KNOWN = """
SELECT l.unique_id AS left_id, r.unique_id AS right_id FROM temp.known AS k
JOIN people AS l ON l.record = k.a JOIN people AS r ON r.record = k.b
"""
OF_ORGANIZATIONS = f"""
SELECT l.source AS left_source, l.source_key AS left_key, r.source AS right_source, r.source_key AS right_key,
  'organization' AS rule, 1 / (1 + pow(2, -m.weight)) AS probability, m.weight,
  CASE WHEN m.weight >= $match THEN 'match' WHEN m.weight >= $review THEN 'review' ELSE 'apart' END AS decision,
  CAST(to_json({{'splink_weight': round(m.weight, 2), 'prior': round(CAST($prior AS DOUBLE), 2),
    'conflict': CAST(NULL AS VARCHAR), 'parts': {PARTS}}}) AS VARCHAR) AS evidence
FROM matched AS m
JOIN organization AS l ON l.unique_id = m.left_id
JOIN organization AS r ON r.unique_id = m.right_id
WHERE m.weight >= $review OR l.match_group = r.match_group
"""


class Met(NamedTuple):
    """Pairs of records that meet.

    Attributes
    ----------
    matched : pyarrow.Table
        What `kehu.integrate.identity.match.matches` returns of those from ``review_at``.
    known : pyarrow.Table, optional
        left_id, right_id: those that were compared before, whatever they weigh.
    """

    matched: pa.Table
    known: pa.Table | None


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
    groups = components(records.num_rows, *match_ends(matched, settings))
    named = records.select(["unique_id", "source", "source_key"]).append_column("match_group", pa.array(groups))
    with duckdb.connect() as own:
        own.register("matched", matched)
        own.register("organization", named)
        return own.sql(OF_ORGANIZATIONS, params=limits).to_arrow_table()


def links(
    connection: duckdb.DuckDBPyConnection, settings: Settings, parameters: Json, *, has_former: bool = False
) -> pa.Table:
    """Return pairs of records of persons with rule, probability, decision and evidence.

    Compared is who meets under a key, and who was compared before and still shares one: that it comes to be shared by
    too many takes no pair away, or customers would part because others came.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``match_record`` and ``match_key``.
    settings : Settings
        ``match_at`` and ``review_at``, memory and threads.
    parameters : mapping
        What comparisons weigh, see `kehu.integrate.identity.train.train`.
    has_former : bool
        Whether the connection holds the former ``record_link``.

    Returns
    -------
    pyarrow.Table
        left_source, left_key, right_source, right_key, rule, probability, weight, decision, evidence (JSON text):
        pairs from ``review_at``, contradictions that would else have reached it, and every compared pair inside a
        group of matches.
    """
    people = records(connection)
    known = _known(connection, people) if has_former else None
    everyone = pa.array(np.ones(people.num_rows, dtype=bool))
    people = people.append_column("is_marked", everyone)
    pairs = met_pairs(people, None if parameters["every_pair"] else BLOCKS, settings, known)
    found = met(people, pairs, known, settings, parameters)
    labels = components(people.num_rows, *match_ends(found.matched, settings))
    return kept(people, everyone, found, labels, settings, parameters)


def _known(connection: duckdb.DuckDBPyConnection, people: pa.Table) -> pa.Table:
    """Return the pairs of people that were compared before and still share a key: left_id, right_id."""
    remember(connection, FORMER)
    connection.register("numbered", people.select(["unique_id", "source", "source_key"]))
    try:
        with_record = f"WITH people AS (SELECT unique_id, {RECORD} AS record FROM numbered)"
        return connection.sql(f"{with_record} {KNOWN}").to_arrow_table()
    finally:
        connection.unregister("numbered")
        connection.execute("DROP TABLE temp.known")


def met(people: pa.Table, pairs: pa.Table, known: pa.Table | None, settings: Settings, parameters: Json) -> Met:
    """Return those of the pairs that meet, or met before, from ``review_at``.

    Parameters
    ----------
    people : pyarrow.Table
        What `kehu.integrate.identity.block.records` returns.
    pairs : pyarrow.Table
        left_id, right_id: all pairs that meet, see `kehu.integrate.identity.block.met_pairs`.
    known : pyarrow.Table, optional
        left_id, right_id: pairs that were compared before.
    """
    least = -math.inf if parameters["every_pair"] else log_odds(settings.review_at)
    matched = weighed(people, pairs, parameters, settings, least=least)
    return Met(_rescored(matched, parameters, settings), known)


def match_ends(matched: pa.Table, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Return the places, from 0, of the left and the right records of the pairs that match."""
    is_match = matched["weight"].to_numpy() >= log_odds(settings.match_at)
    left, right = (matched[name].to_numpy()[is_match] - 1 for name in ("left_id", "right_id"))
    return left, right


def kept(
    people: pa.Table, is_anew: pa.Array, found: Met, groups: np.ndarray, settings: Settings, parameters: Json
) -> pa.Table:
    """Return the rows of pairs of which one record is ``is_anew``.

    Parameters
    ----------
    people : pyarrow.Table
        Records; the pairs inside groups with one that is ``is_anew`` are compared beside those found.
    is_anew : pyarrow.Array
        Whether all pairs of a record inside its group are looked at.
    found : Met
        What :func:`met` returned.
    groups : ndarray
        Group of matches of each record.
    """
    people = people.set_column(people.column_names.index("is_marked"), "is_marked", is_anew)
    people = people.append_column("match_group", pa.array(groups))
    sizes = np.bincount(groups, minlength=1)[groups] * np.isin(groups, groups[is_anew.to_numpy(zero_copy_only=False)])
    matched = found.matched
    small, large = (sizes > 2) & (sizes <= GROUP_CAP), sizes > GROUP_CAP
    for inside, keys in ((small, ("match_group",)), (large, tuple(BLOCKS))):  # what speaks against a match counts there
        if inside.any() and not parameters["every_pair"]:
            mates = people.filter(pa.array(inside))
            beside = matches(mates, parameters, keys, settings, known=found.known)
            matched = _also(matched, _rescored(beside, parameters, settings))
    limits = {"match": log_odds(settings.match_at), "review": log_odds(settings.review_at),
              "prior": log_odds(parameters["share"])}  # fmt: skip
    with duckdb.connect() as own, without_pandas():
        own.register("matched", matched)
        own.register("person", people.select(["unique_id", "source", "source_key", "match_group"]))
        return own.sql(KEPT, params=limits).to_arrow_table()


def _rescored(matched: pa.Table, parameters: Json, settings: Settings) -> pa.Table:
    """Return pairs with near misses weighed anew where people's answers taught how."""
    if not parameters.get("rescorer"):
        return matched
    from kehu.integrate.identity.rescore import rescored  # LightGBM takes seconds to load

    return rescored(matched, parameters["rescorer"], log_odds(settings.review_at), log_odds(settings.match_at))


def _also(met: pa.Table, beside: pa.Table) -> pa.Table:
    """Return the pairs of both tables; those of both once."""
    with duckdb.connect() as own:
        own.register("met", met)
        own.register("beside", beside)
        sql = "SELECT * FROM met UNION ALL SELECT * FROM beside ANTI JOIN met USING (left_id, right_id)"
        return own.sql(sql).to_arrow_table()
