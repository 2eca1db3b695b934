"""What Spark reads and writes is part of the transaction; what it cannot do is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sameness import NEEDS_SPARK

from kehu.base.errors import LakeError, TableError
from kehu.base.settings import Settings
from kehu.warehouse.spark.engine import Spark

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.warehouse.lake import Lake

pytestmark = NEEDS_SPARK


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
