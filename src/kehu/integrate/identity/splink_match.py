"""Splink, behind one door: records of people in, scored pairs out."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from splink import DuckDBAPI, Linker
from splink.internals.exceptions import EMTrainingException

from kehu.integrate.identity.compare import BLOCKS, COMPARISONS, MACROS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from splink.internals.blocking_rule_creator import BlockingRuleCreator

    from kehu.base.types import Json
    from kehu.integrate.identity.compare import Comparison, Level

LEAST_RECORDS = 200  # below, no training: the levels' own m and u stand
TRAINED_SHARE = 0.7  # weight of what was learned against the levels' own m; keeps a thin table from going wild
SAMPLED_PAIRS = 1e6
RANDOM_PAIRS = 2e5
TRAINING = (
    ("email",),
    ("given", "family"),
    ("birth",),
    ("phone",),
)
CERTAIN = (  # pairs that are one person nearly always, and the share of all true pairs they are taken for
    (("national_id",), "l.national_id = r.national_id"),
    (("email", "given"), "l.email = r.email AND l.given = r.given"),
    (("given", "birth"), "l.given = r.given AND l.family = r.family AND l.birth = r.birth"),
    (("given", "phone"), "l.given = r.given AND l.family = r.family AND l.phone = r.phone"),
)
CERTAIN_RECALL = 0.7
LEAST_FREQUENCY = 0.0005
LIKELY_WEIGHT = 0.0
COMPONENT_CAP = 60
LARGEST_SHIFT = 3.0
SEED = 7


def scored_pairs(records: pa.Table, *, memory_limit: str = "1GB", threads: int = 0) -> tuple[pa.Table, float]:
    """Return every compared pair with its match weight, and the weight (log2 odds) before any evidence.

    Parameters
    ----------
    records : pyarrow.Table
        One row per record: ``unique_id``, the columns of ``COMPARISONS`` and the blocking keys of ``BLOCKS``.
    memory_limit, threads
        What DuckDB may use; 0 threads means all.

    Returns
    -------
    pairs : pyarrow.Table
        unique_id_l, unique_id_r, match_weight, and per comparison ``gamma_<name>`` (-1 unknown, 0 least
        agreement) and ``mw_<name>``, ``mw_tf_<name>`` (log2 Bayes factors).
    prior : float
        log2 odds that two records drawn at random are one person.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    config: dict[str, Json] = {"memory_limit": memory_limit, **({"threads": threads} if threads else {})}
    used = [part for part in COMPARISONS if any(_filled(records, column) for column in part.needs)]
    settings = _settings(used, 0.3 / max(records.num_rows, 2))
    with duckdb.connect(config=config) as connection:
        for macro in MACROS:
            connection.execute(f"CREATE MACRO {macro}")
        frame = DuckDBAPI(connection).register(records, dataset_display_name="record")
        if records.num_rows >= LEAST_RECORDS:
            settings = _trained(Linker(frame, settings, log_level="ERROR", validate_settings=False), records, used)
            frame = DuckDBAPI(connection).register(records, dataset_display_name="record_again")
        else:  # so few that every pair is compared
            every = {"blocking_rule": "1=1", "sql_dialect": "duckdb"}
            settings["blocking_rules_to_generate_predictions"] = [every]
        linker = Linker(frame, settings, log_level="ERROR", validate_settings=False)
        pairs = _predict(linker, used, settings)
        shift = _shift(pairs, settings["probability_two_random_records_match"], records.num_rows)
        if records.num_rows >= LEAST_RECORDS and shift:
            settings["probability_two_random_records_match"] *= 2**shift
            pairs = _shifted(pairs, shift)
        inside = _components(pairs, records.num_rows) if records.num_rows >= LEAST_RECORDS else None
        if inside is not None:
            settings["blocking_rules_to_generate_predictions"] = _rules(["component"])
            frame = DuckDBAPI(connection).register(
                records.append_column("component", inside), dataset_display_name="record_in_component"
            )
            linker = Linker(frame, settings, log_level="ERROR", validate_settings=False)
            connection.register("met", pairs)
            connection.register("beside", _predict(linker, used, settings))
            pairs = connection.sql(
                "SELECT * FROM met UNION ALL SELECT * FROM beside ANTI JOIN met USING (unique_id_l, unique_id_r)"
            ).to_arrow_table()
    share = settings["probability_two_random_records_match"]
    return pairs, math.log2(share / (1 - share))


def _predict(linker: Linker, used: list[Comparison], settings: dict[str, Json]) -> pa.Table:
    scored = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
    return scored.select(_slim(used, settings, scored.columns)).to_arrow_table()


def _shift(pairs: pa.Table, share: float, size: int) -> float:
    """Bits by which the share of true pairs was set too low or too high: what the compared pairs add up to.

    One fixed point of the EM step for that share; it never moves by more than ``LARGEST_SHIFT``, since a table whose
    comparisons are weak would talk itself into matches.
    """
    weight = pairs["match_weight"].to_numpy()
    all_pairs = size * (size - 1) / 2
    shift = 0.0
    for _ in range(20):
        found = float(np.sum(1 / (1 + np.exp2(-np.clip(weight + shift, -60, 60))))) / all_pairs
        shift = float(np.clip(math.log2(max(found, 1e-15) / share), -LARGEST_SHIFT, LARGEST_SHIFT))
    return round(shift, 3)


def _shifted(pairs: pa.Table, shift: float) -> pa.Table:
    place = pairs.column_names.index("match_weight")
    return pairs.set_column(place, "match_weight", pa.array(pairs["match_weight"].to_numpy() + shift))


def _components(pairs: pa.Table, size: int) -> pa.Array | None:
    """Component of each record that may be one person with at least two others: all its pairs get compared."""
    likely = pairs["match_weight"].to_numpy() >= LIKELY_WEIGHT
    left, right = (pairs[name].to_numpy()[likely] - 1 for name in ("unique_id_l", "unique_id_r"))
    labels = connected_components(coo_array((np.ones(len(left)), (left, right)), shape=(size, size)), directed=False)[1]
    members = np.bincount(labels)[labels]
    worth = (members > 2) & (members <= COMPONENT_CAP)
    return pa.array(labels, mask=~worth) if worth.any() else None


def _slim(used: list[Comparison], settings: dict[str, Json], columns: list[str]) -> str:
    """Splink's output with the level reached instead of the values compared, found by its (unique) weight."""
    selected = ["unique_id_l", "unique_id_r", "match_weight"]
    for part, known in zip(used, settings["comparisons"], strict=True):
        weight = f"mw_{part.name}"
        levels = [
            math.log2(level["m_probability"] / level["u_probability"]) for level in known["comparison_levels"][1:]
        ]
        cases = " ".join(
            f"WHEN abs({weight} - ({value})) < 1e-7 THEN {len(levels) - 1 - place}"
            for place, value in enumerate(levels)
        )
        selected += [weight, f"CASE {cases} ELSE -1 END AS gamma_{part.name}"]
        selected += [name for name in (f"mw_tf_adj_{part.name}",) if name in columns]
    return ", ".join(selected)


def _filled(records: pa.Table, column: str) -> bool:
    return bool(records.num_rows > records[column].null_count)


def _settings(used: Iterable[Comparison], share: float) -> dict[str, Json]:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": share,
        "blocking_rules_to_generate_predictions": _rules(BLOCKS),
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "em_convergence": 0.001,
        "comparisons": [_comparison(part) for part in used],
        "sql_dialect": "duckdb",
        "linker_uid": "kehu",
    }


def _rules(keys: Iterable[str]) -> list[dict[str, Json]]:
    return [{"blocking_rule": f"l.{key} = r.{key}", "sql_dialect": "duckdb"} for key in keys]


def _comparison(part: Comparison) -> dict[str, Json]:
    unknown = {"sql_condition": part.unknown, "label_for_charts": "unknown", "is_null_level": True}
    return {
        "output_column_name": part.name,
        "comparison_levels": [unknown, *(_level(level) for level in part.levels)],
    }


def _level(level: Level) -> dict[str, Json]:
    found: dict[str, Json] = {
        "sql_condition": level.sql,
        "label_for_charts": level.name,
        "m_probability": level.m,
        "u_probability": level.u,
    }
    if level.frequency:
        found["tf_adjustment_column"] = level.frequency
        found["tf_minimum_u_value"] = LEAST_FREQUENCY
        found["disable_tf_exact_match_detection"] = True
    return found


def _trained(linker: Linker, records: pa.Table, used: list[Comparison]) -> dict[str, Json]:
    training = linker.training
    training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED, num_chunks=1)
    rules: list[str | BlockingRuleCreator] = [
        rule for columns, rule in CERTAIN if all(_filled(records, column) for column in columns)
    ]
    if rules:
        training.estimate_probability_two_random_records_match(rules, recall=CERTAIN_RECALL)
    limit = SAMPLED_PAIRS if records.num_rows > 20_000 else None
    for columns in TRAINING:
        if all(_filled(records, column) for column in columns):
            rule = " AND ".join(f"l.{column} = r.{column}" for column in columns)
            try:
                training.estimate_parameters_using_expectation_maximisation(
                    rule, estimate_without_term_frequencies=True, max_pairs=limit
                )
            except EMTrainingException:  # no pair meets under this rule: the levels' own m stands
                continue
    settings: dict[str, Json] = linker.misc.save_model_to_json()
    least = 0.1 / records.num_rows**2
    settings["probability_two_random_records_match"] = min(
        max(settings["probability_two_random_records_match"], least), 0.5
    )
    for part, learned in zip(used, settings["comparisons"], strict=True):
        _blend(part, learned["comparison_levels"][1:], settings["probability_two_random_records_match"])
    return settings


def _blend(part: Comparison, learned: list[dict[str, Json]], share: float) -> None:
    known_m = [_number(level.get("m_probability"), own.m) for own, level in zip(part.levels, learned, strict=True)]
    shares = [TRAINED_SHARE * m + (1 - TRAINED_SHARE) * own.m for own, m in zip(part.levels, known_m, strict=True)]
    for own, level, m in zip(part.levels, learned, shares, strict=True):
        level["m_probability"] = m / sum(shares)
        random = _number(level.get("u_probability"), own.u)  # random pairs hold a few of one person, too
        level["u_probability"] = max((random - share * level["m_probability"]) / (1 - share), own.u / 4)
    for place, level in enumerate(learned):  # no two levels may weigh the same: the weight tells the level
        level["u_probability"] *= 1 + 1e-5 * (place + 1)


def _number(value: Json, own: float) -> float:
    return float(value) if isinstance(value, int | float) else own
