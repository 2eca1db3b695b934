"""Splink on Spark, with the likeness functions of its own jar, which the session carries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sameness import NEEDS_SPARK

if TYPE_CHECKING:
    from kehu.warehouse.spark.engine import Spark

pytestmark = NEEDS_SPARK
NAMES = ("Ann Lee", "Anne Lee", "Bob Stone", "Bob Stonne", "王芳", "Carla Diaz", "Karla Diaz", "Dan Wu")


def test_splink_finds_the_same_pairs_on_spark_as_on_duckdb(spark: Spark) -> None:
    """With the likeness functions of its own jar, which the session carries."""
    import pyarrow as pa
    from splink import DuckDBAPI, Linker
    from splink.backends.spark import SparkAPI

    people = [
        {
            "unique_id": number,
            "name": name,
            "city": "Tacoma" if number % 2 else "Seattle",
            "birth": f"19{80 + number // 2}",
        }
        for number, name in enumerate(NAMES)
    ]
    records = pa.Table.from_pylist(people)

    found = []
    on_spark = SparkAPI(
        spark_session=spark.session, break_lineage_method="persist", num_partitions_on_repartition=2
    )  # it keeps steps in memory, since checkpoints need a folder of the cluster
    for name, database in (("duckdb", DuckDBAPI()), ("spark", on_spark)):
        frame = database.register(records, dataset_display_name="people")
        linker = Linker(frame, splink_settings(name), log_level="ERROR")
        rows = linker.inference.predict(warning_mode="never").as_record_list()
        found.append({(row["unique_id_l"], row["unique_id_r"]): row["match_weight"] for row in rows})

    assert found[0].keys() == found[1].keys()
    assert len(found[0]) == 28
    assert all(math.isclose(weight, found[1][pair], rel_tol=1e-9) for pair, weight in found[0].items())
    assert len(set(found[0].values())) > 3


def splink_settings(dialect: str) -> dict[str, Any]:
    def level(condition: str, m: float, u: float) -> dict[str, Any]:
        return {"sql_condition": condition, "label_for_charts": condition, "m_probability": m, "u_probability": u}

    def comparison(column: str, *levels: dict[str, Any]) -> dict[str, Any]:
        unknown = f"{column}_l IS NULL OR {column}_r IS NULL"
        null = {"sql_condition": unknown, "label_for_charts": "unknown", "is_null_level": True}
        return {"output_column_name": column, "comparison_levels": [null, *levels, level("ELSE", 0.1, 0.9)]}

    alike = {"duckdb": "jaro_winkler_similarity(name_l, name_r)", "spark": "jaro_winkler(name_l, name_r)"}[dialect]
    return {
        "link_type": "dedupe_only",
        "sql_dialect": dialect,
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": 0.1,
        "blocking_rules_to_generate_predictions": [{"blocking_rule": "1=1", "sql_dialect": dialect}],
        "comparisons": [
            comparison("name", level(f"{alike} >= 0.95", 0.6, 0.01), level(f"{alike} >= 0.7", 0.3, 0.09)),
            comparison("city", level("city_l = city_r", 0.9, 0.1)),
            comparison("birth", level("birth_l = birth_r", 0.9, 0.1)),
        ],
    }
