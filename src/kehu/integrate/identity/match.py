"""Which records of people are one person: pairs with their evidence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from kehu.integrate.identity.block import QUIET, met_pairs
from kehu.integrate.identity.compare import COMPARISONS
from kehu.integrate.identity.scored_pair import scored_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.base.settings import Settings
    from kehu.base.types import Json

ROUNDED = 1e-6  # bits: to what weights are rounded
CERTAIN_WEIGHT = 12.0  # a shared key without contradiction: 1 - 1/4096
# Contradictions that no amount of shared household may outweigh; the weight of a pair is at most this.
CONFLICTS = {"other_generation": -12.0, "other_name_and_birth_date": -8.0, "other_name": -6.0, "other_birth_date": -3.0}

_PART = pa.struct([("comparison", pa.string()), ("level", pa.string()), ("weight", pa.float64())])
NOTHING = pa.table(
    {
        "left_id": pa.array([], pa.int64()),
        "right_id": pa.array([], pa.int64()),
        "splink_weight": pa.array([], pa.float64()),
        "conflict": pa.array([], pa.string()),
        "rule": pa.array([], pa.string()),
        "weight": pa.array([], pa.float64()),
        "parts": pa.array([], pa.list_(_PART)),
    }
)

# Gamma of a comparison: number of levels - 1 is the most agreement, 0 the least, -1 unknown.
_TOP = {part.name: len(part.levels) - 1 for part in COMPARISONS}
_NEAR_BIRTH = _TOP["birth_date"] - 1
_SAME_KEY = {
    "national_id": f"national_id = {_TOP['national_id']}",
    "email": f"email = {_TOP['email']}",
    "loyalty_card": f"loyalty_card = {_TOP['loyalty_card']}",
}
DECIDED = f"""
WITH named AS (
  SELECT *, other_suffix OR (one_suffix AND birth_date = 0) AS other_generation FROM pair
), judged AS (
  SELECT *,
    {_SAME_KEY["national_id"]} OR {_SAME_KEY["email"]} OR {_SAME_KEY["loyalty_card"]} AS shares_key,
    CASE
      WHEN other_generation THEN 'other_generation'
      WHEN given_name = 0 AND birth_date BETWEEN 0 AND {_NEAR_BIRTH - 1} THEN 'other_name_and_birth_date'
      WHEN given_name = 0 AND NOT (birth_date >= {_NEAR_BIRTH} AND household > 0 AND {_TOP["household"]} >= household)
        AND NOT {_SAME_KEY["national_id"]} AND NOT ({_SAME_KEY["email"]} AND {_SAME_KEY["loyalty_card"]})
        THEN 'other_name'
      WHEN birth_date = 0 AND household BETWEEN 1 AND {_TOP["household"]} AND household NOT IN (2, 4, 5)
        AND NOT ({_SAME_KEY["national_id"]} OR {_SAME_KEY["email"]}) THEN 'other_birth_date'
    END AS conflict
  FROM named
)
SELECT n, left_id, right_id, weight AS splink_weight, conflict,
  CASE
    WHEN is_given THEN 'given_by_source'
    WHEN conflict IS NOT NULL THEN conflict
    WHEN {_SAME_KEY["national_id"]} THEN 'national_id'
    WHEN {_SAME_KEY["email"]} THEN 'email'
    WHEN {_SAME_KEY["loyalty_card"]} THEN 'loyalty_card'
    ELSE 'splink'
  END AS rule,
  round(CASE
    WHEN is_given THEN greatest(weight, 2 * {CERTAIN_WEIGHT})
    {" ".join(f"WHEN conflict = '{name}' THEN least(weight, {weight})" for name, weight in CONFLICTS.items())}
    WHEN shares_key AND (given_name > 0 OR household > 0 OR given_name = -1) THEN greatest(weight, {CERTAIN_WEIGHT})
    ELSE weight
  END, 6) AS weight
FROM judged
"""
LIKELY = f"SELECT * FROM ({DECIDED}) WHERE greatest(weight, splink_weight) >= ?"


def matches(
    people: pa.Table,
    parameters: Json,
    keys: Iterable[str],
    settings: Settings,
    *,
    least: float = -math.inf,
    known: pa.Table | None = None,
) -> pa.Table:
    """Return the pairs that meet of which a record is marked, as :func:`weighed` does.

    Parameters
    ----------
    people : pyarrow.Table
        What `kehu.integrate.identity.block.records` returns, with ``is_marked``.
    parameters : mapping
        What comparisons weigh, see `kehu.integrate.identity.train.train`.
    keys : iterable of str
        Columns under which two records meet.
    settings : Settings
        Memory and threads.
    least : float
        Only pairs whose weight, or whose weight before rules, reaches it.
    known : pyarrow.Table, optional
        left_id, right_id: pairs that are compared whatever their keys.
    """
    pairs = met_pairs(people, None if parameters["every_pair"] else keys, settings, known)
    return weighed(people, pairs, parameters, settings, least=least)


def weighed(
    people: pa.Table, pairs: pa.Table, parameters: Json, settings: Settings, *, least: float = -math.inf
) -> pa.Table:
    """Return pairs with the decision's evidence.

    Parameters
    ----------
    people, parameters, settings, least
        As for :func:`matches`.
    pairs : pyarrow.Table
        left_id < right_id, in this order.

    Returns
    -------
    pyarrow.Table
        left_id, right_id (``unique_id`` of people, left < right), rule, weight (log2 odds that they are one
        person), splink_weight, conflict, parts (list of comparison, level, weight).
    """
    if people.num_rows < 2 or not parameters["comparisons"]:  # nobody has a value to compare
        return NOTHING
    scored = scored_pairs(people, pairs, parameters, settings)
    return pa.concat_tables([_decided(part, people, settings, least) for part in scored])


def _decided(scored: pa.Table, people: pa.Table, settings: Settings, least: float) -> pa.Table:
    scored = _likely(scored, people, least)
    with duckdb.connect(config={"memory_limit": settings.memory_limit}) as connection:
        connection.execute(QUIET)
        connection.register("scored", scored.append_column("n", pa.array(np.arange(scored.num_rows))))
        pairs, evidence = _pair_sql(scored.column_names)
        connection.execute(f"CREATE TEMP TABLE pair AS {pairs}")
        connection.execute(f"CREATE TEMP TABLE likely AS {LIKELY}", [least])
        told = f"SELECT d.* EXCLUDE (n), {evidence} AS parts FROM likely AS d JOIN scored AS s USING (n)"
        return connection.sql(f"{told} ORDER BY left_id, right_id").to_arrow_table()


def _likely(scored: pa.Table, people: pa.Table, least: float) -> pa.Table:
    """Return the pairs that may reach a weight, by a rule too, with what their records say beside comparisons."""
    left, right = scored["left_id"].to_numpy(), scored["right_id"].to_numpy()
    source, person, suffix = (_codes(people, name) for name in ("source", "person_key", "suffix"))
    is_given = (source[left] == source[right]) & (person[left] == person[right]) & (person[left] > 0)
    is_likely = is_given | (scored["match_weight"].to_numpy() >= least - ROUNDED)
    for name in _SAME_KEY:
        if f"gamma_{name}" in scored.column_names:
            is_likely |= scored[f"gamma_{name}"].to_numpy() == _TOP[name]
    said = {
        "is_given": is_given,
        "one_suffix": (suffix[left] > 0) != (suffix[right] > 0),
        "other_suffix": (suffix[left] != suffix[right]) & (suffix[left] > 0) & (suffix[right] > 0),
    }
    for name, column in said.items():
        scored = scored.append_column(name, pa.array(column))
    return scored.filter(pa.array(is_likely))


def _codes(people: pa.Table, column: str) -> np.ndarray:
    """Return a number that stands for the value of each record, 0 for none, by ``unique_id``."""
    ids = people["unique_id"].to_numpy()
    found = np.zeros(int(ids.max()) + 1, dtype=np.int64)
    found[ids] = people[column].combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy() + 1
    return found


def _pair_sql(columns: list[str]) -> tuple[str, str]:
    """Return the SELECT of levels and weights of scored pairs, and the expression of their evidence."""
    gammas, parts = [], []
    for part in COMPARISONS:
        gamma = f"gamma_{part.name}"
        if gamma not in columns:
            gammas.append(f"-1 AS {part.name}")
            continue
        gammas.append(f"{gamma} AS {part.name}")
        names = ", ".join(f"'{level.name}'" for level in reversed(part.levels))
        adjusted = f" + mw_tf_adj_{part.name}" if f"mw_tf_adj_{part.name}" in columns else ""
        parts.append(
            f"CASE WHEN {gamma} >= 0 THEN {{'comparison': '{part.name}', 'level': ([{names}])[{gamma} + 1], "
            f"'weight': round(mw_{part.name}{adjusted}, 2)}} END"
        )
    if "mw_relative" in columns:
        parts.append(
            "CASE WHEN abs(mw_relative) >= 0.005 THEN {'comparison': 'relative', 'level': 'one_home', "
            "'weight': round(mw_relative, 2)} END"
        )
    evidence = f"list_filter([{', '.join(parts)}], lambda part: part IS NOT NULL)"
    select = f"""
      SELECT n, left_id, right_id, is_given, one_suffix, other_suffix, round(match_weight, 6) AS weight,
        {", ".join(gammas)}
      FROM scored
    """
    return select, evidence
