"""Workbooks, databases and JSON Lines: what lands, and what is refused how."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from datetime import date

import pytest
import xlsxwriter

from kehu.base.errors import SourceError
from kehu.collect.look import look


def workbook(path, rows, sheet="Contacts"):
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)


def database(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_workbook_lands_by_sheet_with_its_own_row_numbers(shop):
    rows = [["Contacts of Acme"], ["姓名", "Phone", "Score"], ["王芳", "+1 5", 2.5], [], ["Ann", "=1+1", 3]]
    workbook(shop.files / "crm.xlsx", rows)

    shop.land(file="*.xlsx", sheet="Contacts")

    assert shop.ask("SELECT _line, 姓名, Phone, Score FROM raw_shop_orders ORDER BY _line")[0] == (
        3,
        "王芳",
        "+1 5",
        "2.5",
    )
    assert shop.ask("SELECT _line, 姓名 FROM raw_shop_orders WHERE Score = '3'") == [(5, "Ann")]


def test_unknown_sheet_and_column_are_named(shop):
    workbook(shop.files / "crm.xlsx", [["id"], [1]])

    with pytest.raises(SourceError, match=r"no sheet 'Contact'. Did you mean 'Contacts'"):
        shop.land(file="*.xlsx", sheet="Contact")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "0 bytes"), (b"\xd0\xcf\x11\xe0....", "old .xls"), (b"no zip", "broken"), (b"PK\x03\x04cut", "broken")],
)
def test_broken_workbook_is_refused(shop, content, reason):
    shop.write("crm.xlsx", content)

    with pytest.raises(SourceError, match=f"crm.xlsx: .*{reason}"):
        shop.land(file="*.xlsx")


def test_zip_that_is_no_workbook_is_refused_by_the_child(shop):
    with zipfile.ZipFile(shop.files / "crm.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")

    with pytest.raises(SourceError, match="the workbook cannot be read"):
        shop.land(file="*.xlsx")


def test_zip_bomb_is_refused_before_it_is_opened(shop):
    with zipfile.ZipFile(shop.files / "crm.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (21 << 20))

    with pytest.raises(SourceError, match="possible zip bomb"):
        shop.land(file="*.xlsx")


def test_database_keeps_its_types_and_turns_odd_columns_into_text(shop):
    database(
        shop.files / "erp.sqlite",
        "CREATE TABLE product (id INTEGER, price REAL, name TEXT)",
        "INSERT INTO product VALUES (1, 2.5, 'Pizza'), (2, 'n/a', '比萨')",
    )

    shop.land(file="erp.sqlite", table="product")

    assert shop.ask("SELECT _line, id, price, name FROM raw_shop_orders ORDER BY id") == [
        (1, 1, "2.5", "Pizza"),
        (2, 2, "n/a", "比萨"),
    ]


def test_database_is_read_with_its_log_and_left_alone(shop):
    path = shop.files / "erp.db"
    database(path, "PRAGMA journal_mode = WAL", "CREATE TABLE t (id INTEGER)")
    with closing(sqlite3.connect(path)) as busy:
        busy.execute("INSERT INTO t VALUES (7)")
        busy.commit()

        shop.land(file="erp.db", table="t")

    assert shop.ask("SELECT id FROM raw_shop_orders") == [(7,)]


def test_locked_corrupt_and_unknown_tables_are_named(shop, monkeypatch):
    path = shop.files / "erp.db"
    database(path, "CREATE TABLE product (id INTEGER)", "INSERT INTO product VALUES (1)")
    with pytest.raises(SourceError, match=r"no table 'products'. Did you mean 'product'"):
        shop.land(file="erp.db", table="products")
    with closing(sqlite3.connect(path, isolation_level=None)) as busy:
        busy.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceError, match="locked by another program"):
            shop.land(file="erp.db", table="product")
    path.write_bytes(b"SQLite format 3\x00" + b"\x00" * 500)
    with pytest.raises(SourceError, match="not a whole SQLite database"):
        shop.land(file="erp.db", table="product")


def test_json_lines_keep_keys_and_set_bad_lines_aside(shop):
    lines = ['{"编号": 1, "who": {"name": "王芳"}, "ok": true}', "{broken", "", "[1]", '{"编号": "2", "tags": ["a"]}']
    shop.write("calls.jsonl", "\n".join(lines))

    shop.land(file="*.jsonl")

    assert shop.ask("SELECT _line, 编号, who, ok, tags FROM raw_shop_orders ORDER BY _line") == [
        (1, "1", '{"name":"王芳"}', "true", None),
        (5, "2", None, None, '["a"]'),
    ]
    assert shop.ask("SELECT line, rule, reason, text FROM raw_reject ORDER BY line") == [
        (2, "bad_json", "no valid JSON", "{broken"),
        (4, "bad_json", "JSON, but no object", "[1]"),
    ]


def test_one_json_document_is_refused_with_the_way_out(shop):
    shop.write("all.json", '[\n{"a": 1}\n]')

    with pytest.raises(SourceError, match=r"one JSON document.*one JSON object per line"):
        shop.land(file="*.json")


def test_broken_parquet_is_named(shop):
    shop.write("a.parquet", b"PAR1 cut off")

    with pytest.raises(SourceError, match=r"a.parquet: not a whole Parquet file"):
        shop.land(file="*.parquet")


def test_parquet_nested_values_and_zoned_times_become_plain(shop):
    row = "SELECT {'a': 1} AS s, [1] AS l, TIMESTAMPTZ '2026-01-01 08:00:00+08' AS at"
    shop.connection.execute(f"COPY ({row}) TO '{shop.files}/a.parquet'")

    shop.land(file="*.parquet")

    assert shop.ask('SELECT s, l, "at"::VARCHAR, typeof("at") FROM raw_shop_orders') == [
        ('{"a":1}', "[1]", "2026-01-01 00:00:00", "TIMESTAMP")
    ]


def test_look_splits_a_folder_into_streams(shop):
    for month in ("01", "02"):
        shop.write(f"2017-{month}.csv", f"id,at\n{month},2017-{month}-03\n")
    shop.write("campaigns.csv", "编号;名称\n1;春节\n", "gb18030")
    shop.write("README.md", "no source")
    workbook(shop.files / "crm.xlsx", [["id", "born"], [1, str(date(1990, 1, 2))]])

    found = {one.name: one for one in look(shop.files)}

    assert sorted(found) == ["campaigns", "contacts", "systems"]
    months, campaigns, contacts = found["systems"], found["campaigns"], found["contacts"]
    assert months.file == "[0-9][0-9][0-9][0-9]-[0-9][0-9].csv"
    assert (months.rows, months.files) == (2, ("2017-01.csv", "2017-02.csv"))
    assert (campaigns.encoding, campaigns.delimiter, campaigns.sample) == (
        "gb18030",
        ";",
        [{"编号": "1", "名称": "春节"}],
    )
    assert [column.type for column in contacts.columns] == ["BIGINT", "DATE"]
    assert contacts.sheet == "Contacts"


def test_look_names_what_it_cannot_read(shop):
    shop.write("a.pdf", b"%PDF")

    with pytest.raises(SourceError, match="nothing in this folder that Kehu reads"):
        look(shop.files)
    with pytest.raises(SourceError, match=r"no connector reads .pdf"):
        look(shop.files / "a.pdf")
    with pytest.raises(SourceError, match=r"no such file or folder. Check the path. Did you mean 'a.pdf'"):
        look(shop.files / "b.pdf")


@pytest.mark.parametrize(
    ("name", "streams"),
    [
        ("febrl_1_2_3", {"dataset": ("csv", ",", True, 11_000)}),
        ("cn_addresses", {"addr": ("csv", ",", True, 17_052), "pca": ("csv", ",", False, 3_719)}),
        ("splink_fake_1000", {"fake": ("csv", ",", True, 1_000), "fake_labels": ("csv", ",", True, 3_176)}),
        ("telco_churn_ibm", {"telco_customer_churn": ("csv", ",", True, 7_043)}),
        ("german_credit", {"germancredit": ("csv", ",", True, 1_000)}),
        ("uci_online_retail", {"online_retail": ("parquet", "", True, 541_909)}),
    ],
)
@pytest.mark.slow
def test_look_understands_public_data(data, name, streams):
    found = {one.name: (one.connector, one.delimiter, one.header, one.rows) for one in look(data(name))}

    assert found == streams
