"""Spark as the second engine: whole SQL tables of a build, computed on a cluster, kept in the same lake.

Its inputs are the lake's Parquet files as the open transaction sees them; its output is Parquet that the lake adopts
without a copy. So there is one catalog, one history, and either engine may build a table.
"""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kehu.base.errors import LakeError, TableError
from kehu.warehouse.spark.dialect import translated
from kehu.warehouse.spark.input import Input, columns_of, input_of, spark_type
from kehu.warehouse.sql import tables_in
from kehu.warehouse.store.engine import name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame, SparkSession

    from kehu.base.settings import Settings
    from kehu.warehouse.session.writer import Writer

OPTIONS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a value that does not fit is an error, as it is for DuckDB
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.jsonGenerator.ignoreNullFields": "false",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",  # its lines would show values; an error is raised, and told once
    "spark.sql.shuffle.partitions": "16",
    "spark.sql.catalogImplementation": "in-memory",
}
LOOPBACK = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
ENCRYPTED = "SELECT 1 FROM __ducklake_metadata_lake.main.ducklake_metadata WHERE key = 'encrypted' AND value = 'true'"
ADOPTED = {"BOOLEAN", "INTEGER", "BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP", "DECIMAL"}
SPLIT = ("DOUBLE", "FLOAT")  # DuckDB splits their bytes (BYTE_STREAM_SPLIT), which Spark's fast reader cannot read
FAMILIES = (
    ("tinyint", "smallint", "int", "bigint"),
    ("decimal",),
    ("double", "float"),
    ("string", "varchar", "char"),
    ("date",),
    ("timestamp_ntz", "timestamp"),
)


class Spark:
    """Computes tables on Spark; an engine of `kehu.engines`.

    Parameters
    ----------
    settings : Settings
        ``spark_master`` and ``spark_options`` say where and how, ``memory_limit`` what its driver may use.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        if settings.files:
            what, fix = "Spark reads files of a folder only", "Build with --engine duckdb where 'files' is a bucket"
            raise LakeError(what, where="files in kehu.toml", fix=fix)
        for part, is_there in (("pyspark", find_spec("pyspark") is not None), ("Java", has_java())):
            if not is_there:
                fix = "Type: pip install 'kehu[spark]', and install Java 17 (apt-get install default-jre-headless)"
                raise LakeError(f"{part} is not installed", where="--engine spark", fix=fix)

    @cached_property
    def session(self) -> SparkSession:
        """The Spark session, opened when first asked for and ended with the process."""
        from pyspark.sql import SparkSession

        logging.getLogger("SQLQueryContextLogger").disabled = True
        master = self._settings.spark_master
        options = {**OPTIONS, "spark.driver.memory": self._settings.memory_limit.replace(" ", "").rstrip("Bi").lower()}
        if master.startswith(("local", "spark://127.0.0.1:", "spark://localhost:")):
            options |= LOOPBACK
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        options["spark.jars"] = ",".join(map(str, similarity_jars()))
        options |= dict(part.split("=", 1) for part in self._settings.spark_options.split())
        builder = SparkSession.builder.master(master).appName("kehu")
        for key, value in options.items():
            builder = builder.config(key, value)
        return builder.getOrCreate()

    def replace(self, writer: Writer, table: str, select: str, sort: Sequence[str]) -> None:
        """Make a table of the lake hold exactly the rows of ``select``, computed by Spark.

        Parameters
        ----------
        writer : Writer
            An open transaction; what it wrote so far is read as it stands.
        table : str
            The table's name.
        select : str
            One SELECT in DuckDB's dialect over tables of the lake and TEMP tables.
        sort : sequence of str
            Columns that order the stored rows.

        Raises
        ------
        TableError
            When the SELECT cannot be said in Spark's SQL, or Spark cannot compute it.
        LakeError
            When the lake is encrypted: its files' keys are DuckDB's alone.
        """
        if writer.connection.execute(ENCRYPTED).fetchone():
            what, fix = "Spark cannot read an encrypted lake", "Build with --engine duckdb"
            raise LakeError(what, where=table, fix=fix)
        scratch = writer.tmp / f"spark-{uuid.uuid4().hex}"
        inputs = [input_of(writer, other, scratch) for other in sorted(tables_in(select, table))]
        sql = translated(select, {one.table: one.columns for one in inputs}, table)
        wanted = columns_of(writer.connection, select)
        try:
            files = self._computed(sql, inputs, wanted, sort, scratch / "out")
        except Exception as error:
            if not type(error).__module__.startswith(("pyspark", "py4j")):
                raise
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            fix = "Build it with --engine duckdb, or correct the SELECT"
            raise TableError(f"Spark cannot compute it: {said}", where=table, fix=fix) from error
        self._keep(writer, table, wanted, files, sort)
        shutil.rmtree(scratch, ignore_errors=True)

    def _computed(
        self, sql: str, inputs: list[Input], wanted: dict[str, str], sort: Sequence[str], out: Path
    ) -> list[Path]:
        from pyspark.sql import functions as f

        kinds = {kind for one in inputs for kind in one.columns.values()}
        is_fast = not any(split in kind for kind in kinds for split in SPLIT)
        self.session.conf.set("spark.sql.parquet.enableVectorizedReader", str(is_fast).lower())
        for one in inputs:
            self._read(one).createOrReplaceTempView(one.table)
        found = self.session.sql(sql)
        _demand_types(found, wanted)
        cells = [f.col(f"`{column}`").cast(spark_type(kind)).alias(column) for column, kind in wanted.items()]
        rows = found.select(*cells)
        if sort:
            rows = rows.orderBy(*(f.col(f"`{column}`").asc_nulls_last() for column in sort))
        rows.write.parquet(str(out))
        for one in inputs:
            self.session.catalog.dropTempView(one.table)
        return sorted(out.glob("part-*.parquet"))

    def _read(self, one: Input) -> DataFrame:
        """Return a table's rows without those that position-delete files name."""
        from pyspark.sql import functions as f

        schema = ", ".join(f"`{column}` {spark_type(kind)}" for column, kind in one.columns.items())
        if not one.files:
            return self.session.createDataFrame([], schema)
        rows = self.session.read.schema(schema).parquet(*one.files)
        if not one.deletes:
            return rows
        placed = rows.select(
            "*", f.col("_metadata.file_name").alias("_file"), f.col("_metadata.row_index").alias("_row")
        )
        gone = self.session.read.parquet(*one.deletes)
        gone = gone.select(f.substring_index("file_path", "/", -1).alias("_file"), f.col("pos").alias("_row"))
        return placed.join(gone, ["_file", "_row"], "left_anti").select(*(f"`{column}`" for column in one.columns))

    def _keep(self, writer: Writer, table: str, wanted: dict[str, str], files: list[Path], sort: Sequence[str]) -> None:
        if not files or not all(
            kind.split("(")[0] in ADOPTED for kind in wanted.values()
        ):  # Parquet knows no JSON, say
            paths = ", ".join(f"'{path}'" for path in files)
            cells = ", ".join(f"CAST({name(column)} AS {kind}) AS {name(column)}" for column, kind in wanted.items())
            writer.replace(table, f"SELECT {cells} FROM read_parquet([{paths}])", sort)
            return
        folder = writer.tmp.parents[1] / "files" / "main" / table
        folder.mkdir(parents=True, exist_ok=True)
        run = uuid.uuid4().hex
        kept = [path.rename(folder / f"spark-{run}-{number:05d}.parquet") for number, path in enumerate(files)]
        writer.adopt(table, wanted, kept)


def has_java() -> bool:
    """Tell whether there is a Java that Spark can start."""
    return bool(os.environ.get("JAVA_HOME") or shutil.which("java"))


def similarity_jars() -> list[Path]:
    """Return the functions that Splink needs on Spark (likeness of texts), as Splink's own wheel brings them."""
    found = find_spec("splink")
    folders = found.submodule_search_locations if found is not None else None
    return sorted(Path(folders[0]).glob("internals/files/spark_jars/*_spark4.x.jar")) if folders else []


def _demand_types(found: DataFrame, wanted: dict[str, str]) -> None:
    """Raise a TableError where Spark gives another kind of value than DuckDB: a cast would hide it."""
    for (column, kind), (expected, told) in zip(found.dtypes, wanted.items(), strict=True):
        given, meant = _family(kind), _family(spark_type(told))
        is_number = given == "bigint" and meant == "decimal"
        if given != meant and kind != "void" and not is_number:
            what = f"column {expected} is {kind} for Spark and {told} for DuckDB"
            raise TableError(what, where=column, fix="Cast it in the SELECT, or build with --engine duckdb")


def _family(kind: str) -> str:
    word = kind.lower().split("(")[0]
    return next((family[-1] for family in FAMILIES if word in family), word.split("<")[0])
