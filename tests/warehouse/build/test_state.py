"""How many rows tables hold, known without counting them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sales import BEST, LINE, TOTAL

from kehu.warehouse.build import increment
from kehu.warehouse.build.state import held
from kehu.warehouse.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable

    from sales import Shop

CHANGES = (
    ("INSERT INTO raw_sale VALUES ('s5', 'eve', 'web', 20), ('s6', 'bob', 'web', 1)",),
    ("UPDATE raw_sale SET amount = 6 WHERE sale_id = 's1'", "DELETE FROM raw_sale WHERE sale_id = 's3'"),
    ("DELETE FROM raw_sale WHERE customer_id IN ('bob', 'eve')", "INSERT INTO raw_sale VALUES ('s7', 'yan', 'web', 3)"),
    ("DELETE FROM raw_sale",),
)


@pytest.mark.parametrize("small", [100, 0])
def test_the_rows_that_come_and_go_are_counted(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(increment, "SMALL", small)
    one = shop(line=LINE, total=TOTAL, best=BEST)
    for change in CHANGES:
        one.sql(*change)
        told = {run.name: run.rows for run in one.build().tables}

        counted = {name: len(rows) for name, rows in one.everything().items()}
        assert told == counted
        with one.lake.writer("look", publish=False) as writer:
            assert held(writer, Catalog(one.tables())) == counted


def test_what_a_transaction_wrote_is_not_taken_for_what_was_held(shop: Callable[..., Shop]) -> None:
    one = shop(line=LINE, total=TOTAL)

    with one.lake.writer("look", publish=False) as writer:
        writer.replace("line", "FROM lake.main.line WHERE amount > 5", ["sale_id"])
        found = held(writer, Catalog(one.tables()))

    assert found == {"total": 3}
