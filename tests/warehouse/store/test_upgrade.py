from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from kehu.base.errors import LakeError
from kehu.warehouse.lake import Lake
from kehu.warehouse.store.engine import connect
from kehu.warehouse.store.upgrade import FILE, KEPT, VERSION, version_of
from kehu.warehouse.upkeep import tidy as tidy_module
from kehu.warehouse.upkeep.tidy import tidy

NEVER = datetime(2999, 1, 1, tzinfo=UTC).replace(tzinfo=None)
WRITTEN = ("CREATE TABLE customer AS SELECT 'c1' AS customer_id", "INSERT INTO customer VALUES ('c2')")


@pytest.fixture
def earlier(lake: Lake) -> Lake:
    """A lake as Kehu 0.1 made it: two snapshots, their list without authors, nothing that says a version."""
    lake.place.files.mkdir(parents=True)
    with connect(lake.place, "writer") as connection:
        options = f"DATA_PATH '{lake.place.files}/', META_JOURNAL_MODE 'WAL', DATA_INLINING_ROW_LIMIT 0"
        connection.execute(f"ATTACH 'ducklake:sqlite:{lake.place.catalog}' AS lake ({options})")
        connection.execute("USE lake")
        for number, statement in enumerate(WRITTEN, start=1):
            connection.execute("BEGIN")
            connection.execute(statement)
            connection.execute(f"CALL lake.set_commit_message('kehu', 'publish: build {number}')")
            connection.execute("COMMIT")
        connection.execute("USE memory")
        connection.execute("DETACH lake")
    now = "2026-01-01T00:00:00"
    listed = [(2, "publish: build 2", now), (1, "publish: build 1", now)]
    (lake.folder / "snapshots.json").write_text(json.dumps(listed), encoding="utf-8")
    return lake


def _count(lake: Lake, at: int | None = None) -> object:
    return lake.reader(at).execute("SELECT count(*) FROM customer").value()


def test_an_earlier_lake_is_read_as_it_stands(earlier: Lake) -> None:
    assert (version_of(earlier.folder), _count(earlier), _count(earlier, 1)) == (1, 2, 1)
    assert not (earlier.folder / FILE).exists()


def test_the_first_write_upgrades_and_keeps_the_lake_as_it_was(earlier: Lake) -> None:
    with earlier.writer("more", publish=True) as writer:
        writer.append("customer", "SELECT 'c3' AS customer_id")
    with earlier.writer("other", publish=True) as writer:
        writer.replace("customer", "SELECT 'x' AS customer_id")
    tidy(earlier, days=0.0001)

    kept = Lake(earlier.folder / f"{KEPT}{VERSION}", threads=1)
    assert version_of(earlier.folder) == VERSION
    assert (_count(earlier), _count(kept), _count(kept, 1)) == (1, 2, 1)
    assert [held.name for held in kept.snapshots()] == ["publish: build 2", "publish: build 1"]


def test_the_kept_lake_goes_when_its_time_is_over(earlier: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    tidy(earlier)
    assert (earlier.folder / f"{KEPT}{VERSION}").exists()
    monkeypatch.setattr(tidy_module.clock, "now", lambda: NEVER)

    tidy(earlier)

    assert not (earlier.folder / f"{KEPT}{VERSION}").exists()
    assert _count(earlier) == 2


def test_a_new_lake_says_its_version_and_keeps_nothing(lake: Lake) -> None:
    with lake.writer("first", publish=True) as writer:
        writer.replace("customer", "SELECT 'c1' AS customer_id")

    assert version_of(lake.folder) == VERSION
    assert not list(lake.folder.glob(f"{KEPT}*"))


def test_a_lake_of_a_newer_version_is_neither_read_nor_written(earlier: Lake) -> None:
    (earlier.folder / FILE).write_text(json.dumps({"version": VERSION + 1}), encoding="utf-8")

    for ask in (earlier.snapshot, earlier.reader, lambda: tidy(earlier)):
        with pytest.raises(LakeError, match="a newer Kehu wrote this lake"):
            ask()
    with pytest.raises(LakeError, match="a newer Kehu"), earlier.writer("more", publish=True):
        pytest.fail("the writer must not open")


@pytest.mark.parametrize("text", ["", "{}", '{"version": "two"}', "[]"])
def test_a_damaged_version_is_said_and_not_guessed(earlier: Lake, text: str) -> None:
    (earlier.folder / FILE).write_text(text, encoding="utf-8")

    with pytest.raises(LakeError, match="version cannot be read"):
        earlier.snapshot()


def test_an_upgrade_without_space_changes_nothing(earlier: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kehu.warehouse.store.upgrade.apart.copy", full)

    with pytest.raises(LakeError, match="disk is full"), earlier.writer("more", publish=True):
        pytest.fail("the writer must not open")
    assert version_of(earlier.folder) == 1
    assert _count(earlier) == 2
