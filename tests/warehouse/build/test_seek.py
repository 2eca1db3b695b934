"""Touched keys are found however many they are and whatever the table is sorted by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sales import table

from kehu.warehouse.build import increment
from kehu.warehouse.sql import among

if TYPE_CHECKING:
    from collections.abc import Callable

    from sales import Shop

PEOPLE, CHANNELS = 40, 3
SALES = f"""
INSERT INTO raw_sale SELECT 'n' || i, 'p' || (i % {PEOPLE}), 'way ' || (i // {PEOPLE}), i
FROM range({PEOPLE * CHANNELS}) AS t(i)
"""


def kept(sort: str) -> str:
    return table(
        "SELECT customer_id, channel, sum(amount)::BIGINT AS amount FROM raw_sale GROUP BY ALL",
        "customer_id: VARCHAR, channel: VARCHAR, amount: BIGINT",
        kind="merge", key="[customer_id, channel]", by="[customer_id, channel]",
        follows='{raw_sale: "customer_id, channel"}', sort=sort,
    )  # fmt: skip


@pytest.mark.parametrize("sort", ["[customer_id]", "[amount]", "[]"])
@pytest.mark.parametrize("count", [1, 7, 30])
def test_touched_keys_are_found(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, sort: str, count: int
) -> None:
    monkeypatch.setattr(increment, "SMALL", 0)
    monkeypatch.setattr(increment, "FEW", 20)
    line = table("SELECT * FROM raw_sale", "sale_id: VARCHAR, customer_id: VARCHAR, channel: VARCHAR, amount: BIGINT")
    one = shop(line=line.replace("columns:", f"sort: {sort}\ncolumns:"), pair=kept(sort).replace("raw_sale", "line"))
    one.sql(SALES)
    one.build(full=True)
    one.sql(f"UPDATE raw_sale SET amount = amount + 1000 WHERE amount < {count} AND sale_id LIKE 'n%'")

    run = one.build().tables[1]

    assert (run.action, run.changed) == ("merge", 2 * count)
    assert one.is_as_if_built_whole()


def test_rows_are_looked_for_by_the_part_of_a_key_that_tells_most(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, asked = shop(pair=kept("[amount]")), []
    one.sql(SALES)
    one.build(full=True)
    one.sql("UPDATE raw_sale SET amount = 7 WHERE channel = 'way 1'")
    monkeypatch.setattr(increment, "among", lambda *given: asked.append(given[-1]) or among(*given))

    one.build()

    assert set(asked) == {0}  # the customer: all have one channel
