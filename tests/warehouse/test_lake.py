from __future__ import annotations

import _thread
import signal
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest

from kehu.base.errors import LakeError, QueryError
from kehu.warehouse.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kehu.warehouse.lake import Writer


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A published lake for tests that change nothing: opening one costs most of a test's time."""
    lake = Lake(tmp_path_factory.mktemp("lake"), memory_limit="200MB", threads=1, lock_seconds=0.2)
    with lake.writer("first", publish=True) as writer:
        writer.replace("customer", "SELECT 'c1' AS customer_id, 'Ann' AS full_name")
    return lake


@pytest.fixture
def published(lake: Lake) -> Lake:
    with lake.writer("first", publish=True) as writer:
        writer.replace("customer", "SELECT 'c1' AS customer_id, 'Ann' AS full_name")
    return lake


def test_nothing_is_created_before_the_first_writer(lake: Lake) -> None:
    assert lake.snapshot() is None
    assert lake.latest() is None
    assert lake.snapshots() == []
    assert not lake.folder.exists()


def test_reading_an_unpublished_lake_names_the_fix(lake: Lake) -> None:
    with pytest.raises(LakeError, match="kehu run"):
        lake.reader()


def test_one_transaction_creates_reads_and_publishes_several_tables(lake: Lake) -> None:
    with lake.writer("build 1", publish=True) as writer:
        writer.replace("orders", "SELECT 'o1' AS order_id, 5.00::DECIMAL(18,2) AS amount")
        writer.replace("total", "SELECT sum(amount)::DECIMAL(18,2) AS amount FROM orders")

    assert [snapshot.name for snapshot in lake.snapshots()] == ["publish: build 1"]
    assert str(lake.reader().execute("SELECT amount FROM total").value()) == "5.00"
    assert lake.reader().tables()["orders"] == (("order_id", "VARCHAR"), ("amount", "DECIMAL(18,2)"))


def test_landed_rows_are_not_seen_before_they_are_published(published: Lake) -> None:
    with published.writer("collect", publish=False) as writer:
        writer.append("customer", "SELECT '王芳' AS full_name, 'c2' AS customer_id")

    assert published.reader().execute("SELECT count(*) FROM customer").value() == 1
    assert published.latest() != published.snapshot()
    assert published.reader(published.latest().id).execute("SELECT count(*) FROM customer").value() == 2


def test_arrow_rows_are_appended_by_column_name(published: Lake) -> None:
    rows = pa.table({"full_name": ["Bob"], "customer_id": ["c3"]})

    with published.writer("append", publish=True) as writer:
        writer.append("customer", rows)
        writer.append("score", pa.table({"value": [0.5]}))

    reader = published.reader()
    assert reader.execute("SELECT full_name FROM customer ORDER BY customer_id").rows == [("Ann",), ("Bob",)]
    assert reader.arrow("SELECT value FROM score").to_pylist() == [{"value": 0.5}]


def test_a_table_may_be_replaced_twice_from_itself_in_one_transaction(lake: Lake) -> None:
    with lake.writer("twice", publish=True) as writer:
        writer.replace("n", "SELECT 1 AS n")
        writer.replace("n", "SELECT n + 1 AS n FROM n")
        writer.replace("n", "SELECT n + 1 AS n FROM n")

    assert lake.reader().execute("SELECT n FROM n").value() == 3


def _replace_then_fail(writer: Writer) -> None:
    writer.replace("customer", "SELECT range AS n FROM range(10000)")
    writer.replace("customer", "SELECT bogus")


def test_a_failed_writer_leaves_neither_rows_nor_files(published: Lake) -> None:
    before = set(published.folder.rglob("*.parquet"))

    with pytest.raises(LakeError, match="bogus"), published.writer("broken", publish=True) as writer:
        _replace_then_fail(writer)

    assert published.reader().execute("SELECT full_name FROM customer").value() == "Ann"
    assert set(published.folder.rglob("*.parquet")) == before


def test_an_old_reader_keeps_its_snapshot_while_a_new_one_moves_on(published: Lake) -> None:
    old = published.reader()
    with published.writer("second", publish=True) as writer:
        writer.replace("customer", "SELECT 'c1' AS customer_id, 'Ann Lee' AS full_name")

    assert old.execute("SELECT full_name FROM customer").value() == "Ann"
    assert published.reader().execute("SELECT full_name FROM customer").value() == "Ann Lee"
    assert published.reader() is published.reader()
    assert published.reader(old.snapshot) is old


def test_a_reader_serves_several_threads(untouched: Lake) -> None:
    reader = untouched.reader()
    found: list[str] = []

    def read() -> None:
        found.extend(reader.execute("SELECT full_name FROM customer").value() for _ in range(10))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert found == ["Ann"] * 40


def test_a_statement_that_takes_too_long_is_stopped(untouched: Lake) -> None:
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(1000000) AS b"
    start = time.monotonic()

    with pytest.raises(QueryError, match="too long"):
        untouched.reader().execute(endless, seconds=0.1)

    assert time.monotonic() - start < 5
    assert untouched.reader().execute("SELECT count(*) FROM customer", seconds=5).value() == 1


@pytest.fixture
def heard() -> Iterator[None]:
    """Hear Ctrl-C, which a shell makes its background jobs ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_ctrl_c_stops_a_statement_at_once_and_the_next_one_answers(untouched: Lake) -> None:
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(1000000) AS b"
    reader = untouched.reader()
    threading.Timer(0.3, _thread.interrupt_main).start()

    with pytest.raises(KeyboardInterrupt):
        reader.execute(endless, seconds=30)

    assert reader.execute("SELECT count(*) FROM customer", seconds=30).value() == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/kehu-escape.csv'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "DROP TABLE customer",
        "INSERT INTO customer VALUES ('c9', 'Eve')",
    ],
)
def test_a_reader_touches_nothing_outside_and_changes_nothing(untouched: Lake, sql: str) -> None:
    with pytest.raises((QueryError, LakeError)):
        untouched.reader().execute(sql)


def test_local_python_variables_are_no_tables(untouched: Lake) -> None:
    secret = pa.table({"key": ["hidden"]})

    with pytest.raises((QueryError, LakeError), match="secret"):
        untouched.reader().execute("SELECT * FROM secret")

    assert secret.num_rows == 1


def test_a_second_writer_is_told_who_holds_the_lock(untouched: Lake) -> None:
    with (
        untouched.writer("long build", publish=True),
        pytest.raises(LakeError, match=r"process \d+ since .*: publish: long build"),
        untouched.writer("other", publish=True),
    ):
        pass


def test_an_unknown_snapshot_is_refused(untouched: Lake) -> None:
    with pytest.raises(LakeError, match="snapshot 99"):
        untouched.reader(99)


def test_a_moved_project_still_reads_and_writes(published: Lake, tmp_path: Path) -> None:
    moved = tmp_path / "王's new place"
    published.folder.rename(moved)
    lake = Lake(moved)

    with lake.writer("after the move", publish=True) as writer:
        writer.append("customer", "SELECT 'c2' AS customer_id, 'Bob' AS full_name")

    assert lake.reader().execute("SELECT count(*) FROM customer").value() == 2


def test_a_lake_of_a_newer_format_is_refused(published: Lake) -> None:
    with sqlite3.connect(published.place.catalog) as catalog:
        catalog.execute("UPDATE ducklake_metadata SET value = '9.7' WHERE key = 'version'")
    catalog.close()

    with pytest.raises(LakeError, match=r"another version.*9\.7"):
        Lake(published.folder).reader()
    with pytest.raises(LakeError, match=r"another version.*9\.7"), published.writer("x", publish=True):
        pass


def test_a_damaged_catalog_is_named(published: Lake) -> None:
    for extra in published.folder.glob("catalog.sqlite-*"):
        extra.unlink()
    published.place.catalog.write_bytes(b"this is no database" * 100)

    with pytest.raises(LakeError, match=r"catalog is damaged.*backup"):
        Lake(published.folder).reader()
    with pytest.raises(LakeError, match="damaged"), Lake(published.folder).writer("x", publish=True):
        pass


def test_a_missing_parquet_file_is_named(published: Lake) -> None:
    for path in published.folder.rglob("*.parquet"):
        path.unlink()

    with pytest.raises(LakeError, match=r"missing.*\.parquet"):
        published.reader().execute("SELECT * FROM customer")


def test_what_one_writer_leaves_behind_reaches_no_other(lake: Lake) -> None:
    with lake.writer("first", publish=True) as writer:
        writer.connection.execute("CREATE TEMP TABLE note AS SELECT 'Ann' AS full_name")
        writer.connection.execute("SET GLOBAL preserve_insertion_order = false")
        writer.connection.create_function("twice", lambda n: 2 * n, ["INTEGER"], "INTEGER")

    with lake.writer("second", publish=True) as writer:
        setting = "SELECT current_setting('preserve_insertion_order')"
        assert writer.connection.execute(setting).fetchone() == (True,)
        with pytest.raises(duckdb.CatalogException):
            writer.connection.execute("SELECT * FROM note")


def test_a_python_function_can_be_registered_in_every_transaction(lake: Lake) -> None:
    for number in range(2):
        with lake.writer("again", publish=True) as writer:
            writer.connection.create_function("twice", lambda n: 2 * n, ["INTEGER"], "INTEGER")
            writer.replace("n", f"SELECT twice({number}) AS n")

    assert lake.reader().execute("SELECT n FROM n").value() == 2
