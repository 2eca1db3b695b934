"""Reverting: a batch's rows stop to count, those before it count again, and all of it can be undone."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu.base.errors import SourceError
from kehu.collect.ledger import Batch
from kehu.collect.revert import mended, restore, revert
from kehu.warehouse.session.writer import Writer

NOON = datetime(2026, 1, 2, 12)  # noqa: DTZ001  # stored naive, UTC
CURRENT = "SELECT batch_id FROM import_batch WHERE replaced_by IS NULL AND reverted_at IS NULL"
LEDGER = "SELECT batch_id, replaced_by, reverted_at FROM import_batch ORDER BY batch_id"


@pytest.fixture
def history(shop):
    """A file that landed with three contents; returns the ids of its batches."""
    ids = []
    for hour, names in enumerate(("Ann", "Ann\nBob", "Ann\nBob\n王芳")):
        shop.write("a.csv", f"name\n{names}\n")
        ids.append(shop.land(file="*.csv", hour=hour).batches[0].batch_id)
    return ids


def turn(shop, act, batch, **when):
    shop.connection.execute("BEGIN")
    done = act(Writer(shop.connection, shop.folder / "tmp"), batch, **when)
    shop.connection.execute("COMMIT")
    return done


def test_a_reverted_batch_gives_way_to_the_one_before_it(shop, history):
    done = turn(shop, revert, history[2], at=NOON)

    assert (done.changed, done.current, done.former) == (True, history[1], history[2])
    assert shop.ask(CURRENT) == [(history[1],)]
    assert shop.ask("SELECT count(*) FROM raw_shop_orders") == [(6,)]


def test_reverting_walks_back_over_reverted_batches(shop, history):
    turn(shop, revert, history[1], at=NOON)

    done = turn(shop, revert, history[2], at=NOON)

    assert done.current == history[0]
    assert shop.ask(CURRENT) == [(history[0],)]


def test_reverting_a_replaced_batch_mends_the_chain_and_changes_no_current_row(shop, history):
    done = turn(shop, revert, history[1], at=NOON)

    assert done.current == done.former == history[2]
    assert shop.ask(f"SELECT replaced_by FROM import_batch WHERE batch_id = '{history[0]}'") == [(history[2],)]


def test_the_only_batch_reverted_leaves_no_current_rows(shop):
    shop.write("a.csv", "name\nAnn\n")
    only = shop.land(file="*.csv").batches[0].batch_id

    done = turn(shop, revert, only, at=NOON)

    assert (done.current, shop.ask(CURRENT)) == (None, [])


def test_a_second_revert_or_restore_changes_nothing(shop, history):
    turn(shop, revert, history[2], at=NOON)
    once = shop.ask(LEDGER)

    again = turn(shop, revert, history[2], at=NOON.replace(hour=13))
    other = turn(shop, restore, history[1])

    assert (again.changed, other.changed) == (False, False)
    assert again.batch.reverted_at == NOON
    assert shop.ask(LEDGER) == once


def test_restoring_undoes_a_revert(shop, history):
    before = shop.ask(LEDGER)
    turn(shop, revert, history[1], at=NOON)

    turn(shop, restore, history[1])

    assert shop.ask(LEDGER) == before


def test_an_unknown_batch_names_those_written_alike(shop, history):
    with pytest.raises(SourceError, match=rf"no batch '{history[0][:10]}'.*{history[0]}"):
        turn(shop, revert, history[0][:10], at=NOON)


def test_reverted_content_does_not_land_again_under_any_name(shop):
    path = shop.write("a.csv", "name\nAnn\n")
    batch = shop.land(file="*.csv").batches[0].batch_id
    turn(shop, revert, batch, at=NOON)

    same = shop.land(file="*.csv", hour=1)
    path.rename(shop.files / "b.csv")
    renamed = shop.land(file="*.csv", hour=2)

    assert (same.batches, renamed.batches) == ((), ())
    assert f"a.csv was reverted (batch {batch}); not landed again" in same.warnings[0]
    assert f"kehu import restore {batch}" in renamed.warnings[0]


def test_a_file_corrected_after_a_revert_lands_and_replaces_what_counts(shop, history):
    turn(shop, revert, history[2], at=NOON)
    shop.write("a.csv", "name\nAnn\nBobby\n")

    new = shop.land(file="*.csv", hour=5).batches[0].batch_id

    assert shop.ask(CURRENT) == [(new,)]
    assert shop.ask(f"SELECT replaced_by FROM import_batch WHERE batch_id = '{history[1]}'") == [(new,)]


def test_another_way_of_reading_lands_reverted_content(shop):
    shop.write("a.csv", "name\n王芳\n", "gb18030")
    batch = shop.land(file="*.csv", encoding="latin-1").batches[0].batch_id
    turn(shop, revert, batch, at=NOON)

    assert shop.land(file="*.csv", encoding="gb18030", hour=1).rows == 1


def test_batches_keep_their_order_when_the_clock_goes_back(shop):
    ids = []
    for hour, name in ((5, "Ann"), (2, "Bob")):
        shop.write("a.csv", f"name\n{name}\n")
        ids.append(shop.land(file="*.csv", hour=hour).batches[0].batch_id)

    turn(shop, revert, ids[1], at=NOON)

    assert shop.ask(CURRENT) == [(ids[0],)]


def test_a_ledger_without_the_column_gains_it(shop, history):
    shop.connection.execute("ALTER TABLE import_batch DROP COLUMN reverted_at")

    turn(shop, revert, history[2], at=NOON)

    assert shop.ask(CURRENT) == [(history[1],)]


def landed(*reverted: bool) -> list[Batch]:
    batches = [
        Batch(str(n), "shop", "orders", "a.csv", "", "", 1, 1, 0, NOON, None, NOON if gone else None)
        for n, gone in enumerate(reverted)
    ]
    return mended(batches)


@given(st.lists(st.booleans(), max_size=8))
def test_law_the_newest_batch_nobody_reverted_is_the_current_one(reverted):
    current = [batch.batch_id for batch in landed(*reverted) if batch.is_current]

    assert current == [str(n) for n, gone in enumerate(reverted) if not gone][-1:]


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_law_what_is_reverted_decides_alone_not_the_way_there(reverted, data):
    at = data.draw(st.integers(0, len(reverted) - 1))
    other = [gone != (n == at) for n, gone in enumerate(reverted)]
    turned = [
        Batch(**{**vars(batch), "reverted_at": NOON if gone else None})
        for batch, gone in zip(landed(*other), reverted, strict=True)
    ]

    assert mended(turned) == landed(*reverted)
