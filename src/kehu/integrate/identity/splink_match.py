"""Splink, which learns from records what their comparisons weigh: its settings, and its database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
from splink import DuckDBAPI
from splink.internals.exceptions import SplinkException

from kehu.integrate.identity.compare import set_up
from kehu.integrate.identity.scored_pair import LEAST_FREQUENCY, asked_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kehu.base.types import Json
    from kehu.integrate.identity.compare import Comparison, Level


class AskedOnce(DuckDBAPI):
    """A database of Splink's that evaluates what several levels ask of a pair one time.

    Records that come as Arrow become a table of its own. Of Arrow DuckDB knows no size and keeps all records twice in
    memory to join them with pairs: of two million that took more than 2.5 GB at times, where 1 GB is enough now.
    """

    def _table_registration(self, rows: object, table_name: str) -> None:
        if not isinstance(rows, pa.Table):
            super()._table_registration(rows, table_name)
            return
        self._con.register("arrived", rows)
        self._con.execute(f"CREATE TABLE {table_name} AS FROM arrived")
        self._con.unregister("arrived")

    def _execute_sql_against_backend(self, final_sql: str) -> duckdb.DuckDBPyRelation:
        return super()._execute_sql_against_backend(asked_once(final_sql))


@contextmanager
def database_errors() -> Iterator[None]:
    """Raise DuckDB's errors as they are, not inside Splink's, so that a build can say what to do."""
    try:
        yield
    except SplinkException as error:
        if isinstance(error.__cause__, duckdb.Error):
            raise error.__cause__ from None
        raise


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
        "chance": {},
        "rare": LEAST_FREQUENCY,
    }


def apart(u: float, place: int) -> float:
    """Return ``u`` changed so little that no two levels weigh the same: the weight tells the level."""
    return u * (1 + 1e-5 * (place + 1))


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
