from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from kehu.warehouse.session import writer as writer_module

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.warehouse.lake import Lake

SCRIPT = """
import sys, time
from pathlib import Path
from kehu.warehouse.lake import Lake
lake = Lake(Path(sys.argv[1]), threads=1)
with lake.writer("doomed", publish=True) as writer:
    writer.replace("customer", "SELECT 'x' AS customer_id")
    writer.replace("big", "SELECT range AS n, repeat('x', 20) || range AS text FROM range(200000)")
    print("half way", flush=True)
    time.sleep(60)
"""
FULL = """
import resource, sys
from pathlib import Path
from kehu.base.errors import LakeError
from kehu.warehouse.lake import Lake
lake = Lake(Path(sys.argv[1]), threads=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    with lake.writer("too much", publish=True) as writer:
        writer.replace("big", "SELECT range AS n, md5(range::VARCHAR) AS text FROM range(200000)")
except LakeError as error:
    print(error)
"""


def _start(script: str, lake: Lake) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, str(lake.folder)], stdout=subprocess.PIPE, text=True)


@pytest.fixture
def published(lake: Lake) -> Lake:
    with lake.writer("good", publish=True) as writer:
        writer.replace("customer", "SELECT 'c1' AS customer_id")
    return lake


def test_a_killed_build_leaves_the_last_snapshot_and_the_next_run_cleans_up(published: Lake) -> None:
    good = set(published.folder.rglob("*.parquet"))
    with _start(SCRIPT, published) as build:
        try:
            assert build.stdout.readline() == "half way\n"
        finally:
            os.kill(build.pid, signal.SIGKILL)
        build.wait(timeout=20)

    assert set(published.folder.rglob("*.parquet")) > good
    assert published.snapshot().name == "publish: good"
    assert published.reader().execute("SELECT customer_id FROM customer").value() == "c1"

    with published.writer("next", publish=True) as writer:
        assert not writer.has("big")
        assert set(published.folder.rglob("*.parquet")) == good
        writer.append("customer", "SELECT 'c2' AS customer_id")

    assert published.reader().execute("SELECT count(*) FROM customer").value() == 2


def test_a_full_disk_is_said_loudly_and_harms_nothing(published: Lake) -> None:
    good = set(published.folder.rglob("*.parquet"))

    with _start(FULL, published) as build:
        said, _ = build.communicate(timeout=60)

    assert "disk is full" in said
    assert published.reader().execute("SELECT customer_id FROM customer").value() == "c1"
    assert set(published.folder.rglob("*.parquet")) == good


def test_readers_in_the_same_process_are_never_torn_by_a_writer(lake: Lake) -> None:
    def write(number: int) -> None:
        with lake.writer("build", publish=True) as writer:
            writer.replace("one", f"SELECT range AS n, {number} AS v FROM range(100)")
            writer.replace("two", f"SELECT {number} AS v")

    write(0)
    seen: list[tuple[int, int]] = []

    def read() -> None:
        for _ in range(15):
            seen.extend(lake.reader().execute("SELECT max(one.v), max(two.v) FROM one, two").rows)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in (1, 2):
        write(number)
    for thread in threads:
        thread.join(timeout=60)

    assert len(seen) == 45
    assert all(one == two for one, two in seen)


def test_a_run_killed_between_commit_and_list_is_repaired_by_the_next(published: Lake) -> None:
    listed = (published.folder / "snapshots.json").read_text(encoding="utf-8")
    with published.writer("second", publish=True) as writer:
        writer.append("customer", "SELECT 'c2' AS customer_id")
    (published.folder / "snapshots.json").write_text(listed, encoding="utf-8")

    with published.writer("third", publish=False) as writer:
        assert published.snapshot().name == "publish: second"
        assert writer.has("customer")


def test_new_files_are_synced_before_the_commit(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    newest: list[object] = []

    def watch(paths: object) -> None:
        synced.extend(paths)
        newest.append(lake.latest())

    monkeypatch.setattr(writer_module, "sync", watch)
    with lake.writer("first", publish=True) as writer:
        writer.replace("customer", "SELECT 'c1' AS customer_id")

    assert newest == [None]
    assert set(synced) == set(lake.folder.rglob("*.parquet"))


def test_sync_takes_real_files_and_their_folders(tmp_path: Path) -> None:
    path = tmp_path / "files" / "main" / "customer" / "a.parquet"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")

    writer_module.sync([path])

    assert path.read_bytes() == b"x"
