"""A table kept by key: the touched keys are computed anew, and every way gives the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sales import BEST, LINE, MARK, MARKED, TOTAL, table

from kehu.base.errors import TableError
from kehu.warehouse.build import increment, plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from sales import Shop


def test_only_touched_keys_are_computed(shop: Callable[..., Shop]) -> None:
    one = shop(total=MARKED)
    before = {row[0]: row[2] for row in one.rows("total")}
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'ann', 'web', 3), ('s6', 'cleo', 'web', 4)")

    (run,) = one.build().tables

    after = {row[0]: row[2] for row in one.rows("total")}
    assert (run.action, run.rows, run.changed, run.why) == ("merge", 4, 3, "raw_sale changed: 2 keys")
    assert one.rows("total", "customer_id, amount") == [("ann", 15), ("bob", 1), ("cleo", 4), ("wang", 2)]
    assert after["ann"] != before["ann"]
    assert (after["bob"], after["wang"]) == (before["bob"], before["wang"])


def test_a_row_that_goes_takes_its_key_along(shop: Callable[..., Shop]) -> None:
    one = shop(total=TOTAL)
    one.sql("DELETE FROM raw_sale WHERE customer_id = 'bob' OR sale_id = 's1'")

    assert one.done() == {"total": "merge"}
    assert one.rows("total") == [("ann", 7), ("wang", 2)]


@pytest.mark.parametrize("unique", ["true", "false"])
def test_a_row_that_changes_its_key_reaches_the_old_and_the_new_one(shop: Callable[..., Shop], unique: str) -> None:
    line = LINE.replace("unique: true", f"unique: {unique}")
    by_sale = TOTAL.replace("raw_sale", "line")
    one = shop(line=line, total=by_sale)
    one.sql(
        "UPDATE raw_sale SET sale_id = 's9' WHERE sale_id = 's1'",
        "UPDATE raw_sale SET customer_id = 'bob' WHERE sale_id = 's2'",
    )

    assert one.done() == {"line": "merge", "total": "merge"}
    assert one.rows("line")[0] == ("s2", "bob", 7)
    assert one.rows("line")[-1] == ("s9", "ann", 5)
    assert one.rows("total") == [("ann", 5), ("bob", 8), ("wang", 2)]


def test_keys_may_be_expressions_of_an_input(shop: Callable[..., Shop]) -> None:
    letter = table(
        "SELECT upper(left(customer_id, 1)) AS letter, count(*) AS sales FROM raw_sale GROUP BY 1",
        "letter: VARCHAR, sales: BIGINT",
        kind="merge", key="[letter]", by="[letter]", follows='{raw_sale: "upper(left(customer_id, 1))"}',
    )  # fmt: skip
    one = shop(letter=letter)
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'Alma', 'web', 3)")

    assert one.done() == {"letter": "merge"}
    assert one.rows("letter") == [("A", 3), ("B", 1), ("W", 1)]


def test_several_columns_make_one_key(shop: Callable[..., Shop]) -> None:
    pair = table(
        f"SELECT customer_id, channel, sum(amount)::BIGINT AS amount, {MARK} FROM raw_sale GROUP BY ALL",
        "customer_id: VARCHAR, channel: VARCHAR, amount: BIGINT, mark: VARCHAR",
        kind="merge", key="[customer_id, channel]", by="[customer_id, channel]",
        follows='{raw_sale: "customer_id, channel"}',
    )  # fmt: skip
    one = shop(pair=pair)
    before = {row[:2]: row[3] for row in one.rows("pair")}
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'ann', 'web', 3)")

    (run,) = one.build().tables

    after = {row[:2]: row[3] for row in one.rows("pair")}
    assert run.why == "raw_sale changed: 1 keys"
    assert {key for key in after if after[key] != before[key]} == {("ann", "web")}


def test_a_select_says_which_keys_a_change_elsewhere_reaches(shop: Callable[..., Shop]) -> None:
    named = table(
        f"SELECT s.sale_id, n.name, {MARK} FROM raw_sale AS s LEFT JOIN raw_name AS n USING (customer_id)",
        "sale_id: VARCHAR, name: VARCHAR, mark: VARCHAR",
        kind="merge", key="[sale_id]", by="[sale_id]",
        follows="{raw_sale: sale_id, raw_name: {key: >-\n"
        " SELECT s.sale_id FROM raw_sale AS s SEMI JOIN changed_raw_name AS c ON c.customer_id = s.customer_id}}",
    )  # fmt: skip
    named = named.replace("{raw_sale: sale_id, raw_name: {key: >-\n SELECT", '{raw_sale: sale_id, raw_name: "SELECT')
    named = named.replace("s.customer_id}}", 's.customer_id"}')
    one = shop(total=TOTAL)
    one.sql("CREATE TABLE raw_name AS SELECT 'ann' AS customer_id, 'Ann' AS name")
    one.files = {"named": named}
    one.build()
    before = dict(one.rows("named", "sale_id, mark"))
    one.sql("UPDATE raw_name SET name = 'Anna'", "INSERT INTO raw_name VALUES ('wang', '王芳')")

    done = one.done()

    after = dict(one.rows("named", "sale_id, mark"))
    assert done["named"] == "merge"
    assert one.rows("named", "sale_id, name") == [("s1", "Anna"), ("s2", "Anna"), ("s3", None), ("s4", "王芳")]
    assert after["s3"] == before["s3"]


def test_an_input_that_the_table_covers_is_read_whole_for_the_keys_it_has(shop: Callable[..., Shop]) -> None:
    one = shop(total=TOTAL.replace("raw_sale: customer_id", "raw_sale: {key: customer_id, covers: true}"))
    one.sql(
        "INSERT INTO raw_sale VALUES ('s5', 'cleo', 'web', 3), ('s6', 'cleo', 'web', 4), ('s7', 'ann', 'web', 1)",
        "DELETE FROM raw_sale WHERE sale_id IN ('s3', 's5')",
    )

    assert one.done() == {"total": "merge"}
    assert one.rows("total") == [("ann", 13), ("cleo", 4), ("wang", 2)]


def test_changes_that_the_table_cannot_show_touch_nothing(shop: Callable[..., Shop]) -> None:
    last = TOTAL.replace("raw_sale: customer_id", "raw_sale: {key: customer_id, when: \"channel = 'web'\"}").replace(
        "FROM raw_sale", "FROM raw_sale WHERE channel = 'web'"
    )
    one = shop(total=last)
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'ann', 'till', 3)")

    (run,) = one.build().tables

    assert (run.action, run.why) == ("skip", "raw_sale changed, but nothing it shows")
    assert one.is_as_if_built_whole()


@pytest.mark.parametrize(("small", "deletes"), [(100, 0), (0, 1)])
def test_a_small_table_is_written_anew_a_large_one_gets_its_rows_changed(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, small: int, deletes: int
) -> None:
    monkeypatch.setattr(increment, "SMALL", small)
    one = shop(line=LINE, total=TOTAL.replace("raw_sale", "line"))
    one.sql("UPDATE raw_sale SET amount = 6 WHERE sale_id = 's1'", "DELETE FROM raw_sale WHERE sale_id = 's3'")

    done = one.done()

    held = "SELECT table_id FROM __ducklake_metadata_lake.main.ducklake_table WHERE table_name = 'line'"
    found = one.ask(
        f"SELECT count(*) FROM __ducklake_metadata_lake.main.ducklake_delete_file WHERE table_id IN ({held})"
    )
    assert done == {"line": "merge", "total": "merge"}
    assert found == [(deletes,)]
    assert one.rows("line") == [("s1", "ann", 6), ("s2", "ann", 7), ("s4", "wang", 2)]
    assert one.is_as_if_built_whole()


@pytest.mark.parametrize("customer", ["NULL", "'eve'"])
def test_a_row_goes_wherever_it_stands_in_a_table_sorted_by_something_else(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, customer: str
) -> None:
    monkeypatch.setattr(increment, "SMALL", 0)
    one = shop(line=LINE.replace("columns:", "sort: [customer_id]\ncolumns:"))
    one.sql(f"UPDATE raw_sale SET customer_id = {customer} WHERE sale_id = 's1'")
    one.build()
    one.sql("DELETE FROM raw_sale WHERE sale_id IN ('s1', 's3')")

    assert one.done() == {"line": "merge"}
    assert one.rows("line") == [("s2", "ann", 7), ("s4", "wang", 2)]


@pytest.mark.parametrize("small", [100, 0])
def test_a_check_that_fails_for_touched_rows_publishes_nothing(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(increment, "SMALL", small)
    one = shop(total=TOTAL.replace("columns:", "checks: [amount > 0]\ncolumns:"))
    before = one.lake.snapshot()
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', -9)")

    with pytest.raises(TableError, match=r"amount > 0 fails for 1 rows, for example customer_id=bob"):
        one.build()

    one.sql("DELETE FROM raw_sale WHERE sale_id = 's5'", "INSERT INTO raw_sale VALUES ('s6', 'bob', 'web', 9)")
    assert one.lake.snapshot() == before
    assert one.rows("total")[1] == ("bob", 1)
    assert one.done() == {"total": "merge"}
    assert one.rows("total")[1] == ("bob", 10)


def test_equal_keys_of_other_rows_are_found_by_a_merge(shop: Callable[..., Shop]) -> None:
    once = LINE.replace("key: [sale_id]", "key: [customer_id, amount]")
    one = shop(line=once)
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 1)")

    with pytest.raises(TableError, match=r"unique\(customer_id, amount\) fails for 1 rows"):
        one.build()


@pytest.mark.parametrize("small", [100, 0])
@pytest.mark.parametrize("follow", ["{key: sale_id, unique: true}", "{key: sale_id, covers: true}", "sale_id"])
def test_a_row_that_comes_back_as_it_was_stays(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, follow: str, small: int
) -> None:
    monkeypatch.setattr(increment, "SMALL", small)
    copy = LINE.replace("raw_sale", "line").replace("{key: sale_id, unique: true}", follow)
    one = shop(line=LINE, copy=copy)
    one.sql("UPDATE raw_sale SET amount = 9 WHERE sale_id = 's1'", "DELETE FROM raw_sale WHERE sale_id = 's2'")
    one.build("line")
    one.sql(
        "UPDATE raw_sale SET amount = 5 WHERE sale_id = 's1'", "INSERT INTO raw_sale VALUES ('s2', 'ann', 'till', 7)"
    )

    one.build()

    assert one.rows("copy") == one.rows("line")
    assert len(one.rows("copy")) == 4


def test_scratch_tables_between_are_cut_to_the_touched_keys(shop: Callable[..., Shop]) -> None:
    sale = table("SELECT customer_id, amount FROM raw_sale", "customer_id: VARCHAR, amount: BIGINT", kind="scratch")
    one = shop(sale=sale, total=MARKED.replace("FROM raw_sale", "FROM sale"), best=BEST)
    before = dict(one.rows("total", "customer_id, mark"))
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 20)")

    done = one.done()

    after = dict(one.rows("total", "customer_id, mark"))
    assert done == {"total": "merge", "best": "full"}
    assert {who for who in after if after[who] != before[who]} == {"bob"}
    assert one.rows("best") == [(21,)]


def test_a_python_table_is_kept_by_key_too(shop: Callable[..., Shop]) -> None:
    text = '''
    """
    description: d
    grain: g
    kind: merge
    key: [customer_id]
    by: [customer_id]
    depends: [raw_sale]
    follows: {raw_sale: customer_id}
    origin: [raw_sale.amount]
    columns: {customer_id: VARCHAR, amount: BIGINT, seen: BIGINT}
    """
    def compute(inputs):
        all_seen = "(SELECT count(*) FROM raw_sale) AS seen"
        return inputs.connection.sql(f"SELECT customer_id, sum(amount) AS amount, {all_seen} FROM raw_sale GROUP BY 1")
    '''
    one = shop(**{"mart/total.py": text})
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 20)")

    assert one.done() == {"total": "merge"}
    assert one.rows("total") == [("ann", 12, 4), ("bob", 21, 2), ("wang", 2, 4)]


@pytest.mark.parametrize("few", [1_000, 0])
def test_keys_that_another_table_looked_at_are_followed_whether_its_rows_changed_or_not(
    shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(plan, "ALWAYS_FEW", few)
    channel = "SELECT sale_id FROM raw_sale AS s SEMI JOIN changed_raw_channel AS c ON c.channel = s.channel"
    found = "FROM raw_sale WHERE channel IN (SELECT channel FROM raw_channel)"
    fault = LINE.replace("FROM raw_sale", f"{found} AND amount < 0")
    good = LINE.replace("FROM raw_sale", f"{found} AND sale_id NOT IN (SELECT sale_id FROM fault)")
    fault = fault.replace("unique: true}", f"unique: true}}, raw_channel: {{key: {channel}}}")
    good = good.replace("unique: true}", 'unique: true}, raw_channel: {key: ""}, fault: {touched: true}')
    one = shop()
    one.sql("CREATE TABLE raw_channel AS SELECT 'web' AS channel")
    one.files = {"fault": fault, "good": good}
    one.build()
    one.sql("INSERT INTO raw_channel VALUES ('till')", "DELETE FROM raw_channel WHERE channel = 'web'")

    one.build()

    assert one.rows("good") == [("s2", "ann", 7)]


def test_a_merge_table_has_no_row_without_its_key(shop: Callable[..., Shop]) -> None:
    with pytest.raises(TableError, match=r"not_null\(customer_id\) fails for 1 rows"):
        shop(total=TOTAL.replace("SELECT customer_id", "SELECT nullif(customer_id, 'bob') AS customer_id"))


@pytest.mark.parametrize("first", ["raw_sale", "line"])
def test_a_key_that_comes_twice_is_found_whatever_the_input_says(shop: Callable[..., Shop], first: str) -> None:
    twice = table(
        "SELECT l.sale_id, l.amount FROM line AS l JOIN (SELECT UNNEST(['ann', 'ann', 'bob']) AS customer_id) AS c"
        " ON c.customer_id = l.customer_id".replace("line", first),
        "sale_id: VARCHAR, amount: BIGINT",
        kind="merge", key="[sale_id]", by="[sale_id]", follows=f"{{{first}: {{key: sale_id, unique: true}}}}",
    )  # fmt: skip

    with pytest.raises(TableError, match=r"unique\(sale_id\) fails for 2 rows"):
        shop(line=LINE, twice=twice)
