from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import LakeError
from kehu.warehouse.lake import Snapshot
from kehu.warehouse.upkeep.tidy import expired, tidy

if TYPE_CHECKING:
    from kehu.warehouse.lake import Lake


def _on(day: int) -> datetime:
    return datetime(2026, 1, day, tzinfo=UTC)


@pytest.mark.slow
def test_repeated_builds_do_not_grow_the_lake(lake: Lake) -> None:
    for number in range(3):
        with lake.writer("land", publish=False) as writer:
            writer.append("raw_a", f"SELECT {number} AS n")
        with lake.writer("build", publish=True) as writer:
            writer.replace("t", f"SELECT range AS r, {number} AS n FROM range(1000)")
    old = lake.reader(lake.snapshots()[2].id)

    kept = tidy(lake)
    done = tidy(lake, days=0)

    assert kept.snapshots == 3  # landings that a later build has published
    assert (done.snapshots, done.freed_bytes > 0) == (2, True)
    assert len(list(lake.folder.rglob("*.parquet"))) == 4
    assert lake.reader().execute("SELECT count(*), max(n) FROM t").rows == [(1000, 2)]
    assert lake.reader().execute("SELECT count(*) FROM raw_a").value() == 3
    with pytest.raises(LakeError, match="expired"):
        old.execute("SELECT * FROM t")


def test_young_published_snapshots_and_all_after_the_newest_stay() -> None:
    made = [
        Snapshot(5, "land: c", _on(1)),
        Snapshot(4, "publish: b", _on(1)),
        Snapshot(3, "publish: a", _on(9)),
        Snapshot(2, "publish: 0", _on(1)),
        Snapshot(1, "land: a", _on(1)),
    ]

    assert expired(made, _on(8)) == [2, 1]


def test_a_clock_that_was_set_back_expires_nothing_young() -> None:
    made = [Snapshot(4, "publish: c", _on(9)), Snapshot(3, "publish: b", _on(1)), Snapshot(2, "publish: a", _on(9))]

    assert expired(made, _on(8), _on(10)) == []


def test_a_clock_that_ran_ahead_keeps_nothing_for_ever() -> None:
    made = [Snapshot(4, "publish: c", _on(2)), Snapshot(3, "publish: b", _on(30)), Snapshot(2, "publish: a", _on(1))]

    assert expired(made, _on(8), _on(10)) == [3, 2]


def test_the_snapshot_of_the_last_build_outlives_maintenance_after_it() -> None:
    made = [
        Snapshot(4, "publish: b", _on(9), "tidy"),
        Snapshot(3, "publish: b", _on(1)),
        Snapshot(2, "land: b", _on(1)),
    ]

    assert expired(made, _on(8)) == [2]


def test_an_absent_lake_needs_no_tidying(lake: Lake) -> None:
    assert tidy(lake).snapshots == 0
