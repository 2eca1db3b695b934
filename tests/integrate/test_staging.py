from datetime import date

import pytest
from tests.integrate.looks import TABLES
from tests.integrate.stages import company, staged

from kehu.base.errors import MappingError
from kehu.integrate.staging import mapped_tables

LINE = {
    "order_key": "no",
    "line_key": "pos",
    "product_key": "sku",
    "ordered_at": "day",
    "amount": "paid",
    "email": "mail",
}
GOOD = {"no": "1", "pos": "1", "sku": "P1", "day": "2017-01-03", "paid": "5", "mail": "ann@x.org"}


def lines(*changes, table="raw_shop_orders"):
    return {table: [{**GOOD, **change} for change in changes]}


def refused(connection):
    return connection.execute("SELECT line, rule, reason FROM quarantine ORDER BY line").fetchall()


def test_everything_builds_without_any_source():
    connection = staged([], {}, [name for name in TABLES if name != "quarantine"])

    assert connection.execute("SELECT count(*) FROM stg_order_line").fetchone() == (0,)


def test_good_rows_pass_and_zero_and_returns_are_good():
    rows = lines({"paid": "0"}, {"no": "2", "paid": "-3.50"})

    connection = staged([company({"orders": {"order_line": LINE}})], rows, ["stg_order_line"])

    found = connection.execute("SELECT order_key, CAST(amount AS VARCHAR) FROM stg_order_line ORDER BY 1").fetchall()
    assert found == [("1", "0.00"), ("2", "-3.50")]
    assert refused(connection) == []


def test_days_before_1900_stay_where_the_mapping_says_so():
    rows = lines({"day": "1817-01-03"}, {"no": "2", "day": "1517-01-03"})
    of_the_past = {**LINE, "ordered_at": {"column": "day", "earliest": "1600-01-01"}}
    people = {"full_name": "mail", "birth_on": {"column": "day", "earliest": "1600-01-01"}}

    mapping = company({"orders": {"order_line": of_the_past, "customer_record": people}})
    connection = staged([mapping], rows, ["stg_order_line", "stg_customer_record"])

    assert connection.execute("SELECT CAST(ordered_at AS DATE) FROM stg_order_line").fetchall() == [(date(1817, 1, 3),)]
    assert refused(connection) == [(3, "out_of_range", "ordered_at: out of range: 1517-01-03 00:00:00")]
    found = connection.execute("SELECT birth_on, attributes->>'day' FROM stg_customer_record ORDER BY 1").fetchall()
    assert found == [(date(1817, 1, 3), None), (None, "1517-01-03")]


@pytest.mark.parametrize("day", ["1600", "the beginning", "1600-13-01"])
def test_an_earliest_day_that_is_none_is_refused(day):
    with pytest.raises(MappingError, match="Write the first possible day, such as 1600-01-01"):
        company({"orders": {"order_line": {**LINE, "ordered_at": {"column": "day", "earliest": day}}}})


@pytest.mark.parametrize(
    ("change", "rule", "reason"),
    [
        ({"day": "2017-13-45"}, "not_a_date", 'ordered_at: not a date: "2017-13-45"'),
        ({"paid": "free"}, "not_a_number", 'amount: not a number: "free"'),
        ({"paid": ""}, "missing", "amount: missing (paid is empty)"),
        ({"sku": "N/A"}, "missing", "product_key: missing (sku is empty)"),
        ({"day": "1017-01-03"}, "out_of_range", "ordered_at: out of range: 1017-01-03 00:00:00"),
    ],
)
def test_a_faulty_row_is_refused_with_its_rule_and_reason(change, rule, reason):
    connection = staged([company({"orders": {"order_line": LINE}})], lines(change), ["stg_order_line"])

    assert refused(connection) == [(2, rule, reason)]
    assert connection.execute("SELECT count(*) FROM stg_order_line").fetchone() == (0,)


def test_the_first_good_row_of_a_key_stays():
    rows = lines({"paid": "free"}, {}, {"paid": "6"})

    connection = staged([company({"orders": {"order_line": LINE}})], rows, ["stg_order_line"])

    assert connection.execute("SELECT row_id FROM stg_order_line").fetchall() == [("b-3",)]
    assert [row[:2] for row in refused(connection)] == [(2, "not_a_number"), (4, "duplicate_key")]
    assert "a.csv, line 3" in refused(connection)[1][2]


def test_an_unknown_product_is_refused_only_where_products_are_mapped():
    shop = company({"orders": {"order_line": LINE}})
    erp = company({"items": {"product": {"product_key": "id", "name": "name"}}}, name="erp")
    rows = lines({}, {"no": "2", "sku": "P9"})

    alone = staged([shop], rows, ["stg_order_line"])
    both = staged([shop, erp], {**rows, "raw_erp_items": [{"id": "P1", "name": "Milk"}]}, ["stg_order_line"])

    assert refused(alone) == []
    assert refused(both) == [(3, "unknown_reference", "product_key: no product has the key P9")]


def test_a_superseded_batch_counts_no_more():
    rows = lines({"_batch_id": "old"}, {"paid": "6"})

    connection = staged([company({"orders": {"order_line": LINE}})], rows, ["stg_order_line"])

    assert connection.execute("SELECT row_id FROM stg_order_line").fetchall() == [("b-3",)]


def test_a_batch_that_was_taken_back_counts_no_more():
    rows = lines({"paid": "6"}, {"no": "2", "_batch_id": "back"}, {"no": "3", "paid": "free", "_batch_id": "back"})

    connection = staged([company({"orders": {"order_line": LINE}})], rows, ["stg_order_line"])

    assert connection.execute("SELECT row_id FROM stg_order_line").fetchall() == [("b-2",)]
    assert refused(connection) == []


def test_raw_rows_are_counted_by_batch_whether_they_count_or_not():
    rows = lines({}, {"no": "2"}, {"_batch_id": "old"}, {"_batch_id": "never landed"})

    connection = staged([company({"orders": {"order_line": LINE}})], rows, ["stg_raw_tally"])

    tally = connection.execute("SELECT source, stream, batch_id, rows FROM stg_raw_tally ORDER BY ALL").fetchall()
    assert tally == [("shop", "orders", "b", 2), ("shop", "orders", "old", 1)]


def test_the_whole_raw_row_stands_in_quarantine():
    connection = staged([company({"orders": {"order_line": LINE}})], lines({"paid": "free"}), ["stg_order_line"])

    assert '"mail":"ann@x.org"' in connection.execute("SELECT row_text FROM quarantine").fetchone()[0]


def test_rows_that_no_entity_wants_are_not_lost():
    call = {"started_at": "at", "kind": "type", "where": {"type": ["call"]}}
    answer = {"answered_at": "at", "score": "score", "where": {"type": ["nps"]}}
    rows = {"raw_desk_log": [{"type": t, "at": "2017-01-03", "score": "9"} for t in ("call", "NPS", "fax")]}
    desk = company({"log": {"interaction": call, "survey_response": answer}}, name="desk")

    connection = staged([desk], rows, ["stg_interaction", "stg_survey_response"])

    assert connection.execute("SELECT count(*) FROM stg_interaction").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM stg_survey_response").fetchone() == (1,)
    assert refused(connection) == [(4, "no_entity", 'type: no entity takes rows with "fax"')]


def test_lines_may_leave_their_day_to_the_header_but_must_have_one():
    described = {k: v for k, v in LINE.items() if k != "ordered_at"}
    head = {"order_key": "no", "ordered_at": "day"}
    rows = {**lines({}, {"no": "9"}, table="raw_shop_lines"), "raw_shop_heads": [{"no": "1", "day": "2017-01-03"}]}

    connection = staged(
        [company({"heads": {"orders": head}, "lines": {"order_line": described}})], rows, ["stg_order_line"]
    )

    assert refused(connection) == [(3, "unknown_reference", "order_key: no order has the key 9")]


def test_a_header_that_goes_reaches_its_lines_though_another_source_has_that_number():
    described = {k: v for k, v in LINE.items() if k != "ordered_at"}
    head = {"order_key": "no", "ordered_at": "day"}
    shop = company({"heads": {"orders": head}, "lines": {"order_line": described}})
    web = company({"heads": {"orders": head}}, name="web")
    rows = {
        **lines({}, {"no": "2"}, table="raw_shop_lines"),
        "raw_shop_heads": [{"no": number, "day": "2017-01-03"} for number in ("1", "2")],
        "raw_web_heads": [{"no": "1", "day": "2017-01-03"}],
    }
    connection = staged([shop, web], rows, ["stg_order_line"])
    connection.execute(
        "CREATE TABLE changed_stg_orders AS SELECT *, TRUE AS _is_old FROM stg_orders WHERE source = 'shop'"
    )
    connection.execute("DELETE FROM stg_orders WHERE source = 'shop'")
    raw = {name: [(column, "VARCHAR") for column in found[0]] for name, found in rows.items()}
    reject = next(t for t in mapped_tables([shop, web], TABLES, raw) if t.name == "stg_reject_order_line")

    touched = connection.execute(reject.follows["stg_orders"].key).fetchall()

    assert sorted(touched) == [("b-2",), ("b-3",)]


def test_amounts_can_be_multiplied_and_discounts_added():
    described = {**LINE, "amount": {"column": ["n", "each"], "transform": "product"}}
    described["discount"] = {"column": ["d1", "d2"], "transform": "sum"}
    rows = lines({"n": "3", "each": "1.25", "d1": "0.5", "d2": None})

    connection = staged([company({"orders": {"order_line": described}})], rows, ["stg_order_line"])

    assert [str(v) for v in connection.execute("SELECT amount, discount FROM stg_order_line").fetchone()] == [
        "3.75",
        "0.50",
    ]


def test_a_column_that_the_stream_lacks_is_named_with_the_nearest():
    shop = company({"orders": {"order_line": {**LINE, "amount": "payd"}}})

    with pytest.raises(MappingError, match=r"shop\.yml, stream orders.*'payd'.*'paid'"):
        staged([shop], lines({}), [])
