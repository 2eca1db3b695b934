"""Landing: once, whole, numbered, replaceable, or not at all."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from pathlib import Path

import pytest

import kehu.tables
from kehu.base.errors import LakeError, MappingError, SourceError
from kehu.collect import records
from kehu.collect.land import land
from kehu.collect.ledger import REJECT_COLUMNS, Batch
from kehu.warehouse.lake import Lake
from kehu.warehouse.table import load_tables

CSV = "id,name\n1,Ann\n2,王芳\n"


def test_every_row_carries_file_line_batch_and_time(shop):
    shop.write("a.csv", CSV)

    landed = shop.land(file="*.csv")

    batch = landed.batches[0].batch_id
    rows = shop.ask("SELECT id, name, _file, _line, _batch_id, _landed_at::VARCHAR FROM raw_shop_orders ORDER BY _line")
    assert rows == [
        ("1", "Ann", "a.csv", 2, batch, "2026-01-01 00:00:00"),
        ("2", "王芳", "a.csv", 3, batch, "2026-01-01 00:00:00"),
    ]


def test_a_raw_table_of_an_earlier_version_takes_new_files(shop):
    shop.write("a.csv", CSV)
    shop.land(file="*.csv")
    shop.ask("ALTER TABLE raw_shop_orders ADD COLUMN _row_id VARCHAR")
    shop.write("b.csv", CSV + "3,Bob\n")
    assert not shop.land(file="b.csv", hour=1).warnings


def test_landing_twice_lands_nothing_twice(shop):
    shop.write("a.csv", CSV)
    shop.land(file="*.csv")

    again = shop.land(file="*.csv", hour=1)

    assert (again.batches, again.unchanged) == ((), 1)
    assert shop.ask("SELECT count(*) FROM raw_shop_orders") == [(2,)]


def test_a_changed_file_lands_whole_and_replaces_its_former_batch(shop):
    shop.write("a.csv", CSV)
    old = shop.land(file="*.csv").batches[0]
    shop.write("a.csv", CSV + "3,Bob\n")

    new = shop.land(file="*.csv", hour=1).batches[0]

    assert shop.ask("SELECT batch_id, replaced_by, rows FROM import_batch ORDER BY landed_at") == [
        (old.batch_id, new.batch_id, 2),
        (new.batch_id, None, 3),
    ]
    current = "SELECT id FROM raw_shop_orders JOIN import_batch ON batch_id = _batch_id WHERE replaced_by IS NULL"
    assert shop.ask(f"{current} ORDER BY id") == [("1",), ("2",), ("3",)]


def test_content_that_comes_back_is_a_batch_of_its_own(shop):
    ids = []
    for hour, content in enumerate((CSV, CSV + "3,Bob\n", CSV)):
        shop.write("a.csv", content)
        ids.append(shop.land(file="*.csv", hour=hour).batches[0].batch_id)

    assert len(set(ids)) == 3
    assert shop.ask("SELECT batch_id FROM import_batch WHERE replaced_by IS NULL") == [(ids[2],)]


def test_another_way_of_reading_lands_an_unchanged_file_anew(shop):
    shop.write("a.csv", "id,name\n1,王芳\n", "gb18030")
    shop.land(file="*.csv", encoding="latin-1")

    again = shop.land(file="*.csv", encoding="gb18030", hour=1)

    assert again.rows == 1
    current = "SELECT name FROM raw_shop_orders JOIN import_batch ON batch_id = _batch_id WHERE replaced_by IS NULL"
    assert shop.ask(current) == [("王芳",)]


def test_a_renamed_or_copied_file_is_not_landed_again(shop):
    shop.write("a.csv", CSV).rename(shop.files / "b.csv")
    shop.land(file="*.csv")
    (shop.files / "b.csv").rename(shop.files / "c.csv")

    again = shop.land(file="*.csv", hour=1)

    assert again.batches == ()
    assert "c.csv holds the same as b.csv" in again.warnings[0]


def test_new_column_widens_and_vanished_column_warns(shop):
    shop.write("1.csv", "id,name,city\n1,Ann,Oslo\n")
    shop.land(file="*.csv")
    shop.write("2.csv", "id,name,邮箱\n2,Bob,b@x.com\n")

    landed = shop.land(file="*.csv", hour=1)

    assert shop.ask("SELECT id, city, 邮箱 FROM raw_shop_orders ORDER BY id") == [
        ("1", "Oslo", None),
        ("2", None, "b@x.com"),
    ]
    assert landed.warnings == ("shop.orders: 2.csv has no column city; its rows hold NULL there",)


def test_missing_mapped_column_names_column_file_and_the_likely_one(shop):
    shop.write("a.csv", "id,emial\n1,a@x.com\n")

    with pytest.raises(SourceError, match=r"a.csv: column 'email' .*Did you mean 'emial'\?.*shop.yml"):
        shop.land(
            file="*.csv", entities={"customer_record": {"email": "email", "source_key": {"column": ["nr", "id"]}}}
        )


def test_malformed_records_are_set_aside_with_their_line(shop):
    body = "".join(f"{n},Ann\n" for n in range(30))
    shop.write("a.csv", f'id,name\n{body}x\n31,"two\nlines"\n32,a,b\n33,Bob\n34,"open\n')

    landed = shop.land(file="*.csv")

    assert shop.ask("SELECT line, rule, reason, text FROM raw_reject ORDER BY line") == [
        (32, "wrong_field_count", "1 fields where the header has 2", "x"),
        (35, "wrong_field_count", "3 fields where the header has 2", "32,a,b"),
        (37, "broken_quote", "a quote opens here and never closes", '34,"open'),
    ]
    assert shop.ask("SELECT _line, name FROM raw_shop_orders WHERE id IN ('31', '33') ORDER BY 1") == [
        (33, "two\nlines"),
        (36, "Bob"),
    ]
    assert (landed.rows, landed.rejected) == (32, 3)


def test_a_file_of_malformed_records_is_refused_and_nothing_lands(shop):
    shop.write("1.csv", CSV)
    shop.write("2.csv", "id,name\n" + "1;Ann\n" * 30)

    with pytest.raises(SourceError, match=r"2.csv, line 2: 30 of 30 records are malformed.*says delimiter ','"):
        shop.land(file="*.csv", delimiter=",")

    assert not shop.ask("SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND table_name = 'raw_shop_orders'")


def test_wrong_delimiter_in_the_mapping_names_the_right_one(shop):
    shop.write("a.csv", "id;name\n1;Ann\n")

    with pytest.raises(SourceError, match=r"says delimiter ',', but the file is split by ';'.*Write delimiter: ';'"):
        shop.land(file="*.csv", delimiter=",")


def test_one_undecodable_line_is_set_aside(shop):
    shop.write("a.csv", b"id,name\n1,Ann\n2,B\xffb\n3,Cid\n")

    landed = shop.land(file="*.csv", encoding="utf-8")

    assert landed.rows == 2
    assert shop.ask("SELECT line, rule, reason, text FROM raw_reject") == [
        (3, "undecodable", "byte 0xff at offset 17 is not utf-8", "2,B\\xffb")
    ]


def test_wrong_encoding_in_the_mapping_names_the_right_one(shop):
    shop.write("a.csv", "id,name\n" + "1,王芳\n" * 30, "gb18030")

    with pytest.raises(SourceError, match=r"line 2: 30 of 30 .*byte 0xcd at offset 10 is not utf-8.*reads as gb18030"):
        shop.land(file="*.csv", encoding="utf-8")


def test_missing_files_and_folders_are_named(shop):
    shop.write("orders.csv", CSV)

    with pytest.raises(SourceError, match=r"no file 'order.csv' here.*Did you mean 'orders.csv'"):
        shop.land(file="order.csv")
    with pytest.raises(SourceError, match=r"gone: no such file or folder.*shop.yml"):
        shop.land(shop.source("gone"))


def test_empty_file_is_refused_and_header_alone_lands_no_rows(shop):
    shop.write("a.csv", "id,name\n")
    assert shop.land(file="*.csv").batches[0].rows == 0
    shop.write("b.csv", "")

    with pytest.raises(SourceError, match=r"b.csv: the file is empty \(0 bytes\)"):
        shop.land(file="*.csv", hour=1)


def test_file_that_changes_while_it_is_read_lands_nothing(shop, monkeypatch):
    path = shop.write("a.csv", CSV)
    plain = records.blocks

    def growing(file, encoding):
        yield from plain(file, encoding)
        path.write_text(CSV + "3,Bob\n")

    monkeypatch.setattr(records, "blocks", growing)

    with pytest.raises(SourceError, match=r"a.csv: the file changed while it was read"):
        shop.land(file="*.csv")

    assert not shop.ask("SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake'")


def test_full_disk_passes_as_lake_error_and_nothing_lands(shop, monkeypatch):
    shop.write("a.csv", CSV)

    def full(file, encoding):
        raise OSError(28, "No space left on device")
        yield

    monkeypatch.setattr(records, "blocks", full)

    with pytest.raises(LakeError, match="the disk is full"):
        shop.land(file="*.csv")


def test_path_may_leave_the_project_only_when_absolute(shop, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "a.csv").write_text(CSV)

    assert shop.land(shop.source(other, file="*.csv")).rows == 2
    with pytest.raises(MappingError, match="leaves the project folder"):
        shop.source("../other")
    with pytest.raises(SourceError, match="leaves the source's folder"):
        shop.land(file="../../kehu.toml")
    (shop.files / "link.csv").symlink_to(other / "a.csv")
    with pytest.raises(SourceError, match="a link that leaves the project"):
        shop.land(file="*.csv")


def test_a_single_compressed_file_is_a_source(shop):
    import gzip

    shop.write("people.csv.gz", gzip.compress(CSV.encode()))

    assert shop.land(shop.source("systems/people.csv.gz")).rows == 2


def test_type_that_no_longer_fits_widens_the_column(shop):
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS id) TO '{shop.files}/1.parquet'")
        shop.land(file="*.parquet")
        connection.execute(f"COPY (SELECT 'x' AS id) TO '{shop.files}/2.parquet'")

    shop.land(file="*.parquet", hour=1)

    assert shop.ask("SELECT id, _line FROM raw_shop_orders ORDER BY id") == [("1", 1), ("x", 1)]


def test_types_without_a_common_one_become_text(shop):
    shop.connection.execute(f"COPY (SELECT [1] AS id, 1.5 AS n) TO '{shop.files}/1.parquet'")
    shop.land(file="*.parquet")
    shop.connection.execute(
        f"COPY (SELECT DATE '2026-01-02' AS id, DATE '2026-01-02' AS n) TO '{shop.files}/2.parquet'"
    )

    shop.land(file="*.parquet", hour=1)

    assert shop.ask("SELECT id, n FROM raw_shop_orders ORDER BY id") == [("2026-01-02", "2026-01-02"), ("[1]", "1.5")]


def test_ledger_files_describe_what_landing_writes():
    tables = load_tables(Path(kehu.tables.__file__).parent / "ledger")

    assert [column.name for column in tables["import_batch"].columns] == [field.name for field in fields(Batch)]
    assert tuple(column.name for column in tables["raw_reject"].columns) == REJECT_COLUMNS


@pytest.mark.slow
def test_a_lake_takes_what_lands_and_drops_what_fails(shop):
    lake = Lake(shop.folder / "data" / "main")
    shop.write("1.csv", CSV + "3\n")
    shop.write("2.csv", CSV.replace("2", "3") + "4,Cid,x\n")
    with lake.writer("collect", publish=True) as writer:
        land(writer, shop.source(file="*.csv"), at=datetime(2026, 1, 1))  # noqa: DTZ001  # stored naive, UTC
    shop.write("2.csv", "id,name,city\n5,Bob,Oslo\n")
    with lake.writer("collect", publish=True) as writer:
        land(writer, shop.source(file="*.csv"), at=datetime(2026, 1, 2))  # noqa: DTZ001  # stored naive, UTC
    shop.write("1.csv", "")

    with pytest.raises(SourceError), lake.writer("collect", publish=True) as writer:
        land(writer, shop.source(file="*.csv"), at=datetime(2026, 1, 3))  # noqa: DTZ001  # stored naive, UTC

    current = "batch_id IN (SELECT batch_id FROM import_batch WHERE replaced_by IS NULL)"
    assert lake.reader().execute(f"SELECT id, city FROM raw_shop_orders WHERE _{current} ORDER BY id").rows == [
        ("1", None),
        ("2", None),
        ("5", "Oslo"),
    ]
    assert lake.reader().execute(f"SELECT file, line FROM raw_reject WHERE {current}").rows == [("1.csv", 4)]
    assert not list((shop.folder / "data").rglob("landing"))
