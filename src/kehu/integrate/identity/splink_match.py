"""Splink: pairs of records that meet under a key, each with its match weight under given parameters."""

from __future__ import annotations

import logging
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
from splink import DuckDBAPI, Linker

from kehu.integrate.identity.block import QUIET
from kehu.integrate.identity.compare import BLOCKS, COMPARISONS, MACROS, set_up
from kehu.integrate.identity.relative import Kinds, Met, Shares, correction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kehu.base.settings import Settings
    from kehu.base.types import Json
    from kehu.integrate.identity.compare import Comparison, Level

LEAST_FREQUENCY = 2e-5  # what is rarer counts as this rare: one odd spelling must not prove anything
CHUNK = 2_000_000  # pairs scored at once
PAIRS = "SELECT left_id AS join_key_l, right_id AS join_key_r, '0' AS match_key FROM kehu_met"
FREQUENCIES = sorted({level.frequency for part in COMPARISONS for level in part.levels if level.frequency})


def scored_pairs(people: pa.Table, met: pa.Table, parameters: Json, settings: Settings) -> Iterator[pa.Table]:
    """Yield pairs of records with their match weights, ``CHUNK`` pairs at a time: that bounds the memory.

    Parameters
    ----------
    people : pyarrow.Table
        One row per record: ``unique_id`` and the columns of ``COMPARISONS``.
    met : pyarrow.Table
        The pairs: left_id, right_id (``unique_id`` of people), see `kehu.integrate.identity.block.met_pairs`.
    parameters : mapping
        What `kehu.integrate.identity.train.train` returned. The same parameters give a pair the same weight,
        whatever other records are there.
    settings : Settings
        Memory and threads.

    Yields
    ------
    pyarrow.Table
        unique_id_l, unique_id_r, match_weight, and per comparison ``gamma_<name>`` (-1 unknown, 0 least
        agreement) and ``mw_<name>``, ``mw_tf_adj_<name>`` (log2 Bayes factors).
    """
    used = [part for part in COMPARISONS if part.name in parameters["comparisons"]]
    known = splink_settings(used, parameters, rules_of(("unique_id",)))  # not followed: the pairs are given
    with opened(settings) as connection:
        api = DuckDBAPI(connection)
        frame = api.register(people.drop_columns([key for key in BLOCKS if key in people.column_names]))
        linker = Linker(frame, known, log_level="ERROR", validate_settings=False)
        _register_frequencies(linker, connection, people, parameters)
        for start in range(0, max(met.num_rows, 1), CHUNK):
            table = f"kehu_pair_{start}"  # a table of its own: DuckDB reads a stream of Arrow with one thread
            connection.register("kehu_met", met.slice(start, CHUNK))
            connection.execute(f"CREATE TABLE {table} AS {PAIRS}")
            linker.table_management.register_blocked_pairs_for_predict(api.register(table))
            pairs = predicted(linker, used, known)
            connection.execute(f"DROP TABLE {table}")
            yield _among_relatives(pairs, used, parameters) if "home" in parameters else pairs


def met(pairs: pa.Table, used: list[Comparison]) -> Met:
    """Return the levels that scored pairs reach, and what their rare values add."""
    adjusted = {part.name: pairs[f"mw_tf_adj_{part.name}"].to_numpy() for part in used
                if f"mw_tf_adj_{part.name}" in pairs.column_names}  # fmt: skip
    nothing = np.zeros(pairs.num_rows)
    return Met(
        [pairs[f"gamma_{part.name}"].to_numpy() for part in used],
        sum(adjusted.values(), nothing),
        sum((bits for name, bits in adjusted.items() if name in ("household", "place")), nothing),
    )


def _among_relatives(pairs: pa.Table, used: list[Comparison], parameters: Json) -> pa.Table:
    """Weigh that a pair may also be two persons of one home, see `kehu.integrate.identity.relative`."""
    extra = correction(kinds_of(used, parameters), met(pairs, used))
    place = pairs.column_names.index("match_weight")
    weight = pa.array(pairs["match_weight"].to_numpy() + extra)
    return pairs.set_column(place, "match_weight", weight).append_column("mw_relative", pa.array(extra))


def kinds_of(used: list[Comparison], parameters: Json) -> Kinds:
    """Return the three kinds of pairs that parameters tell."""
    shares = []
    for part in used:
        known, relatives = parameters["comparisons"][part.name], parameters["home"]["comparisons"][part.name]
        said = [(*known[level.name], *relatives[level.name]) for level in reversed(part.levels)]
        one, _, home, two = (np.array(column) for column in zip(*said, strict=True))
        shares.append(Shares(one, home, two))
    return Kinds(parameters["share"], parameters["home"]["share"], tuple(shares))


@contextmanager
def opened(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database of its own with the macros of the comparisons."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    threads = {"threads": settings.threads} if settings.threads else {}
    config: dict[str, Json] = {"memory_limit": settings.memory_limit, **threads}
    with duckdb.connect(config=config) as connection:
        connection.execute(QUIET)
        for macro in MACROS:
            connection.execute(f"CREATE MACRO {macro}")
        yield connection


def predicted(linker: Linker, used: list[Comparison], known: dict[str, Json]) -> pa.Table:
    """Return Splink's pairs with the level reached instead of the values compared."""
    predictions = linker.inference.predict(warning_mode="never")
    scored = predictions.as_duckdbpyrelation()
    found = scored.select(_slim(used, known, scored.columns)).to_arrow_table()
    predictions.drop_table_from_database_and_remove_from_cache()
    return found


def splink_settings(used: list[Comparison], parameters: Json, rules: list[dict[str, Json]]) -> dict[str, Json]:
    """Return Splink's settings for these comparisons, parameters and blocking rules."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": parameters["share"],
        "blocking_rules_to_generate_predictions": rules,
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "em_convergence": 0.001,
        "comparisons": [_comparison(part, parameters["comparisons"][part.name]) for part in used],
        "sql_dialect": "duckdb",
        "linker_uid": "kehu",
    }


def rules_of(keys: Iterable[str]) -> list[dict[str, Json]]:
    """Return one blocking rule per key."""
    return [{"blocking_rule": f"l.{key} = r.{key}", "sql_dialect": "duckdb"} for key in keys]


def given_parameters(size: int, used: Iterable[Comparison]) -> dict[str, Json]:
    """Return the parameters before any training: the levels' own m and u."""
    levels = {part.name: {level.name: [level.m, apart(level.u, place)] for place, level in enumerate(part.levels)}
              for part in used}  # fmt: skip
    share = 0.3 / max(size, 2)
    return {
        "set_up": set_up(),
        "share": share,
        "every_pair": False,
        "comparisons": levels,
        "frequency": {},
        "rare": LEAST_FREQUENCY,
    }


def apart(u: float, place: int) -> float:
    """Return ``u`` changed so little that no two levels weigh the same: the weight tells the level."""
    return u * (1 + 1e-5 * (place + 1))


def _register_frequencies(
    linker: Linker, connection: duckdb.DuckDBPyConnection, people: pa.Table, parameters: Json
) -> None:
    connection.register("kehu_people", people)
    for column in FREQUENCIES:
        known = parameters["frequency"].get(column, {})
        values = {"value": pa.array(list(known), pa.string()), "share": pa.array(list(known.values()), pa.float64())}
        connection.register("kehu_known", pa.table(values))
        connection.execute(f"""
          CREATE TABLE kehu_tf_{column} AS SELECT p.{column}, coalesce(k.share, {parameters["rare"]}) AS tf_{column}
          FROM (SELECT DISTINCT {column} FROM kehu_people WHERE {column} IS NOT NULL) AS p
          LEFT JOIN kehu_known AS k ON k.value = p.{column}
        """)
        lookup = DuckDBAPI(connection).register(f"kehu_tf_{column}")
        linker.table_management.register_term_frequency_lookup(lookup, column)


def _slim(used: list[Comparison], known: dict[str, Json], columns: list[str]) -> str:
    """Splink's output with the level reached instead of the values compared, found by its (unique) weight."""
    selected = ["unique_id_l", "unique_id_r", "match_weight"]
    for part, said in zip(used, known["comparisons"], strict=True):
        weight = f"mw_{part.name}"
        levels = [math.log2(level["m_probability"] / level["u_probability"]) for level in said["comparison_levels"][1:]]
        cases = " ".join(
            f"WHEN abs({weight} - ({value})) < 1e-7 THEN {len(levels) - 1 - place}"
            for place, value in enumerate(levels)
        )
        selected += [weight, f"CASE {cases} ELSE -1 END AS gamma_{part.name}"]
        selected += [name for name in (f"mw_tf_adj_{part.name}",) if name in columns]
    return ", ".join(selected)


def _comparison(part: Comparison, shares: dict[str, list[float]]) -> dict[str, Json]:
    unknown = {"sql_condition": part.unknown, "label_for_charts": "unknown", "is_null_level": True}
    return {
        "output_column_name": part.name,
        "comparison_levels": [unknown, *(_level(level, *shares[level.name]) for level in part.levels)],
    }


def _level(level: Level, m: float, u: float) -> dict[str, Json]:
    found: dict[str, Json] = {
        "sql_condition": level.sql,
        "label_for_charts": level.name,
        "m_probability": m,
        "u_probability": u,
    }
    if level.frequency:
        found["tf_adjustment_column"] = level.frequency
        found["tf_minimum_u_value"] = LEAST_FREQUENCY
        found["disable_tf_exact_match_detection"] = True
    return found
