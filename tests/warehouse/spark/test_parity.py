"""Every construct that tables use, and every built-in table, gives on Spark what DuckDB gives."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from sameness import LEAST, NEEDS_SPARK, demand_same

from kehu.base.settings import load
from kehu.flow import pipeline
from kehu.flow.project import TABLES, open_project
from kehu.warehouse.lake import Lake
from kehu.warehouse.table import load_tables

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.warehouse.session.writer import Writer
    from kehu.warehouse.spark.engine import Spark

pytestmark = NEEDS_SPARK
BUILT_IN = {name: table for name, table in load_tables(*TABLES).items() if table.sql}
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
        assert stored - spark_made(writer, sorted(stored)) <= COPIED


# Files with JSON or lists are not adopted as Spark wrote them: DuckDB copies their rows once more.
COPIED = {name for name, t in BUILT_IN.items() if any(c.type == "JSON" or c.type.endswith("[]") for c in t.columns)}


def spark_made(writer: Writer, tables: list[str]) -> set[str]:
    """Tables all of whose files Spark wrote."""
    files = {table: writer.connection.execute(f"SELECT DISTINCT filename FROM {table}").fetchall() for table in tables}
    return {table for table, found in files.items() if all("/spark-" in path for (path,) in found)}
