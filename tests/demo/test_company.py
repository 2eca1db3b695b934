from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from contextlib import closing
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import SourceError
from kehu.base.settings import load
from kehu.demo import journey
from kehu.demo.company import write

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


def _shop(folder: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for file in sorted((folder / "systems/shop").glob("*.csv")):
        rows += csv.DictReader(file.read_text(encoding="gb18030").splitlines())
    return rows


def _digests(folder: Path) -> dict[str, str]:
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _honest_totals(folder: Path, sql: duckdb.DuckDBPyConnection) -> tuple[int, Decimal, int]:
    """Lines, sales and baskets of both systems without the lines that truth calls defective."""
    bad = set(sql.execute("SELECT file, line FROM defects").fetchall())
    sold: list[tuple[str, str]] = []
    for file in sorted((folder / "systems/shop").glob("*.csv")):
        reader = csv.DictReader(file.read_text(encoding="gb18030").splitlines())
        sold += [(r["订单编号"][1:], r["实付金额"]) for n, r in enumerate(reader, 2) if (file.name, n) not in bad]
    rows = sql.execute(
        "SELECT parse_filename(filename), file_row_number + 1, basket_id, sales_value "
        f"FROM read_parquet('{folder}/systems/pos/*.parquet', filename = true, file_row_number = true)"
    ).fetchall()
    sold += [(basket, amount) for file, line, basket, amount in rows if (file, line) not in bad]
    return len(sold), sum((Decimal(amount) for _, amount in sold), Decimal(0)), len({basket for basket, _ in sold})


def test_company_is_a_project_folder_with_a_notice(small_company: Path) -> None:
    settings = load(small_company)

    assert (settings.time_zone, settings.currency) == ("America/New_York", "USD")
    assert "invented" in settings.notice
    assert "虚构" in settings.notice
    assert {file.name for file in (small_company / "systems").iterdir()} == {
        "pos", "shop", "crm", "erp", "service", "marketing",
    }  # fmt: skip


def test_tills_and_shop_hold_every_real_line_once(
    small_company: Path, sql: duckdb.DuckDBPyConnection, household_count: int
) -> None:
    connection = journey.journey(household_count)
    real = connection.execute("SELECT count(*), sum(amount), count(DISTINCT basket_id) FROM line").fetchone()
    connection.close()

    assert _honest_totals(small_company, sql) == real


def test_a_third_of_the_baskets_are_web_orders(small_company: Path, sql: duckdb.DuckDBPyConnection) -> None:
    web = len({row["订单编号"] for row in _shop(small_company)})
    till = sql.execute("SELECT count(DISTINCT basket_id) FROM pos").fetchone()

    assert till is not None
    assert web / (web + till[0]) == pytest.approx(1 / 3, abs=0.02)


def test_two_hundred_lines_are_defective_in_four_ways_in_both_systems(sql: duckdb.DuckDBPyConnection) -> None:
    kinds = sql.execute("SELECT source, rule, count(*) FROM defects GROUP BY ALL").fetchall()

    assert len(kinds) == 8
    assert {count for _, _, count in kinds} == {25}


def test_each_defect_stands_where_truth_says(small_company: Path, sql: duckdb.DuckDBPyConnection) -> None:
    listed = sql.execute("SELECT file, line, rule, column_name, value FROM defects WHERE source = 'shop'").fetchall()

    for file, line, rule, column, value in listed:
        text = (small_company / "systems/shop" / file).read_text(encoding="gb18030").splitlines()
        row = next(csv.DictReader([text[0], text[line - 1]]))
        assert row[column] == value
        if rule == "duplicate_key":
            assert text[line - 2] == text[line - 1]
        if rule == "not_a_number":
            assert _amount(value) is None


def test_the_shop_names_no_card_and_signs_every_order(small_company: Path, sql: duckdb.DuckDBPyConnection) -> None:
    rows = _shop(small_company)
    text = "".join("".join(row.values()) for row in rows)

    assert all(row["买家邮箱"] or row["手机号码"] for row in rows)
    assert not any(card in text for (card,) in sql.execute("SELECT DISTINCT loyalty_card FROM pos").fetchall())


def test_truth_knows_every_key_of_every_system_once(small_company: Path, sql: duckdb.DuckDBPyConnection) -> None:
    systems = small_company / "systems"
    lines = (systems / "service/requesters.jsonl").read_text(encoding="utf-8").splitlines()
    recipients = (systems / "marketing/recipients.csv").read_text(encoding="utf-8").splitlines()
    emails = {row["买家邮箱"].strip().lower() for row in _shop(small_company)} - {""}

    of: dict[str, set[str]] = {}
    for source, key in sql.execute("SELECT source, source_key FROM person").fetchall():
        assert key not in of.setdefault(source, set())
        of[source].add(key)

    assert of["pos"] == {card for (card,) in sql.execute("SELECT DISTINCT loyalty_card FROM pos").fetchall()}
    assert of["service"] == {json.loads(line)["requester_id"] for line in lines}
    assert of["marketing"] == {row["recipient_id"] for row in csv.DictReader(recipients)}
    assert {key for key in of["shop"] if "@" in key} == emails


def test_lines_name_only_products_and_stores_of_the_erp(small_company: Path, sql: duckdb.DuckDBPyConnection) -> None:
    with closing(sqlite3.connect(small_company / "systems/erp/erp.sqlite")) as erp:
        products = {str(row[0]) for row in erp.execute("SELECT product_id FROM product")}
        stores = {row[0] for row in erp.execute("SELECT store_id FROM store")}

    unknown = {row["商品编码"] for row in _shop(small_company)} - products
    seen = {row[0] for row in sql.execute("SELECT DISTINCT store_id FROM pos").fetchall()}
    assert len(unknown) == 25
    assert seen <= stores


@pytest.mark.slow
def test_the_same_company_is_written_twice(small_company: Path, tmp_path: Path, household_count: int) -> None:
    write(tmp_path, households=household_count)

    assert _digests(tmp_path) == _digests(small_company)


def test_missing_package_is_named_with_the_fix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(journey, "find_spec", lambda name: None)

    with pytest.raises(SourceError, match=r"kehu\[demo\]"):
        write(tmp_path)


@pytest.mark.slow
def test_the_whole_company_holds_the_numbers_of_the_data_set(tmp_path: Path) -> None:
    import duckdb

    write(tmp_path)

    with duckdb.connect() as connection:
        connection.read_parquet(f"{tmp_path}/truth/defects.parquet").to_view("defects")
        assert _honest_totals(tmp_path, connection) == (1_469_307, Decimal("4596039.58"), 155_848)
    with closing(sqlite3.connect(tmp_path / "systems/erp/erp.sqlite")) as erp:
        assert erp.execute("SELECT count(*) FROM store").fetchone() == (457,)
        assert erp.execute("SELECT count(*) FROM product WHERE status = 'delisted'").fetchone() == (17,)
    marketing = tmp_path / "systems/marketing"
    assert len((marketing / "addressed.csv").read_text(encoding="utf-8").splitlines()) == 1 + 6_589
    assert len((marketing / "redemptions.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2_102
