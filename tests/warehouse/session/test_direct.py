"""A reader's views give what DuckLake gives, at every snapshot."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import KehuError
from kehu.warehouse.lake import Lake
from kehu.warehouse.session import direct
from kehu.warehouse.session.pool import borrowed
from kehu.warehouse.session.writer import OPTIONS
from kehu.warehouse.store.engine import attach

if TYPE_CHECKING:
    from pathlib import Path

STEPS = (
    "CREATE TABLE person AS SELECT * FROM (VALUES (1, 'Ann', 1.5::DECIMAL(18,2)), (2, '王芳', NULL)) t(id, name, paid)",
    "INSERT INTO person VALUES (3, 'Bob', 2)",
    "DELETE FROM person WHERE id = 1",
    "ALTER TABLE person ADD COLUMN tags VARCHAR[]",
    "UPDATE person SET name = 'Robert' WHERE id = 3",
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    held = Lake(tmp_path / "main")
    for number, step in enumerate(STEPS):
        with held.writer(str(number), publish=True) as writer:
            writer.connection.execute(step)
    return held


@pytest.mark.parametrize(
    ("at", "rows"),
    [
        (1, [(1, "Ann"), (2, "王芳")]),
        (2, [(1, "Ann"), (2, "王芳"), (3, "Bob")]),
        (3, [(2, "王芳"), (3, "Bob")]),
        (4, [(2, "王芳"), (3, "Bob")]),
        (5, [(2, "王芳"), (3, "Robert")]),
    ],
)
def test_every_snapshot_shows_its_own_rows(lake: Lake, at: int, rows: list[tuple[int, str]]) -> None:
    assert lake.reader(at).execute("SELECT id, name FROM person ORDER BY id").rows == rows


def test_a_column_that_came_later_is_there_and_empty(lake: Lake) -> None:
    assert lake.reader(4).execute("SELECT tags FROM lake.person ORDER BY id").rows == [(None,), (None,)]
    assert dict(lake.reader(4).tables()["person"])["tags"] == "VARCHAR[]"


def test_a_column_is_cast_only_where_its_file_has_another_type(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "main")
    with lake.writer("files of another engine", publish=True) as writer:
        file = lake.place.files / "main" / "visit" / "1.parquet"
        file.parent.mkdir(parents=True)
        writer.connection.execute(f"COPY (SELECT 7::INTEGER AS id, 'Ann' AS name) TO '{file}'")
        writer.adopt("visit", {"id": "BIGINT", "name": "VARCHAR"}, [file])
        writer.replace("person", "SELECT 7::BIGINT AS id, 1.5::DECIMAL(18, 2) AS paid")

    reader = lake.reader()

    reader.warm()
    views = dict(reader.execute("SELECT view_name, sql FROM duckdb_views() WHERE database_name = 'lake'").rows)
    assert dict(reader.tables()["visit"]) == {"id": "BIGINT", "name": "VARCHAR"}
    assert reader.execute("SELECT id + 3000000000, name FROM visit").rows == [(3000000007, "Ann")]
    assert "CAST" in views["visit"]
    assert "DECIMAL" not in views["person"]
    assert reader.execute("SELECT typeof(id), typeof(paid) FROM person").rows == [("BIGINT", "DECIMAL(18,2)")]


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("SELECT 1", set()),
        ("SELECT count(*) FROM PERSON", {"person"}),
        ('SELECT count(*) FROM lake."person" JOIN "Caf\u00e9-visit" ON TRUE', {"person", "Caf\u00e9-visit"}),
        ("SELECT count(*) FROM persons", set()),
    ],
)
def test_a_table_becomes_a_view_once_it_is_mentioned(lake: Lake, sql: str, made: set[str]) -> None:
    with lake.writer("two more", publish=True) as writer:
        writer.connection.execute('CREATE TABLE "Caf\u00e9-visit" AS SELECT 1 AS id')
        writer.connection.execute("CREATE TABLE other AS SELECT 1 AS id")
    reader = lake.reader()

    with suppress(KehuError):
        reader.execute(sql)

    views = reader.execute("SELECT view_name FROM duckdb_views() WHERE database_name = 'lake'").rows
    assert {view for (view,) in views} == made
    assert reader.tables().keys() == {"person", "other", "Caf\u00e9-visit"}


def test_threads_that_mention_a_table_at_once_all_see_it(lake: Lake) -> None:
    reader = lake.reader(2)

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _: reader.execute("SELECT count(*) FROM person").value(), range(32)))

    assert counts == [3] * 32


def test_every_thread_reads_a_files_footer_once(lake: Lake) -> None:
    reader = lake.reader()

    def asked() -> object:
        return reader.execute("SELECT current_setting('parquet_metadata_cache')").rows

    with ThreadPoolExecutor(2) as threads:
        assert [asked(), *threads.map(lambda _: asked(), range(2))] == [[(True,)]] * 3


def test_plain_files_are_read_without_the_catalog_and_changed_ones_with_it(lake: Lake) -> None:
    def plan(at: int) -> str:
        return str(lake.reader(at).execute("EXPLAIN SELECT * FROM person").rows)

    assert "DUCKLAKE_SCAN" not in plan(2).upper()
    assert "DUCKLAKE_SCAN" not in plan(3).upper()
    assert "DUCKLAKE_SCAN" in plan(5).upper()


def test_many_deleted_rows_are_left_to_the_catalog(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "HOLES", 0)

    plan = str(lake.reader(3).execute("EXPLAIN SELECT * FROM person").rows)

    assert "DUCKLAKE_SCAN" in plan.upper()


@pytest.mark.parametrize("seed", [1, 2])
def test_law_views_without_deleted_rows_give_what_ducklake_gives(tmp_path: Path, seed: int) -> None:
    dice, held = random.Random(seed), Lake(tmp_path / "main")
    with held.writer("0", publish=True) as writer:
        writer.connection.execute("CREATE TABLE t AS SELECT i AS id, i % 7 AS pos FROM range(200) r(i)")
    for turn in range(1, 6):
        low = dice.randrange(200)
        step = dice.choice([
            f"DELETE FROM t WHERE id % 11 = {low % 11}",
            f"UPDATE t SET pos = {turn} WHERE id BETWEEN {low} AND {low + 9}",
            f"INSERT INTO t SELECT i, {turn} FROM range({1000 * turn}, {1000 * turn + 50}) r(i)",
        ])  # fmt: skip
        with held.writer(str(turn), publish=True) as writer:
            writer.connection.execute(step)
            writer.connection.execute(f"DELETE FROM t WHERE id = {low}")

    for one in held.snapshots():
        reader = held.reader(one.id)
        both = [reader.execute(f"SELECT id, pos FROM {table} ORDER BY ALL").rows for table in ("t", "store.main.t")]
        assert both[0] == both[1]
        assert "DUCKLAKE_SCAN" not in str(reader.execute("EXPLAIN SELECT * FROM t").rows).upper()


def test_merged_files_never_show_the_rows_of_a_later_snapshot(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "main")
    for number in (1, 2, 3):
        with lake.writer(str(number), publish=True) as writer:
            writer.append("one", f"SELECT {number} AS n")
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, OPTIONS)
        connection.execute("CALL ducklake_merge_adjacent_files('lake', 'one')")

    counts = [lake.reader(at).execute("SELECT count(*), max(n) FROM one").rows for at in (1, 2, 3)]

    assert counts == [[(1, 1)], [(2, 2)], [(3, 3)]]
