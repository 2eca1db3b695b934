"""Spark as the second engine: a cluster of one master and two workers on loopback, from pip's own jars."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kehu.base.errors import LakeError, TableError
from kehu.base.settings import Settings, load
from kehu.flow import pipeline
from kehu.flow.project import TABLES, open_project
from kehu.warehouse.lake import Lake
from kehu.warehouse.spark.engine import Spark, has_java
from kehu.warehouse.table import load_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kehu.warehouse.session.writer import Writer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.skipif(not has_java(), reason="Java is not installed (apt-get install default-jre-headless)"),
    pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed (pip install 'kehu[spark]')"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),  # py4j's own
]
WORKERS = 2
LEAST = (  # for tables so small that compiling a query costs more than running it
    "spark.executor.memory=512m spark.sql.shuffle.partitions=2 spark.default.parallelism=2"
    " spark.sql.codegen.wholeStage=false spark.sql.codegen.factoryMode=NO_CODEGEN"
    " spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1"
)
BUILT_IN = {name: table for name, table in load_tables(*TABLES).items() if table.sql}


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory, free_ports: Callable[[int], list[int]]) -> Iterator[str]:
    """The address of a Spark cluster that this module started."""
    import pyspark

    home, work = Path(pyspark.__file__).parent, tmp_path_factory.mktemp("spark")
    ports = free_ports(1 + WORKERS)
    own = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(work)}
    own |= {"SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_DIRS": str(work), "SPARK_NO_DAEMONIZE": "1"}
    address = f"spark://127.0.0.1:{ports[0]}"
    first = ["master.Master", "--host", "127.0.0.1", "--port", str(ports[0]), "--webui-port", "0"]
    others = [
        [
            "worker.Worker",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--webui-port",
            "0",
            "-c",
            "1",
            "-m",
            "1g",
            address,
        ]
        for port in ports[1:]
    ]
    started = []
    try:
        for name, *words in (first, *others):
            command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *words]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": {**os.environ, **own}}
            started.append(subprocess.Popen(command, **quiet))
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)


@pytest.fixture(scope="module")
def spark(master: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    engine = Spark(Settings(tmp_path_factory.mktemp("home"), spark_master=master, spark_options=LEAST))
    yield engine
    if "session" in vars(engine):
        engine.session.stop()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "data" / "main", memory_limit="200MB", threads=1)
    with made.writer("first", publish=True) as writer:
        writer.replace("t", ROWS)
    return made


ROWS = """
SELECT * FROM (VALUES
  (1, 10, CAST(19.90 AS DECIMAL(18,2)), 0.125, 'Ann  Lee', DATE '2026-01-05', TIMESTAMP '2026-01-05 23:30:00.5', true),
  (2, 10, -2.50, 1.005, '王芳', DATE '2025-12-31', TIMESTAMP '2025-12-31 01:00:00', false),
  (3, 20, 2.50, 2.5, 'a.b-c', DATE '2024-02-29', TIMESTAMP '2024-03-10 10:00:00', NULL),
  (4, 20, NULL, -2.5, NULL, NULL, NULL, true),
  (5, NULL, 0.05, 3.5, E'line\\nend\\n', DATE '2026-03-01', TIMESTAMP '2026-03-29 01:30:00', false)
) AS v(id, g, m, x, s, d, ts, b)
"""
SAME = {
    "cast_int": "CAST(x AS INT)",
    "cast_decimal_int": "CAST(m AS BIGINT)",
    "cast_decimal": "CAST(x AS DECIMAL(18, 2))",
    "cast_text": "CAST(d AS VARCHAR) || CAST(ts AS VARCHAR) || CAST(m AS VARCHAR) || CAST(b AS VARCHAR)",
    "divide": "m / id",
    "divide_whole": "id // 2",
    "multiply": "m * m",
    "days": "DATE '2026-03-01' - d",
    "day_before": "d - 1",
    "day_after": "d + id",
    "months": "DATE_DIFF('MONTH', d, DATE '2026-03-01')",
    "years": "DATE_DIFF('YEAR', d, DATE '2026-03-01')",
    "days_between": "DATE_DIFF('DAY', d, DATE '2026-03-01')",
    "month_start": "CAST(DATE_TRUNC('MONTH', d) AS DATE)",
    "month_later": "CAST(d + TO_MONTHS(1) AS DATE)",
    "last_day": "LAST_DAY(d)",
    "weekday": "DAYOFWEEK(d)",
    "year_month": "YEAR(d) * 100 + MONTH(d)",
    "zone": "TIMEZONE('Asia/Shanghai', TIMEZONE('UTC', ts))",
    "zone_summer": "CAST(TIMEZONE('Europe/Berlin', TIMEZONE('UTC', ts)) AS DATE)",
    "concat": "CONCAT(s, '-', g)",
    "concat_null": "s || '-' || CAST(g AS VARCHAR)",
    "concat_ws": "CONCAT_WS(' ', s, NULL, CAST(id AS VARCHAR))",
    "coalesce": "COALESCE(m, 0)",
    "nullif": "NULLIF(g, 10)",
    "greatest": "GREATEST(m, x, 0)",
    "least": "LEAST(m, 1)",
    "absolute": "ABS(m)",
    "root": "SQRT(ABS(x))",
    "left": "LEFT(s, 1) || RIGHT(s, 1)",
    "middle": "SUBSTRING(s, 2, 2)",
    "length": "LENGTH(s)",
    "case": "UPPER(s) || LOWER(s)",
    "contains": "CONTAINS(s, '.') OR STARTS_WITH(s, 'A')",
    "replace": "REPLACE(s, ' ', '')",
    "split_part": "SPLIT_PART(s, '.', 2)",
    "split": "LIST_EXTRACT(STRING_SPLIT(s, '.'), -1)",
    "split_first": "STRING_SPLIT(s, ' ')[1]",
    "matches": "REGEXP_MATCHES(s, '^[a-z.]+-?[a-z]$')",
    "matches_end": "REGEXP_MATCHES(s, 'd$')",
    "full_match": r"REGEXP_FULL_MATCH(s, '\w+\.[a-z-]+')",
    "full_match_class": "REGEXP_FULL_MATCH(s, '[㐀-鿿]+')",
    "digits": "REGEXP_REPLACE(s, '[^a-z$]', '', 'g')",
    "case_when": "CASE WHEN b THEN 'yes' WHEN NOT b THEN 'no' END",
    "rank": "RANK() OVER (ORDER BY g DESC)",
    "row_number": "ROW_NUMBER() OVER (PARTITION BY g ORDER BY s, id)",
    "lag": "d - LAG(d) OVER (ORDER BY id)",
    "lead": "LEAD(id) OVER (ORDER BY id)",
    "running": "SUM(m) OVER (ORDER BY id)",
    "dense": "DENSE_RANK() OVER (ORDER BY g)",
    "first": "FIRST_VALUE(s) OVER (PARTITION BY g ORDER BY id)",
    "scalar": "(SELECT MAX(d) FROM t)",
    "seconds": "ts + TO_SECONDS(g)",
    "hours": "CAST(ts + TO_HOURS(id) AS DATE)",
}
GROUPED = {
    "total": "SUM(m)",
    "average": "AVG(m)",
    "counts": "COUNT(*) + COUNT(s) + COUNT(DISTINCT s)",
    "count_if": "COUNT_IF(b)",
    "filtered": "COUNT(*) FILTER (WHERE b)",
    "all_true": "BOOL_AND(b)",
    "any_true": "BOOL_OR(b)",
    "any_value": "ANY_VALUE(s) FILTER (WHERE id IN (2, 4))",
    "arg_max": "ARG_MAX(m, id)",
    "arg_max_struct": "ARG_MAX(id, {'ts': ts, 'id': id})",
    "arg_min": "ARG_MIN(s, id)",
    "max_by": "MAX_BY(s, STRUCT_PACK(x := x, s := s)) FILTER (WHERE id > 1)",
    "joined": "STRING_AGG(DISTINCT s, '; ' ORDER BY s)",
    "longest": "MAX(LENGTH(s)) - MIN(LENGTH(s))",
}
WHOLE = {
    "union": "SELECT id, s FROM t UNION ALL SELECT g AS id, s FROM t",
    "unnest": "WITH n AS (SELECT UNNEST(RANGE(0, id)) AS k, id FROM t) SELECT id, k FROM n",
    "unnest_alone": "SELECT CAST(UNNEST(RANGE(0, 3)) AS INT) AS k",
    "unnest_struct": "WITH c AS (SELECT UNNEST([{'r': 1}, {'r': 2}]) AS cell) SELECT c.cell.r AS r FROM c",
    "unpivot": "WITH l AS (UNPIVOT t ON s INTO NAME field VALUE value) SELECT id, field, value FROM l",
    "qualify": "SELECT id, s FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY g ORDER BY id) = 1",
    "grouping": "SELECT g, COALESCE(s, 'all') AS s, COUNT(*) AS n FROM t GROUP BY GROUPING SETS ((g, s), (g))",
    "group_all": "SELECT g, COUNT(*) AS n FROM t GROUP BY ALL HAVING COUNT(*) > 1",
    "anti": "SELECT t.id FROM t ANTI JOIN (SELECT 1 AS id) AS u USING (id)",
    "full": "SELECT a.id AS l, b.id AS r FROM t AS a FULL JOIN t AS b ON a.id = b.g",
    "exists": "SELECT id FROM t AS a WHERE EXISTS (SELECT 1 FROM t AS b WHERE b.g = a.id * 10)",
    "among": "SELECT id FROM t WHERE id IN (SELECT g // 10 FROM t)",
    "not_among": "SELECT id FROM t WHERE id > 1 AND NOT id IN (SELECT g // 10 FROM t WHERE g > 0)",
    "not_among_missing": "SELECT id FROM t WHERE NOT id IN (SELECT g FROM t)",
    "none": "SELECT id, s FROM t WHERE false",
}


def as_select(found: dict[str, str], rest: str) -> str:
    return f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in found.items())} {rest}"


@pytest.mark.parametrize(
    ("sql", "key"),
    [
        pytest.param(as_select({"id": "id", **SAME}, "FROM t"), "id", id="expressions"),
        pytest.param(as_select({"g": "g", **GROUPED}, "FROM t GROUP BY g"), "g", id="aggregates"),
        *(pytest.param(sql, "", id=name) for name, sql in WHOLE.items()),
    ],
)
def test_spark_gives_what_duckdb_gives(spark: Spark, lake: Lake, sql: str, key: str) -> None:
    with lake.writer("both", publish=True) as writer:
        writer.replace("by_duckdb", sql, [key] if key else [])

        spark.replace(writer, "by_spark", sql, [key] if key else [])

        demand_same(writer.connection.execute, "by_duckdb", "by_spark")


def test_spark_reads_what_this_transaction_wrote_and_deleted(spark: Spark, lake: Lake) -> None:
    with lake.writer("delete", publish=True) as writer:
        writer.connection.execute("DELETE FROM t WHERE id = 1")

    with lake.writer("both", publish=True) as writer:
        writer.connection.execute("CREATE TEMP TABLE once AS SELECT 2 AS id")
        spark.replace(writer, "committed", "SELECT id FROM t", ["id"])
        writer.connection.execute("DELETE FROM t WHERE id = 2")
        spark.replace(writer, "deleted", "SELECT id FROM t UNION ALL SELECT id * 100 AS id FROM once", ["id"])
        spark.replace(writer, "again", "SELECT id + 1 AS id FROM deleted", ["id"])

    reader = lake.reader()
    assert reader.execute("SELECT id FROM committed").rows == [(2,), (3,), (4,), (5,)]
    assert reader.execute("SELECT id FROM deleted").rows == [(3,), (4,), (5,), (200,)]
    assert reader.execute("SELECT id FROM again").rows == [(4,), (5,), (6,), (201,)]


def test_what_spark_wrote_is_lost_with_a_failed_run(spark: Spark, lake: Lake) -> None:
    def fail() -> None:
        with lake.writer("fail", publish=True) as writer:
            spark.replace(writer, "t", "SELECT 9 AS id", ["id"])
            writer.connection.execute("SELECT no_such")

    with pytest.raises(LakeError):
        fail()

    assert lake.reader().execute("SELECT count(*) FROM t").rows == [(5,)]
    assert list(lake.folder.rglob("spark-*.parquet")) == []


def test_an_encrypted_lake_is_refused(spark: Spark, lake: Lake) -> None:
    def build() -> None:
        with lake.writer("spark", publish=True) as writer:
            mark = "UPDATE __ducklake_metadata_lake.main.ducklake_metadata SET value = 'true' WHERE key = 'encrypted'"
            writer.connection.execute(mark)
            spark.replace(writer, "u", "SELECT id FROM t", ["id"])

    with pytest.raises(LakeError, match="encrypted"):
        build()


def test_files_in_an_object_store_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="files of a folder only"):
        Spark(Settings(tmp_path, files="s3://bucket/lake"))


def test_a_failure_of_spark_names_the_table(spark: Spark, lake: Lake) -> None:
    def build() -> None:
        with lake.writer("spark", publish=True) as writer:
            spark.replace(writer, "u", "SELECT CAST(s AS INT) AS n FROM t", [])

    with pytest.raises(TableError, match=r"u: Spark cannot compute it: .*CAST_INVALID_INPUT"):
        build()


def test_every_built_in_table_is_the_same_on_both_engines(master: str, small_demo: Path, tmp_path: Path) -> None:
    """The demo company, built whole on the cluster, against the same build by DuckDB."""
    folder = shutil.copytree(small_demo, tmp_path / "company")
    with (folder / "kehu.toml").open("a", encoding="utf-8") as file:
        file.write(f'\nspark_master = "{master}"\nspark_options = "{LEAST}"\n')
    project = open_project(folder)
    pipeline.build(project, full=True)
    before = project.workspace.snapshot()

    pipeline.build(project, full=True, engine="spark")

    after = project.workspace.snapshot()
    assert before is not None
    assert after is not None
    assert before.id < after.id
    lake = Lake(load(folder).lake)
    with lake.writer("compare", publish=False) as writer:
        stored = {name for name, table in BUILT_IN.items() if table.is_stored}
        for name in sorted(stored):
            demand_same(writer.connection.execute, f"{name} AT (VERSION => {before.id})", name)
        assert stored - spark_made(writer, sorted(stored)) <= WITH_JSON


WITH_JSON = {name for name, table in BUILT_IN.items() if any(c.type == "JSON" for c in table.columns)}


def spark_made(writer: Writer, tables: list[str]) -> set[str]:
    """Tables all of whose files Spark wrote."""
    files = {table: writer.connection.execute(f"SELECT DISTINCT filename FROM {table}").fetchall() for table in tables}
    return {table for table, found in files.items() if all("/spark-" in path for (path,) in found)}


def demand_same(execute: Callable[[str], Any], expected: str, given: str) -> None:
    """Rows of two tables are equal: exactly, numbers in DOUBLE within 1e-9 of themselves."""
    described = [execute(f"DESCRIBE SELECT * FROM {table}").fetchall() for table in (expected, given)]
    assert [row[:2] for row in described[0]] == [row[:2] for row in described[1]], given
    exact = [f'"{row[0]}"' for row in described[0] if row[1] not in ("DOUBLE", "FLOAT")]
    order = ", ".join([*exact, *(f'"{row[0]}"' for row in described[0] if row[1] in ("DOUBLE", "FLOAT"))])
    rows = [execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall() for table in (expected, given)]
    assert len(rows[0]) == len(rows[1]), given
    for left, right in zip(*rows, strict=True):
        for (column, *_), one, other in zip(described[0], left, right, strict=True):
            assert alike(one, other), f"{given}.{column}: {one!r} is not {other!r} in {left} and {right}"


def alike(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return one == other and isinstance(one, Decimal) == isinstance(other, Decimal)


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
