"""The rows that the catalog tells are the rows that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.warehouse.store.history import snapshots
from kehu.warehouse.upkeep.backup import frozen
from kehu.warehouse.upkeep.table_rows import table_rows
from kehu.warehouse.upkeep.tidy import tidy

if TYPE_CHECKING:
    from kehu.warehouse.lake import Lake

CHANGES = (
    "INSERT INTO person SELECT range FROM range(100, 150)",
    "DELETE FROM person WHERE id % 7 = 0",
    "UPDATE person SET id = id + 1000 WHERE id % 5 = 0",
    "CREATE TABLE none (id INTEGER)",
    "DELETE FROM person WHERE id % 3 = 0",
)


def _told(lake: Lake) -> dict[str, int]:
    with frozen(lake.place) as state:
        return state.rows


def test_rows_are_told_as_they_are_counted(lake: Lake) -> None:
    with lake.writer("landed", publish=False) as writer:
        writer.replace("person", "SELECT 1 AS id")
    before = _told(lake)
    with lake.writer("first", publish=True) as writer:
        writer.replace("person", "SELECT range AS id FROM range(100)", ("id",))
    told = []
    for number, change in enumerate(CHANGES):
        with lake.writer(change, publish=number != len(CHANGES) - 1) as writer:  # the last one waits for a build
            writer.connection.execute(change)
        if number == 2:
            tidy(lake, days=0)
        told.append((_told(lake), table_rows(lake)))

    assert before == {}
    assert all(one == counted for one, counted in told)
    assert told[-1] == told[-2]
    assert told[-1][0]["none"] == 0
    assert told[-1][0]["person"] == 128


def test_a_file_that_goes_on_after_the_published_snapshot_is_counted(lake: Lake) -> None:
    with lake.writer("first", publish=True) as writer:
        writer.replace("person", "SELECT range AS id FROM range(100)", ("id",))
    for number in range(3):
        with lake.writer(f"more {number}", publish=False) as writer:
            writer.append("person", f"SELECT range AS id FROM range({100 * number}, {100 * number + 50})")
    tidy(lake, days=7)

    with frozen(lake.place) as state:
        assert state.rows == table_rows(lake) == {"person": 100}
        assert state.snapshot == lake.snapshot().id  # type: ignore[union-attr]  # published above


def test_the_frozen_state_has_the_list_of_snapshots_that_the_catalog_has(lake: Lake) -> None:
    with lake.writer("first's", publish=True) as writer:
        writer.replace("person", "SELECT 1 AS id")
    listed = lake.snapshots()
    (lake.folder / "snapshots.json").unlink()  # as after a run that was killed behind its commit

    with frozen(lake.place) as state:
        assert snapshots(state.folder) == listed

    assert lake.snapshots() == listed
