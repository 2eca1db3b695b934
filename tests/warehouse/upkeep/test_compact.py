from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from kehu.warehouse.build.change import Changes
from kehu.warehouse.session.pool import borrowed
from kehu.warehouse.session.writer import OPTIONS
from kehu.warehouse.store.engine import attach
from kehu.warehouse.store.history import level
from kehu.warehouse.upkeep.compact import FEW, Layout, Sort, layouts
from kehu.warehouse.upkeep.tidy import tidy

if TYPE_CHECKING:
    from kehu.warehouse.lake import Lake

MB = 1 << 20
TOTALS = "SELECT count(*), sum(k), sum(v) FROM paid"


@pytest.fixture
def incremented(lake: Lake) -> Lake:
    """A table of 1,000 customers whose every tenth was replaced, nine times over, and raw rows of nine batches."""
    with lake.writer("all", publish=True) as writer:
        writer.replace("paid", "SELECT range AS k, 0 AS v FROM range(1000)", ("k",))
    for number in range(9):
        with lake.writer(f"increment {number}", publish=True) as writer:
            writer.connection.execute(f"DELETE FROM paid WHERE k % 10 = {number}")
            writer.connection.execute(f"INSERT INTO paid SELECT range * 10 + {number}, {number} FROM range(100)")
            writer.append("raw_till", f"SELECT 'b{8 - number}' AS _batch_id, range AS _line FROM range(3)")
    return lake


def _files(lake: Lake) -> dict[str, Layout]:
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, OPTIONS)
        return {one.table: one for one in layouts(connection)}


def _feed(lake: Lake, since: int) -> list[tuple[object, ...]]:
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, OPTIONS)
        newest = lake.latest().id
        sql = f"SELECT change_type, k, v FROM ducklake_table_changes('lake', 'main', 'paid', {since}, {newest})"
        return connection.execute(f"{sql} ORDER BY ALL").fetchall()


def test_a_table_incremented_many_times_becomes_one_sorted_file_without_holes(incremented: Lake) -> None:
    before = _files(incremented)["paid"]

    done = tidy(incremented, sorts={"paid": Sort(("k",))})

    after = _files(incremented)
    assert (before.files > FEW, before.deleted > 0) == (True, True)
    assert (after["paid"].files, after["paid"].deleted, after["raw_till"].files) == (1, 0, 1)
    assert done.tables == ("paid", "raw_till")
    assert [k for (k,) in incremented.reader().execute("SELECT k FROM paid").rows] == list(range(1000))
    batches = [one for (one,) in incremented.reader().execute("SELECT _batch_id FROM raw_till").rows]
    assert batches == sorted(batches)


def test_every_snapshot_answers_after_compaction_what_it_answered_before(incremented: Lake) -> None:
    numbers = [held.id for held in incremented.snapshots()]
    before = [_asked(incremented, number) for number in numbers]

    tidy(incremented, sorts={"paid": Sort(("k",))})

    assert [_asked(incremented, number) for number in numbers] == before
    assert incremented.snapshot().name == "publish: increment 8"
    assert incremented.reader().execute(TOTALS).rows == [(1000, 499500, 3600)]


def test_the_feed_from_the_level_of_the_last_build_shows_only_what_came_after(incremented: Lake) -> None:
    built = incremented.snapshot().id
    tidy(incremented)

    with incremented.writer("next", publish=True) as writer:
        writer.connection.execute("DELETE FROM paid WHERE k = 7")
        writer.connection.execute("INSERT INTO paid VALUES (7, 99)")

    assert _feed(incremented, level(incremented.snapshots(), built) + 1) == [("delete", 7, 7), ("insert", 7, 99)]
    noisy = _feed(incremented, built + 1)
    assert ("insert", 7, 99) in noisy
    assert all(kind.startswith("update_") for kind, k, _ in noisy if k != 7)


def test_landed_rows_are_not_published_by_maintenance(incremented: Lake) -> None:
    built = incremented.snapshot()
    with incremented.writer("more", publish=False) as writer:
        writer.append("raw_till", "SELECT 'late' AS _batch_id, 1 AS _line")

    tidy(incremented)

    assert incremented.snapshot() == built
    assert "late" not in {one for (one,) in incremented.reader().execute("SELECT _batch_id FROM raw_till").rows}


def test_a_tidy_lake_is_left_as_it_is(incremented: Lake) -> None:
    tidy(incremented)
    newest = incremented.latest()

    done = tidy(incremented)

    assert done.tables == ()
    assert incremented.latest() == newest


def test_the_disk_holds_at_most_twice_the_newest_state_once_older_snapshots_expired(incremented: Lake) -> None:
    for number in range(3):
        with incremented.writer("again", publish=True) as writer:
            writer.connection.execute(f"UPDATE paid SET v = hash(k) % 1000000007 WHERE k % 3 = {number}")
        done = tidy(incremented, days=0)

    newest = sum(one.bytes for one in _files(incremented).values())
    held = sum(path.stat().st_size for path in incremented.place.files.rglob("*.parquet"))
    assert held <= 2 * newest
    assert done.files == len(list(incremented.place.files.rglob("*.parquet")))


@pytest.mark.slow
def test_readers_of_an_older_snapshot_go_on_during_maintenance(incremented: Lake) -> None:
    reader = incremented.reader()
    seen: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(reader.execute(TOTALS).rows)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for number in range(3):
            with incremented.writer("more", publish=True) as writer:
                writer.connection.execute(f"UPDATE paid SET v = {number} WHERE k < 10")
            tidy(incremented)
    finally:
        stop.set()
        thread.join(timeout=60)

    assert len(seen) > 3
    assert all(rows == [(1000, 499500, 3600)] for rows in seen)


@pytest.mark.parametrize(
    ("layout", "holed", "scattered"),
    [
        (Layout("small", 9, 9 * MB, MB, 9, 1, 0.001), True, True),
        (Layout("few", 8, 8 * MB, MB, 8, 0, 0.0), False, False),
        (Layout("large, hardly deleted", 3, 900 * MB, 500 * MB, 0, 10, 0.01), False, False),
        (Layout("large, holed", 3, 900 * MB, 500 * MB, 0, 10, 0.2), True, False),
        (Layout("large, little beside it", 9, 900 * MB, 890 * MB, 8, 0, 0.0), False, False),
        (Layout("large, many small ones", 20, 900 * MB, 890 * MB, 19, 0, 0.0), False, True),
        (Layout("large, much beside it", 9, 900 * MB, 500 * MB, 1, 0, 0.0), False, True),
    ],
    ids=lambda value: value.table if isinstance(value, Layout) else "",
)
def test_work_is_done_only_where_it_is_worth_it(layout: Layout, holed: bool, scattered: bool) -> None:
    assert (layout.is_holed, layout.is_scattered) == (holed, scattered)


def _asked(lake: Lake, number: int) -> object:
    return lake.reader(number).execute(TOTALS).rows


def test_a_build_after_maintenance_is_told_only_what_changed_since(incremented: Lake) -> None:
    built = incremented.snapshot().id
    tidy(incremented)
    with incremented.writer("land", publish=False) as writer:
        writer.connection.execute("UPDATE paid SET v = 99 WHERE k = 7")

    with incremented.writer("build", publish=True) as writer:
        changes = Changes(writer, built, ["paid"])
        rows = writer.connection.execute("SELECT k, v, _is_old FROM changed_paid ORDER BY _is_old").fetchall()

    assert (changes.of("paid"), changes.of("raw_till")) == ("some", "none")
    assert rows == [(7, 99, False), (7, 7, True)]
