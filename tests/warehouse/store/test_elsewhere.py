"""The lake with its catalog on PostgreSQL and its files in an object store, on servers that the tests start."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import LakeError, QueryError, SettingsError
from kehu.base.settings import Settings, load
from kehu.warehouse.lake import Lake
from kehu.warehouse.store import shared
from kehu.warehouse.store.place import Elsewhere, elsewhere
from kehu.warehouse.upkeep.tidy import tidy

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
WRITE = """
import sys
from pathlib import Path
from kehu.warehouse.lake import Lake
from kehu.warehouse.store.place import Elsewhere
lake = Lake(Path(sys.argv[1]), memory_limit="200MB", threads=1, elsewhere=Elsewhere(*sys.argv[2:4]))
for step in range(3):
    with lake.writer(f"step {step}", publish=True) as writer:
        rows = writer.connection.execute("SELECT count(*) FROM number").fetchone()[0] if writer.has("number") else 0
        writer.append("number", f"SELECT {rows} AS n")
"""
READ = """
import sys
from pathlib import Path
from kehu.warehouse.lake import Lake
from kehu.warehouse.store.place import Elsewhere
lake = Lake(Path(sys.argv[1]), memory_limit="200MB", threads=1, elsewhere=Elsewhere(*sys.argv[2:4]))
for _ in range(20):
    rows, = lake.reader().execute("SELECT count(*), sum(n) FROM number").rows
    assert rows[1] == rows[0] * (rows[0] - 1) // 2, rows
print(rows[0])
"""


@pytest.fixture
def place(postgres: str, bucket: str) -> Elsewhere:
    return Elsewhere(postgres, f"s3://{bucket}/company/main")


def opened(folder: Path, place: Elsewhere) -> Lake:
    return Lake(folder, memory_limit="200MB", threads=1, lock_seconds=0.3, elsewhere=place)


def put(lake: Lake, rows: str, *, publish: bool = True) -> None:
    with lake.writer("put", publish=publish) as writer:
        writer.replace("customer", rows)


def test_what_one_host_publishes_another_host_reads(tmp_path: Path, place: Elsewhere) -> None:
    here, there = opened(tmp_path / "a" / "main", place), opened(tmp_path / "b" / "main", place)

    put(here, "SELECT 1 AS id, '王芳' AS name UNION ALL SELECT 2, 'Ann' ORDER BY id")
    put(there, "SELECT 3 AS id, 'Bob' AS name")

    assert there.reader(here.snapshots()[1].id).execute("SELECT name FROM customer ORDER BY id").rows == [
        ("王芳",),
        ("Ann",),
    ]
    assert here.reader().execute("SELECT name FROM customer").rows == [("Bob",)]
    assert [held.name for held in here.snapshots()] == ["publish: put", "publish: put"]
    assert list((tmp_path / "a").rglob("*.parquet")) == []


def test_a_catalog_on_postgres_serves_files_of_a_folder(tmp_path: Path, postgres: str) -> None:
    lake = opened(tmp_path / "main", Elsewhere(postgres))

    put(lake, "SELECT 7 AS id")

    assert lake.reader().execute("SELECT id FROM customer").rows == [(7,)]
    assert not lake.place.catalog.exists()
    assert len(list((tmp_path / "main" / "files").rglob("*.parquet"))) == 1


def test_a_catalog_file_serves_files_of_an_object_store(tmp_path: Path, bucket: str) -> None:
    lake = opened(tmp_path / "main", Elsewhere("", f"s3://{bucket}/main"))

    put(lake, "SELECT 7 AS id")
    with lake.writer("delete", publish=True) as writer:
        writer.connection.execute("INSERT INTO customer SELECT 8")
        writer.connection.execute("DELETE FROM customer WHERE id = 7")

    assert lake.reader().execute("SELECT id FROM customer").rows == [(8,)]


def test_a_second_host_waits_for_the_first_and_names_it(tmp_path: Path, place: Elsewhere) -> None:
    here, there = opened(tmp_path / "a" / "main", place), opened(tmp_path / "b" / "main", place)

    with (
        here.writer("long build", publish=True) as writer,
        pytest.raises(LakeError, match="kehu publish: long build"),
        there.writer("other", publish=True),
    ):
        pytest.fail("two hosts wrote at once")

    assert writer is not None


def test_writers_and_readers_of_several_processes_agree(tmp_path: Path, place: Elsewhere) -> None:
    put_first = opened(tmp_path / "0" / "main", place)
    with put_first.writer("first", publish=True) as writer:
        writer.append("number", "SELECT 0 AS n")

    with ThreadPoolExecutor(3) as pool:
        ended = list(
            pool.map(
                lambda job: child(job[0], tmp_path / job[1] / "main", place), [(WRITE, "1"), (WRITE, "2"), (READ, "3")]
            )
        )

    assert [done.stderr for done in ended] == ["", "", ""]
    assert sorted(put_first.reader().execute("SELECT n FROM number").rows) == [(n,) for n in range(7)]


def child(code: str, folder: Path, place: Elsewhere) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, str(folder), place.catalog, place.files]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_writer_that_lost_its_turn_does_not_commit(tmp_path: Path, place: Elsewhere) -> None:
    import psycopg

    lake = opened(tmp_path / "main", place)
    put(lake, "SELECT 1 AS id")
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'kehu publish: cut%'"

    def cut() -> None:
        with lake.writer("cut", publish=True) as writer:
            writer.replace("customer", "SELECT 2 AS id")
            with psycopg.connect(place.catalog, autocommit=True) as connection:
                connection.execute(end)

    with pytest.raises(LakeError, match="was lost"):
        cut()

    assert lake.reader().execute("SELECT id FROM customer").rows == [(1,)]


def test_a_failed_run_leaves_no_object_behind(tmp_path: Path, place: Elsewhere) -> None:
    lake = opened(tmp_path / "main", place)
    put(lake, "SELECT 1 AS id")

    with pytest.raises(LakeError, match="no_such"):
        put_badly(lake)

    assert objects(lake) == 1


def test_tidy_deletes_the_objects_of_expired_snapshots(tmp_path: Path, place: Elsewhere) -> None:
    lake = opened(tmp_path / "main", place)
    for number in range(3):
        put(lake, f"SELECT {number} AS id")

    done = tidy(lake, days=0)

    assert done.freed_bytes > 0
    assert objects(lake) == 1
    assert lake.reader().execute("SELECT id FROM customer").rows == [(2,)]


def put_badly(lake: Lake) -> None:
    with lake.writer("fail", publish=True) as writer:
        writer.replace("customer", "SELECT 2 AS id")
        writer.connection.execute("SELECT no_such")


def objects(lake: Lake) -> int:
    with lake.writer("look", publish=False) as writer:
        row = writer.connection.execute(f"SELECT count(*) FROM glob('{lake.place.root}**')").fetchone()
    return int(row[0]) if row else 0


def test_a_new_lake_refuses_a_prefix_that_holds_another(tmp_path: Path, bucket: str) -> None:
    place = Elsewhere("", f"s3://{bucket}/main")
    put(opened(tmp_path / "a" / "main", place), "SELECT 1 AS id")

    with pytest.raises(LakeError, match="files of another lake"):
        put(opened(tmp_path / "b" / "main", place), "SELECT 1 AS id")


@pytest.mark.parametrize(
    "path", ["s3://{bucket}/other.csv", "{url}/{bucket}/other.csv", "/etc/passwd", "s3://{bucket}x/other.csv"]
)
def test_a_reader_reaches_nothing_outside_its_prefix(
    tmp_path: Path, place: Elsewhere, object_store_server: str, path: str
) -> None:
    lake = opened(tmp_path / "main", place)
    put(lake, "SELECT 1 AS id")
    where = path.format(bucket=place.files.split("/")[2], url=object_store_server)

    with pytest.raises(QueryError, match="disabled by configuration"):
        lake.reader().execute(f"SELECT * FROM read_text('{where}')")


def test_a_reader_attaches_no_other_catalog(tmp_path: Path, place: Elsewhere) -> None:
    lake = opened(tmp_path / "main", place)
    put(lake, "SELECT 1 AS id")

    with pytest.raises(QueryError, match="disabled"):
        lake.reader().execute(f"ATTACH '{place.catalog}' AS other (TYPE postgres)")


def test_a_server_that_is_away_is_said(tmp_path: Path) -> None:
    lake = opened(tmp_path / "main", Elsewhere("host=127.0.0.1 port=1 dbname=none"))

    with pytest.raises(LakeError, match="does not answer"):
        lake.snapshots()


def test_the_snapshots_are_asked_again_after_the_server_dropped_the_connection(tmp_path: Path, postgres: str) -> None:
    import psycopg

    lake = opened(tmp_path / "main", Elsewhere(postgres))
    put(lake, "SELECT 1 AS id")
    lake.snapshots()
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kehu'")

    found = lake.snapshots()

    assert len(found) == 1
    shared._forget()


def test_missing_keys_are_said_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)

    with pytest.raises(LakeError, match="no keys for the object store"):
        put(opened(tmp_path / "main", Elsewhere("", "s3://bucket/main")), "SELECT 1 AS id")


@pytest.mark.parametrize(
    "line",
    [
        'catalog = "host=db dbname=kehu"',
        'catalog = "postgres:host=db password=hush"',
        'catalog = "postgres:postgresql://kehu:hush@db/kehu"',
        'files = "bucket/prefix"',
        'files = "s3://bucket/../other"',
        'spark_master = "here"',
        'spark_options = "memory=4g"',
    ],
)
def test_settings_that_cannot_work_are_refused_without_repeating_a_secret(tmp_path: Path, line: str) -> None:
    (tmp_path / "kehu.toml").write_text(line, encoding="utf-8")

    with pytest.raises(SettingsError, match="cannot be") as refused:
        load(tmp_path)

    assert "hush" not in str(refused.value)


def test_each_workspace_needs_its_own_database(tmp_path: Path) -> None:
    shared_by_all = Settings(tmp_path, workspace="shop", catalog="postgres:dbname=kehu", files="s3://bucket/a/")
    own = Settings(tmp_path, workspace="shop", catalog="postgres:dbname=kehu_{workspace}", files="s3://bucket/a/")

    with pytest.raises(SettingsError, match="database of its own"):
        elsewhere(shared_by_all)
    assert elsewhere(own) == Elsewhere("dbname=kehu_shop", "s3://bucket/a/shop")
