"""What a build computes whole, by keys, or not at all; every way gives the same rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sales import BEST, LINE, TOTAL, table

from kehu.warehouse.build import increment, plan
from kehu.warehouse.upkeep.tidy import tidy

if TYPE_CHECKING:
    from collections.abc import Callable

    from sales import Shop


def test_an_input_that_is_not_followed_means_computing_all(shop: Callable[..., Shop]) -> None:
    taxed = TOTAL.replace("FROM raw_sale", "FROM raw_sale CROSS JOIN raw_tax").replace("(amount)", "(amount * tax)")
    one = shop()
    one.sql("CREATE TABLE raw_tax AS SELECT 2::BIGINT AS tax")
    one.files = {"total": taxed}
    one.build()
    one.sql("UPDATE raw_tax SET tax = 3")

    (run,) = one.build().tables

    assert (run.action, run.why) == ("full", "raw_tax changed")
    assert one.rows("total") == [("ann", 36), ("bob", 3), ("wang", 6)]


def test_a_table_whose_definition_changed_is_computed_whole_and_its_readers_follow(shop: Callable[..., Shop]) -> None:
    one = shop(total=TOTAL, best=BEST, line=LINE)
    one.files["total"] = TOTAL.replace("sum(amount)", "sum(amount + 1)")

    done = {run.name: (run.action, run.why) for run in one.build().tables}

    assert done["total"] == ("full", "its definition or the settings changed")
    assert done["best"][0] == "full"
    assert done["line"] == ("skip", "nothing it reads changed")
    assert one.rows("best") == [(14,)]


def test_a_setting_that_shapes_rows_means_computing_all(shop: Callable[..., Shop]) -> None:
    zone = TOTAL.replace("sum(amount)", "(SELECT length(time_zone) FROM workspace_setting) + sum(amount)")
    one = shop(total=zone)
    one.settings = replace(one.settings, time_zone="UTC")

    assert one.done() == {"total": "full"}
    assert one.rows("total")[0] == ("ann", 15)


def test_when_nothing_changed_there_is_nothing_to_do_and_no_snapshot(shop: Callable[..., Shop]) -> None:
    one = shop(total=TOTAL, best=BEST)
    before = [snapshot.id for snapshot in one.lake.snapshots()]

    report = one.build()

    assert report.is_idle
    assert {run.name: run.action for run in report.tables} == {"total": "skip", "best": "skip"}
    assert [snapshot.id for snapshot in one.lake.snapshots()] == before


def test_many_touched_keys_mean_computing_all(shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "ALWAYS_FEW", 1)
    one = shop(total=TOTAL)
    one.sql("UPDATE raw_sale SET amount = amount + 1 WHERE customer_id IN ('ann', 'bob')")

    (run,) = one.build().tables

    assert (run.action, run.why) == ("full", "2 keys touched of 4 rows")
    assert one.rows("total") == [("ann", 14), ("bob", 2), ("wang", 2)]


def test_a_table_that_stays_the_same_lets_its_readers_skip(shop: Callable[..., Shop]) -> None:
    one = shop(total=TOTAL, best=BEST, twice=table("SELECT amount * 2 AS amount FROM best", "amount: BIGINT"))
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 1)")

    done = {run.name: (run.action, run.changed) for run in one.build().tables}

    assert done == {"total": ("merge", 2), "best": ("full", 0), "twice": ("skip", 0)}


@pytest.mark.parametrize(("small", "way"), [(100, "full"), (0, "merge")])  # nobody follows a table written anew
def test_tables_that_a_build_left_out_catch_up_later(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, small: int, way: str
) -> None:
    monkeypatch.setattr(increment, "SMALL", small)
    one = shop(line=LINE, total=TOTAL.replace("raw_sale", "line"), best=BEST)
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 20)")
    one.done("line")
    one.sql("DELETE FROM raw_sale WHERE sale_id = 's1'")
    stale = one.rows("total")

    done = one.done()

    assert stale == [("ann", 12), ("bob", 1), ("wang", 2)]
    assert done == {"line": "merge", "total": way, "best": "full"}
    assert one.rows("best") == [(21,)]
    assert one.is_as_if_built_whole()


def test_a_table_is_computed_whole_when_the_snapshots_in_between_are_gone(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(increment, "SMALL", 0)
    one = shop(line=LINE, total=TOTAL.replace("raw_sale", "line"))
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 20)")
    one.build("line")
    one.sql("DELETE FROM raw_sale WHERE sale_id = 's1'")
    one.build("line")
    tidy(one.lake, days=0)

    done = one.done()

    assert done == {"line": "full", "total": "full"}
    assert one.rows("total") == [("ann", 7), ("bob", 21), ("wang", 2)]


def test_upkeep_between_builds_changes_no_row_and_no_work(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(increment, "SMALL", 0)
    one = shop(line=LINE, copy=LINE.replace("raw_sale", "line"))
    one.sql(
        "DELETE FROM raw_sale WHERE sale_id IN ('s1', 's2')", "INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 20)"
    )
    one.build()
    tidied = tidy(one.lake, days=0)
    idle = one.done()
    one.sql("INSERT INTO raw_sale VALUES ('s6', 'bob', 'web', 30)")

    done = {run.name: (run.action, run.why) for run in one.build().tables}

    assert "line" in tidied.tables
    assert idle == {"line": "skip", "copy": "skip"}
    assert done == {"line": ("merge", "raw_sale changed: 1 keys"), "copy": ("merge", "line changed: 1 keys")}
    assert [row[0] for row in one.rows("copy")] == ["s3", "s4", "s5", "s6"]


def test_what_is_appended_to_a_ledger_reaches_its_readers(shop: Callable[..., Shop]) -> None:
    files = {
        "ledger/score.sql": table("", "customer_id: VARCHAR, value: BIGINT"),
        "newest": TOTAL.replace("raw_sale", "score").replace("(amount)", "(value)"),
        "count": table("SELECT count(*) AS rows FROM score", "rows: BIGINT"),
    }
    one = shop(**files)
    with one.lake.writer("score", publish=False) as writer:
        writer.append("score", "SELECT 'ann' AS customer_id, 4::BIGINT AS value")

    done = one.done()

    assert done == {"score": "ledger", "newest": "merge", "count": "full"}
    assert (one.rows("newest"), one.rows("count")) == ([("ann", 4)], [(1,)])


def test_a_table_that_reads_raw_rows_directly_is_rebuilt_when_they_grow(shop: Callable[..., Shop]) -> None:
    one = shop(mine=table("SELECT count(*) AS rows FROM raw_sale", "rows: BIGINT"), line=LINE)
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 1)")

    assert one.done() == {"mine": "full", "line": "merge"}
    assert one.rows("mine") == [(5,)]
