"""The pairs of records that identity rests on: people by likeness, references by what they name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from kehu.integrate.identity.cluster import clusters
from kehu.integrate.identity.match import matches, records
from kehu.integrate.identity.reference import resolve

if TYPE_CHECKING:
    from kehu.base.settings import Settings

KEPT = """
SELECT l.source AS left_source, l.source_key AS left_key, r.source AS right_source, r.source_key AS right_key,
  m.rule, 1 / (1 + pow(2, -m.weight)) AS probability, m.weight,
  CASE WHEN m.weight >= $match THEN 'match' WHEN m.weight >= $review THEN 'review' ELSE 'apart' END AS decision,
  to_json({'splink_weight': round(m.splink_weight, 2), 'conflict': m.conflict, 'parts': m.parts}) AS evidence
FROM matched AS m
JOIN person AS l ON l.unique_id = m.left_id
JOIN person AS r ON r.unique_id = m.right_id
WHERE m.weight >= $review OR m.splink_weight >= $review OR l.component = r.component
"""


def links(connection: duckdb.DuckDBPyConnection, settings: Settings) -> pa.Table:
    """Return pairs of records with rule, probability, decision and evidence.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``customer_record`` and ``blocked_value``.
    settings : Settings
        ``match_at`` and ``review_at``, memory and threads.

    Returns
    -------
    pyarrow.Table
        left_source, left_key, right_source, right_key, rule, probability, weight, decision, evidence (JSON text).
        Of people: pairs from ``review_at``, contradictions that would else have reached it, and every compared pair
        inside a group of matches. Of references: one row to the record or reference each resolves to.
    """
    people = records(connection)
    matched = matches(people, settings) if people.num_rows > 1 else _nothing()
    labels = clusters(people.num_rows, matched, match_at=settings.match_at)
    groups = clusters(people.num_rows, matched, match_at=settings.match_at, divide=False)
    person = people.select(["unique_id", "source", "source_key"])
    person = person.append_column("cluster", pa.array(labels)).append_column("component", pa.array(groups))
    with duckdb.connect() as own:
        own.register("matched", matched)
        own.register("person", person)
        limits = {"match": log_odds(settings.match_at), "review": log_odds(settings.review_at)}
        pairs = own.execute(KEPT, limits).to_arrow_table()
    return pa.concat_tables([pairs, resolve(connection, person)], promote_options="permissive")


def log_odds(probability: float) -> float:
    """Return log2 odds of a probability, as match weights are counted."""
    return math.log2(probability / (1 - probability)) if probability < 1 else 20.0


def _nothing() -> pa.Table:
    return pa.table(
        {
            "left_id": pa.array([], pa.int64()),
            "right_id": pa.array([], pa.int64()),
            "splink_weight": pa.array([], pa.float64()),
            "conflict": pa.array([], pa.string()),
            "rule": pa.array([], pa.string()),
            "weight": pa.array([], pa.float64()),
            "parts": pa.array([], pa.list_(pa.string())),
        }
    )
