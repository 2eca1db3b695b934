"""Slices: rows that belong to one row of an input come and go with it, and all others stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sales import MARK, table

from kehu.warehouse.build import increment, slices

if TYPE_CHECKING:
    from collections.abc import Callable

    from sales import Shop

LIMIT = table("SELECT DISTINCT amount AS upto FROM raw_sale", "upto: BIGINT", key="[upto]")
BELOW = "SELECT l.upto, s.customer_id, s.sale_id FROM limit_at AS l JOIN raw_sale AS s ON s.amount < l.upto"
FOLLOWS = '{limit_at: {slice: upto}, raw_sale: {key: customer_id, when: "amount < (SELECT max(upto) FROM limit_at)"}}'
PAIR = table(BELOW, "upto: BIGINT, customer_id: VARCHAR, sale_id: VARCHAR", kind="scratch")


def seen(source: str, mark: str = "") -> str:
    return table(
        f"SELECT upto, customer_id, count(*) AS sales{mark and f', {mark}'} FROM {source} GROUP BY ALL",
        f"upto: BIGINT, customer_id: VARCHAR, sales: BIGINT{mark and ', mark: VARCHAR'}",
        kind="merge", key="[upto, customer_id]", by="[customer_id]", follows=FOLLOWS,
    )  # fmt: skip


@pytest.fixture(params=["small", "large"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "large":
        monkeypatch.setattr(increment, "SMALL", 0)
        monkeypatch.setattr(slices, "SMALL", 0)


def test_a_new_slice_is_computed_and_no_other_row(shop: Callable[..., Shop], size: None) -> None:
    one = shop(limit_at=LIMIT, seen=seen(f"({BELOW})", MARK))
    before = one.rows("seen")
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'ann', 'web', 9)")

    _, run = one.build().tables

    assert (run.action, run.why, run.changed) == ("merge", "limit_at, raw_sale changed: 0 keys, 1 slices", 3)
    assert set(before) < set(one.rows("seen"))
    assert one.rows("seen", "upto, customer_id, sales")[-3:] == [(9, "ann", 2), (9, "bob", 1), (9, "wang", 1)]


def test_a_late_row_reaches_its_key_in_the_slices_that_stay(shop: Callable[..., Shop], size: None) -> None:
    one = shop(limit_at=LIMIT, seen=seen(f"({BELOW})", MARK))
    before = one.rows("seen")
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 3)")

    run = one.build().tables[1]

    assert run.why == "limit_at, raw_sale changed: 1 keys, 1 slices"
    assert {row[:2] for row in set(before) - set(one.rows("seen"))} == {(2, "bob"), (5, "bob"), (7, "bob")}
    assert [row for row in one.rows("seen", "upto, customer_id, sales") if row[0] in (3, 5)] == [
        (3, "bob", 1), (3, "wang", 1), (5, "bob", 2), (5, "wang", 1),
    ]  # fmt: skip


def test_a_slice_that_goes_takes_its_rows_along(shop: Callable[..., Shop], size: None) -> None:
    one = shop(limit_at=LIMIT, seen=seen(f"({BELOW})", MARK))
    before = one.rows("seen")
    one.sql("DELETE FROM raw_sale WHERE sale_id = 's2'")

    run = one.build().tables[1]

    assert (run.action, run.changed) == ("merge", 3)
    assert one.rows("seen") == [row for row in before if row[0] != 7]


def test_a_scratch_table_between_stands_for_the_slices_too(shop: Callable[..., Shop], size: None) -> None:
    one = shop(limit_at=LIMIT, pair=PAIR, seen=seen("pair"))
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 3), ('s6', 'eve', 'web', 1)")

    assert one.done()["seen"] == "merge"
    stored = one.rows("seen")
    one.build(full=True)
    assert one.rows("seen") == stored


def test_many_new_slices_are_computed_with_all_others(shop: Callable[..., Shop]) -> None:
    one = shop(limit_at=LIMIT, seen=seen(f"({BELOW})"))
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'ann', 'web', 11), ('s6', 'ann', 'web', 12), ('s7', 'ann', 'web', 13)")

    run = one.build().tables[1]

    assert (run.action, run.why) == ("full", "3 slices of limit_at changed")


def test_who_reads_slices_is_computed_whole_when_they_move(shop: Callable[..., Shop]) -> None:
    most = table("SELECT max(sales) AS sales FROM seen", "sales: BIGINT")
    one = shop(limit_at=LIMIT, seen=seen(f"({BELOW})"), most=most)
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'ann', 'web', 9)")

    assert one.done() == {"limit_at": "full", "seen": "merge", "most": "full"}
    assert one.rows("most") == [(2,)]
