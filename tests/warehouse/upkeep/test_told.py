"""The rows that the catalog tells are the rows that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.warehouse.upkeep.backup import table_rows, told_rows
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


def test_rows_are_told_as_they_are_counted(lake: Lake) -> None:
    before = told_rows(lake)
    with lake.writer("first", publish=True) as writer:
        writer.replace("person", "SELECT range AS id FROM range(100)", ("id",))
    told = []
    for number, change in enumerate(CHANGES):
        with lake.writer(change, publish=number != len(CHANGES) - 1) as writer:  # the last one waits for a build
            writer.connection.execute(change)
        if number == 2:
            tidy(lake, days=0)
        told.append((told_rows(lake), table_rows(lake)))

    assert before == {}
    assert all(one == counted for one, counted in told)
    assert told[-1] == told[-2]
    assert told[-1][0]["none"] == 0
    assert told[-1][0]["person"] == 128
