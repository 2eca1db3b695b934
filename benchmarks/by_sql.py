"""The floor's tables by Spark on one machine and by dbt-duckdb: the floor's own statements in the tool's words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import floor

ZONE = floor.ZONE


def spark(raw: str, ids: str, out: Path, memory: str) -> None:  # noqa: ARG001  # its driver gets 6 GB
    """Spark SQL on two local threads."""
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "6g").config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "8").config("spark.ui.enabled", "false")
        .config("spark.local.dir", str(out / ".spill")).config("spark.sql.ansi.enabled", "false")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .getOrCreate()
    )  # fmt: skip
    session.sparkContext.setLogLevel("ERROR")
    session.read.parquet(raw).createOrReplaceTempView("raw")
    session.read.parquet(ids).createOrReplaceTempView("ids")
    for name, sql in floor.MARTS.items():
        made = session.sql(_spark_sql(name, sql))
        made.write.mode("overwrite").option("compression", "snappy").parquet(str(out / f"{name}.parquet"))
        session.read.parquet(str(out / f"{name}.parquet")).createOrReplaceTempView(name)
    session.stop()


def _spark_sql(name: str, sql: str) -> str:
    """Return a floor statement in Spark's words."""
    for table in floor.MARTS:
        sql = sql.replace(f"'{{out}}/{table}.parquet'", table)
    sql = sql.replace("read_parquet('{raw}/*.parquet')", "raw").replace("read_parquet('{ids}')", "ids")
    for column in ("l.ordered_at", "ordered_at"):
        sql = sql.replace(f"timezone('{ZONE}', timezone('UTC', {column}))", f"from_utc_timestamp({column}, '{ZONE}')")
    sql = sql.replace("VARCHAR", "STRING").replace(" // ", " DIV ").replace("5 * (rank", "5L * (rank")
    if name == "cohort_retention":
        sql = sql.replace(
            "date_diff('month', cohort_on, ordered_on)", "months_between(trunc(ordered_on, 'MM'), cohort_on)"
        )
        span = "CAST(unnest(range(date_diff('month', cohort_on, last_on) + 1)) AS INTEGER)\n    AS months_since"
        steps = "sequence(0, CAST(months_between(trunc(last_on, 'MM'), cohort_on) AS INT))"
        sql = sql.replace(span, f"explode({steps}) AS months_since").replace("GROUP BY ALL", "GROUP BY 1, 2")
        sql = sql.replace("CAST(cohort_on + to_months(months_since) AS DATE)", "add_months(cohort_on, months_since)")
    return sql.replace("as_of_on - last_order_on AS INTEGER", "datediff(as_of_on, last_order_on) AS INTEGER")


def dbt(raw: str, ids: str, out: Path, memory: str) -> None:
    """One dbt project with four models, each an external Parquet file; everything that dbt does counts."""
    folder = out / "project"
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text("name: bench\nprofile: bench\nmodels: {bench: {+materialized: external}}\n")
    opened = f"{{memory_limit: {memory}, threads: 2, temp_directory: '{out}/.spill'}}"  # cannot be set after a spill
    (folder / "profiles.yml").write_text(
        "bench:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: ':memory:', threads: 1, "
        f"external_root: '{out}', config_options: {opened}, settings: {{TimeZone: UTC}}}}\n"
    )
    for name, sql in floor.MARTS.items():
        for table in floor.MARTS:
            sql = sql.replace(f"'{{out}}/{table}.parquet'", f"{{{{ ref('{table}') }}}}")  # noqa: PLW2901
        sql = sql.replace("{raw}", raw).replace("{ids}", ids)  # noqa: PLW2901  # the statement as dbt reads it
        settled = "{{ config(format='parquet', options={'compression': 'snappy'}) }}"
        (folder / "models" / f"{name}.sql").write_text(f"{settled}\n{sql}")
    command = [Path(sys.executable).parent / "dbt", "run", "--quiet", "--project-dir", folder, "--profiles-dir", folder]
    subprocess.run([str(part) for part in command], check=True, stdout=sys.stderr)
