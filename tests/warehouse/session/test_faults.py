"""Disks that fail, files that are torn, clocks that jump: said loudly, and the lake stays readable."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import KehuError, LakeError
from kehu.warehouse.lake import Lake
from kehu.warehouse.store import apart, history
from kehu.warehouse.upkeep import tidy
from kehu.warehouse.upkeep.examine import examine

if TYPE_CHECKING:
    from collections.abc import Callable

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
COUNT = "SELECT count(*) FROM customer"
FAILING = """
import errno, sys
sys.path.insert(0, sys.argv[1])
import kernel
from pathlib import Path
from kehu.base.errors import LakeError
from kehu.warehouse.session import writer
from kehu.warehouse.lake import Lake

real = writer.sync
def then_fail(paths):
    real(paths)
    kernel.refuse(tuple(sys.argv[3].split(",")), getattr(errno, sys.argv[4]))
writer.sync = then_fail
try:
    with Lake(Path(sys.argv[2]), threads=1).writer("doomed", publish=True) as held:
        held.append("customer", "SELECT 'c3' AS customer_id")
except LakeError as error:
    print(error, flush=True)
"""


@pytest.fixture
def published(lake: Lake) -> Lake:
    with lake.writer("good", publish=True) as writer:
        writer.replace("customer", "SELECT 'c' || range AS customer_id FROM range(2)")
    return lake


def _parquet(lake: Lake) -> Path:
    return next(lake.place.files.rglob("*.parquet"))


def _seen(lake: Lake) -> dict[str, tuple[bool, str, str]]:
    return {sight.what: (sight.ok, sight.found, sight.fix) for sight in examine(lake)}


def test_every_new_file_and_its_folders_reach_the_disk_before_the_commit(
    published: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[str] = []
    sync, record = os.fsync, history.record

    def note(descriptor: int) -> None:
        reached.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        sync(descriptor)

    def committed(*where: object) -> None:
        reached.append("record")
        record(*where)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(history, "record", committed)
    before = set(published.place.files.rglob("*.parquet"))
    with published.writer("more", publish=True) as writer:
        writer.append("customer", "SELECT 'c3' AS customer_id")
        writer.replace("orders", "SELECT 1 AS order_id")

    in_time = {Path(path) for path in reached[: reached.index("record", 1)]}
    files = set(published.place.files.rglob("*.parquet")) - before
    assert len(files) == 2
    assert files | {parent for file in files for parent in file.parents[:3]} <= in_time
    assert str(published.folder) in reached[reached.index("record", 1) :]  # the list of snapshots has its name


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
@pytest.mark.parametrize(
    ("calls", "error", "said"),
    [("fsync,fdatasync", "EIO", "the disk is full or fails"), ("write,pwrite64", "ENOSPC", "the disk is full")],
    ids=["the catalog is synced, and a failing sync is an error", "no space for the catalog"],
)
def test_a_commit_whose_catalog_does_not_reach_the_disk_did_not_happen(
    published: Lake, calls: str, error: str, said: str
) -> None:
    command = [sys.executable, "-c", FAILING, Path(__file__).parent, published.folder, calls, error]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert said in told.stdout
    assert published.snapshot().name == "publish: good"
    assert published.reader().execute(COUNT).value() == 2
    with published.writer("next", publish=True) as writer:
        writer.append("customer", "SELECT 'c4' AS customer_id")
    assert published.reader().execute(COUNT).value() == 3


def test_a_file_that_cannot_be_synced_stops_the_commit(published: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(LakeError, match="Input/output error"), published.writer("more", publish=True) as writer:
            writer.append("customer", "SELECT 'c3' AS customer_id")

    assert published.reader().execute(COUNT).value() == 2
    assert len(list(published.place.files.rglob("*.parquet"))) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_run_that_committed_but_cannot_say_so_is_kept_and_shown_by_the_next(published: Lake) -> None:
    (published.folder / "snapshots.new").symlink_to("/dev/full")
    with pytest.raises(LakeError, match="is kept"), published.writer("more", publish=True) as writer:
        writer.append("customer", "SELECT 'c3' AS customer_id")
    assert published.reader().execute(COUNT).value() == 2
    (published.folder / "snapshots.new").unlink()

    tidy.tidy(published)

    assert published.snapshot().name == "publish: more"
    assert published.reader().execute(COUNT).value() == 3


@pytest.mark.parametrize("harm", ["cut", "emptied", "overwritten footer", "gone"])
def test_a_torn_file_is_an_error_that_names_the_table_and_never_a_number(published: Lake, harm: str) -> None:
    path = _parquet(published)
    content = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        torn = {"cut": content[: len(content) // 2], "emptied": b"", "overwritten footer": content[:-40] + b"x" * 40}
        path.write_bytes(torn[harm])

    with pytest.raises(LakeError, match="a file of the lake is"):
        Lake(published.folder, threads=1).reader().execute(COUNT)
    ok, found, fix = _seen(published)["files"]
    if harm != "overwritten footer":
        assert (ok, fix) == (False, "kehu build --full")
        assert "customer" in found


def test_missing_raw_rows_can_only_come_from_a_backup(published: Lake) -> None:
    with published.writer("land", publish=True) as writer:
        writer.replace("raw_till", "SELECT 1 AS n")
    next(published.place.files.rglob("raw_till/*.parquet")).unlink()

    assert "backup restore" in _seen(published)["files"][2]


def test_files_that_only_an_older_snapshot_needs_are_not_missed_after_mending(published: Lake) -> None:
    old = _parquet(published)
    with published.writer("next", publish=True) as writer:
        writer.replace("customer", "SELECT 'x' AS customer_id")
    old.unlink()
    assert "Only older snapshots" in _seen(published)["files"][2]

    tidy.tidy(published, days=0)

    assert _seen(published)["files"][0]
    assert published.reader().execute(COUNT).value() == 1


def test_a_damaged_catalog_is_said_and_nothing_is_written_to_it(published: Lake) -> None:
    apart.vacuum(published.place.catalog)  # fold its log in
    content = bytearray(published.place.catalog.read_bytes())
    content[4096 : len(content) // 2] = b"\xff" * (len(content) // 2 - 4096)
    published.place.catalog.write_bytes(content)
    fresh = Lake(published.folder, threads=1)

    seen = _seen(fresh)
    with pytest.raises(LakeError, match="catalog is damaged"), fresh.writer("more", publish=True):
        pytest.fail("the writer must not open")
    with pytest.raises(LakeError):
        fresh.reader().execute(COUNT)

    assert (seen["catalog"][0], "backup restore" in seen["catalog"][2]) == (False, True)
    assert published.place.catalog.read_bytes() == content


def test_left_over_files_are_counted_and_dropped(published: Lake) -> None:
    stray = _parquet(published).with_name("stray.parquet")
    shutil.copy(_parquet(published), stray)

    before = _seen(published)["left-over files"][1]
    tidy.tidy(published)

    assert before.startswith("1 files")
    assert _seen(published)["left-over files"][1] == "none"
    assert not stray.exists()


def test_a_sound_lake_has_nothing_to_mend(published: Lake) -> None:
    assert all(sight.ok for sight in examine(published))
    assert _seen(published)["lake lock"][1] == "free"


def test_a_clock_that_is_set_back_changes_no_order_and_expires_nothing(
    published: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidy.clock, "now", lambda: LONG_AGO)
    with published.writer("later", publish=True) as writer:
        writer.append("customer", "SELECT 'c3' AS customer_id")

    done = tidy.tidy(published)

    assert done.snapshots == 0
    assert [held.name for held in published.snapshots()] == ["publish: later", "publish: good"]
    assert published.reader().execute(COUNT).value() == 3


def _open(lake: Lake) -> None:
    with lake.writer("second build", publish=True):
        pytest.fail("two writers at once")


@pytest.mark.parametrize(
    ("first", "second"),
    [("build", _open), ("tidy", _open), ("build", tidy.tidy)],
    ids=["two builds", "a build during maintenance", "maintenance during a build"],
)
def test_a_second_writer_waits_and_then_names_the_first(
    published: Lake, monkeypatch: pytest.MonkeyPatch, first: str, second: Callable[[Lake], object]
) -> None:
    entered, leave = threading.Event(), threading.Event()

    def wait(*_: object, **__: object) -> list[str]:
        entered.set()
        leave.wait(30)
        return []

    def hold() -> None:
        if first == "tidy":
            tidy.tidy(published)
        else:
            with published.writer("build", publish=True):
                wait()

    monkeypatch.setattr(tidy, "compact", wait)
    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert entered.wait(30)
        with pytest.raises(KehuError, match=rf"being written by process {os.getpid()} since .*{first}"):
            second(published)
        assert "held by process" in _seen(published)["lake lock"][1]
    finally:
        leave.set()
        thread.join(timeout=30)

    assert published.reader().execute(COUNT).value() == 2


def test_a_reader_past_the_expiry_of_its_snapshot_is_told_so(published: Lake) -> None:
    old = published.reader()
    old.execute(COUNT)
    with published.writer("next", publish=True) as writer:
        writer.replace("customer", "SELECT 'x' AS customer_id")
    tidy.tidy(published, days=0)

    with pytest.raises(LakeError, match="expired"):
        old.execute("SELECT max(customer_id) FROM customer")
    with pytest.raises(LakeError, match="expired"):
        published.reader(old.snapshot)


def test_the_first_write_of_a_new_lake_may_take_more_than_its_memory(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "data" / "main", memory_limit="60MB", threads=1)

    with lake.writer("big", publish=True) as writer:
        writer.replace("big", "SELECT md5(range::VARCHAR) AS text, range AS n FROM range(1000000)", ("text",))

    assert lake.reader().execute("SELECT count(*) FROM big").value() == 1_000_000
