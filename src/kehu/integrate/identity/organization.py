"""Which records of organizations are one: pairs with their evidence, weighed by what the records themselves teach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from kehu.integrate.identity.component import components
from kehu.integrate.identity.organization_feature import (
    compared,
    drawn,
    holders,
    met,
    places,
    prepare,
    set_up,
    weigh,
)
from kehu.integrate.identity.organization_weight import COMPARISONS, SEED, learned, weights

if TYPE_CHECKING:
    from kehu.base.types import Json

LEAST_RECORDS = 100  # below, nothing is learned: the levels' own m and u stand
LEAST_PLACES = 300  # a few records say little about how rare a value is; no town is smaller
MOST_KNOWN = 5000  # frequent values of a field that are kept; a rarer one counts as the rarest of these
RANDOM_PAIRS = 200_000
LIKELY_WEIGHT = 0.0
COMPONENT_CAP = 60
GIVEN_WEIGHT = 24.0  # the source itself says that two of its records are one
FIELDS = ("token", "phone", "email", "domain", "tax_id", "place", "city", "postcode")

ORGANIZATIONS = """
SELECT row_number() OVER (ORDER BY source, source_key) AS unique_id, * FROM match_organization ORDER BY unique_id
"""


def organizations(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return what is compared: one row per record of an organization, ``unique_id`` from 1.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``match_organization``.
    """
    return connection.sql(ORGANIZATIONS).to_arrow_table()


def organization_pairs(
    records: pa.Table, parameters: Json | None = None, *, memory_limit: str = "1GB", threads: int = 0
) -> tuple[pa.Table, Json]:
    """Return every compared pair with its match weight, and what was learned.

    Parameters
    ----------
    records : pyarrow.Table
        What :func:`organizations` returns; ``unique_id`` counts from 1 without gaps.
    parameters : dict, optional
        What an earlier call learned; the same parameters give a pair the same weight whatever other records there
        are. None learns from the records.
    memory_limit, threads
        What DuckDB may use; 0 threads means all.

    Returns
    -------
    pairs : pyarrow.Table
        left_id, right_id (left < right), weight (log2 odds that both are one organization at one place), parts (list
        of comparison, level, weight). Every pair that shares a block, and every pair inside a group of likely ones.
    parameters : dict
        set_up (digest of what is compared), prior (log2 odds of any pair), records, places, levels (m and u of each
        comparison), shares (of the places that hold a frequent value, by a mark of the value) and rest (of the places
        that hold any other).

    Notes
    -----
    Fellegi and Sunter (1969) with a Bayes factor m/u for each level; where a value agrees, u is the share of places
    that hold it, so a switchboard or a chain's name proves little. m, and u of names, by expectation maximization
    over the compared pairs; u of the other levels from random pairs.
    """
    config: dict[str, Json] = {"memory_limit": memory_limit, **({"threads": threads} if threads else {})}
    with duckdb.connect(config=config) as connection:
        prepare(connection, records)
        start = parameters or _start(connection, records.num_rows)
        weigh(connection, *_shares(start), start["places"])
        is_small = records.num_rows < LEAST_RECORDS
        near = drawn(records.num_rows, LEAST_RECORDS**2, SEED) if is_small else met(connection)
        pairs = compared(connection, near)
        known = start
        if parameters is None and not is_small:
            by_chance = compared(connection, drawn(records.num_rows, RANDOM_PAIRS, SEED))
            known = learned(start, pairs, by_chance, near["is_open"].to_numpy())
        inside = _inside(connection, pairs, weights(pairs, known).sum(axis=1) + known["prior"], records.num_rows)
        if inside.num_rows:
            pairs = pa.concat_tables([pairs, compared(connection, inside)])
        return _explained(pairs, known), known


def _start(connection: duckdb.DuckDBPyConnection, size: int) -> Json:
    count = max(places(connection), LEAST_PLACES)
    found = holders(connection, MOST_KNOWN)
    shares: dict[str, dict[str, float]] = {field: {} for field in FIELDS}
    for field, mark, held in zip(*(found[name].to_pylist() for name in ("field", "mark", "holders")), strict=True):
        shares[field][mark] = held / count
    rest = {field: min(known.values()) if len(known) >= MOST_KNOWN else 1 / count for field, known in shares.items()}
    odds = 0.5 / max(size, 2)
    return {
        "set_up": set_up(), "prior": math.log2(odds / (1 - odds)), "records": size, "places": count,
        "levels": {part.name: {"m": list(part.m), "u": list(part.u)} for part in COMPARISONS},
        "shares": shares, "rest": rest,
    }  # fmt: skip


def _shares(parameters: Json) -> tuple[pa.Table, pa.Table]:
    rows = [
        (field, mark, share) for field, known in parameters["shares"].items() for mark, share in known.items()
    ]  # frequent values, bounded by MOST_KNOWN
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    known = pa.table(
        {"field": pa.array(columns[0], pa.string()), "mark": pa.array(columns[1], pa.string()),
         "share": pa.array(columns[2], pa.float64())}
    )  # fmt: skip
    rest = parameters["rest"]
    return known, pa.table({"field": list(rest), "share": pa.array(rest.values(), pa.float64())})


def _inside(connection: duckdb.DuckDBPyConnection, pairs: pa.Table, weight: np.ndarray, size: int) -> pa.Table:
    """Return the pairs inside groups of likely ones that no block brought together."""
    likely = weight >= LIKELY_WEIGHT
    left, right = (pairs[name].to_numpy()[likely] - 1 for name in ("left_id", "right_id"))
    labels = components(size, left, right)
    members = np.bincount(labels)[labels]
    worth = np.flatnonzero((members > 2) & (members <= COMPONENT_CAP))
    connection.register("grouped", pa.table({"unique_id": worth + 1, "component": labels[worth]}))
    connection.register("met_pair", pairs.select(["left_id", "right_id"]))
    return connection.sql("""
      SELECT l.unique_id AS left_id, r.unique_id AS right_id
      FROM grouped AS l JOIN grouped AS r ON r.component = l.component AND r.unique_id > l.unique_id
      ANTI JOIN met_pair AS m ON m.left_id = l.unique_id AND m.right_id = r.unique_id
    """).to_arrow_table()


def _explained(pairs: pa.Table, parameters: Json) -> pa.Table:
    bits = np.round(weights(pairs, parameters), 2)
    given = pairs["is_given"].to_numpy(zero_copy_only=False)
    total = bits.sum(axis=1) + parameters["prior"]
    told = pairs.append_column("total", pa.array(np.where(given, np.maximum(total, GIVEN_WEIGHT), total)))
    for place, part in enumerate(COMPARISONS):
        told = told.append_column(f"{part.name}_bits", pa.array(bits[:, place]))
    parts = ", ".join(
        f"CASE WHEN {part.name} >= 0 THEN {{'comparison': '{part.name}', 'level': "
        f"([{', '.join(repr(level) for level in part.levels)}])[{part.name} + 1], 'weight': {part.name}_bits}} END"
        for part in COMPARISONS
    )
    with duckdb.connect() as connection:
        connection.register("told", told)
        return connection.sql(f"""
          SELECT left_id, right_id, round(total, 6) AS weight,
            list_filter([{parts}], lambda part: part IS NOT NULL) AS parts
          FROM told ORDER BY left_id, right_id
        """).to_arrow_table()
