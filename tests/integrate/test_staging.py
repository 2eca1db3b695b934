from datetime import date
from pathlib import Path

import duckdb
import pytest

import kehu.tables
from kehu.base.errors import MappingError
from kehu.integrate.mapping import Mapping
from kehu.integrate.staging import mapped_tables
from kehu.warehouse.catalog import Catalog
from kehu.warehouse.table import load_tables

TABLES = load_tables(Path(kehu.tables.__file__).parent / "staging")
LINE = {
    "order_key": "no",
    "line_key": "pos",
    "product_key": "sku",
    "ordered_at": "day",
    "amount": "paid",
    "email": "mail",
}
GOOD = {"no": "1", "pos": "1", "sku": "P1", "day": "2017-01-03", "paid": "5", "mail": "ann@x.org"}


def company(streams, *, name="shop"):
    described = {"name": name, "streams": {s: {"entities": entities} for s, entities in streams.items()}}
    return Mapping.parse(described, TABLES, where=f"{name}.yml")


def staged(mappings, rows, names):
    """Land rows as text, build the generated tables and the named staging tables, and return the connection."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE TABLE import_batch (batch_id VARCHAR, replaced_by VARCHAR, reverted_at TIMESTAMP)")
    batches = "('b', NULL, NULL), ('old', 'b', NULL), ('back', NULL, TIMESTAMP '2018-02-01')"
    connection.execute(f"INSERT INTO import_batch VALUES {batches}")
    raw = {}
    for table, lines in rows.items():
        columns = list(dict.fromkeys(c for line in lines for c in line if not c.startswith("_")))
        raw[table] = tuple((c, "VARCHAR") for c in columns)
        declared = ", ".join(f'"{c}" VARCHAR' for c in columns)
        place = "_file VARCHAR, _line BIGINT, _batch_id VARCHAR, _landed_at TIMESTAMP"
        connection.execute(f'CREATE TABLE "{table}" ({declared}, {place})')
        for number, line in enumerate(lines, 2):
            values = [line.get(c) for c in columns]
            batch = line.get("_batch_id", "b")
            values += ["a.csv", number, batch, "2018-01-01"]
            connection.execute(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(values))})', values)
    connection.execute(
        "CREATE TABLE raw_reject (source VARCHAR, stream VARCHAR, batch_id VARCHAR, file VARCHAR, line BIGINT,"
        " rule VARCHAR, reason VARCHAR, text VARCHAR)"
    )
    catalog = Catalog({**TABLES, **{table.name: table for table in mapped_tables(mappings, TABLES, raw)}})
    for name in catalog.order([*names, "quarantine"]):
        table = catalog.tables[name]
        connection.execute(f'CREATE {"VIEW" if table.kind == "view" else "TABLE"} "{name}" AS {table.sql}')
    return connection


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


def test_people_without_an_id_keep_their_key_when_they_move_in_the_file():
    people = company({"list": {"customer_record": {"full_name": "name", "email": "mail"}}}, name="fair")
    ann, bob = {"name": "Ann", "mail": "ann@x.org"}, {"name": "Bob", "mail": ""}

    one = staged([people], {"raw_fair_list": [ann, bob]}, ["stg_customer_record"])
    other = staged([people], {"raw_fair_list": [bob, ann, ann]}, ["stg_customer_record"])

    keys = "SELECT full_name, source_key FROM stg_customer_record ORDER BY full_name, source_key"
    before, after = one.execute(keys).fetchall(), other.execute(keys).fetchall()
    assert before[0] == after[0]
    assert before[1] == after[2]
    assert after[1][1] == f"{after[0][1]}-2"


def test_a_person_with_a_wrong_birthday_stays_and_the_text_is_kept():
    people = company({"list": {"customer_record": {"full_name": "name", "birth_on": "born"}}}, name="fair")
    rows = {"raw_fair_list": [{"name": "王芳", "born": "31.2.1980", "城市": "上海"}]}

    connection = staged([people], rows, ["stg_customer_record"])

    assert connection.execute("SELECT birth_on, attributes FROM stg_customer_record").fetchall() == [
        (None, '{"城市":"上海","born":"31.2.1980"}')
    ]


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


def test_year_month_and_day_make_a_date_where_all_three_are_known():
    fields = {"source_key": "id", "birth_on": {"column": ["y", "m", "d"], "transform": "join"}}
    rows = [("1967", "9", "27"), ("1967", "13", "27"), ("1967", None, "27"), ("1067", "9", "27")]
    people = {"raw_shop_list": [{"id": str(n), "y": y, "m": m, "d": d} for n, (y, m, d) in enumerate(rows)]}

    connection = staged([company({"list": {"customer_record": fields}})], people, ["stg_customer_record"])

    found = connection.execute("SELECT birth_on FROM stg_customer_record ORDER BY source_key").fetchall()
    assert found == [(date(1967, 9, 27),), (None,), (None,), (None,)]


def test_a_second_phone_stands_in_for_the_first_and_is_kept_beside_it():
    fields = {"source_key": "id", "phone": {"column": ["home", "mobile"]}}
    rows = [
        {"id": "1", "home": "(206) 555-0100", "mobile": "(206) 555-0177"},
        {"id": "2", "home": None, "mobile": "(206) 555-0188"},
    ]

    connection = staged(
        [company({"list": {"customer_record": fields}})], {"raw_shop_list": rows}, ["stg_customer_record"]
    )

    found = connection.execute(
        "SELECT phone, attributes->>'mobile' FROM stg_customer_record ORDER BY source_key"
    ).fetchall()
    assert found == [("+12065550100", "(206) 555-0177"), ("+12065550188", "(206) 555-0188")]


def test_not_available_is_no_value_but_of_a_country():
    fields = {"source_key": "id", "last_name": "name", "country": "country"}
    people = {"raw_shop_list": [{"id": "1", "name": "NA", "country": "NA"}, {"id": "2", "name": "Na", "country": "n"}]}

    connection = staged([company({"list": {"customer_record": fields}})], people, ["stg_customer_record"])

    found = connection.execute("SELECT last_name, country FROM stg_customer_record ORDER BY source_key").fetchall()
    assert found == [(None, "NA"), ("Na", "n")]


def test_a_column_that_the_stream_lacks_is_named_with_the_nearest():
    shop = company({"orders": {"order_line": {**LINE, "amount": "payd"}}})

    with pytest.raises(MappingError, match=r"shop\.yml, stream orders.*'payd'.*'paid'"):
        staged([shop], lines({}), [])
