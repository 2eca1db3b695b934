# ruff: noqa: DTZ001, E501  # tables store naive UTC times; Chinese digits are wide
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from kehu.base.errors import MappingError
from kehu.integrate.transform import check_transform, clean, clean_name, present, text_name, typed


def read(value, transform, target="VARCHAR", **options):
    inner = f"SELECT x, {present('x', 'VARCHAR')} AS {text_name('x')} FROM (SELECT CAST(? AS VARCHAR) AS x)"
    if transform in ("email", "phone"):
        inner = f"SELECT *, {clean('x', transform)} AS {clean_name('x', transform)} FROM ({inner})"
    sql = f"SELECT {typed('x', 'VARCHAR', transform, target, options)} FROM ({inner})"
    return duckdb.execute(sql, [value]).fetchone()[0]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234.56", "1234.56"), ("1.234,56", "1234.56"), ("￥1,234", "1234.00"), ("１２．５", "12.50"), ("(12.50)", "-12.50"),
        ("12.50-", "-12.50"), ("12,5", "12.50"), ("12.5元", "12.50"), ("0", "0.00"), ("1 234.5", "1234.50"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(written, value):
    assert read(written, "number", "DECIMAL(18,2)") == Decimal(value)


@pytest.mark.parametrize("written", ["two dollars", "1.2.3", "赠品", "#REF!"])
def test_words_are_no_numbers(written):
    assert read(written, "number", "DECIMAL(18,2)") is None


def test_a_decimal_comma_said_by_the_mapping_decides():
    assert read("1.234", "number", "DECIMAL(18,2)", decimal=",") == Decimal("1234.00")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2017-01-03", datetime(2017, 1, 3)), ("2017/1/3 15:04", datetime(2017, 1, 3, 15, 4)), ("3.1.2017", datetime(2017, 1, 3)),
        ("2017年1月3日 15:04", datetime(2017, 1, 3, 15, 4)), ("20170103", datetime(2017, 1, 3)),
        ("2017-01-03T15:04:00+08:00", datetime(2017, 1, 3, 7, 4)), ("2017-01-03T15:04:05Z", datetime(2017, 1, 3, 15, 4, 5)),
        ("２０１７－０１－０３", datetime(2017, 1, 3)),
    ],
)  # fmt: skip
def test_times_are_read_as_systems_write_them(written, value):
    assert read(written, "datetime", "TIMESTAMP") == value


@pytest.mark.parametrize("written", ["2017-13-45", "31/02/2017 09:15", "yesterday", "待定", "3/1/2017"])
def test_no_date_is_guessed(written):
    assert read(written, "datetime", "TIMESTAMP") is None


def test_a_format_decides_what_can_be_read_in_two_ways():
    assert read("3/1/2017", "date", "DATE", format="%d/%m/%Y") == date(2017, 1, 3)


def test_excel_serials_are_days():
    assert read("42738.627", "date", "DATE", format="excel") == date(2017, 1, 3)


def test_local_times_become_utc_by_their_zone():
    assert read("2017-07-03 08:00", "datetime", "TIMESTAMP", zone="Asia/Shanghai") == datetime(2017, 7, 3, 0, 0)


@pytest.mark.parametrize(
    ("written", "region", "value"),
    [
        ("(212) 555-0123", "US", "+12125550123"), ("1-212-555-0123 x5", "US", "+12125550123"),
        ("+86 138 1234 5678", "US", "+8613812345678"), ("0086 13812345678", "US", "+8613812345678"),
        ("13812345678", "US", "+8613812345678"), ("138 1234 5678", "CN", "+8613812345678"),
        ("010-12345678", "CN", "+861012345678"), ("020 7946 0958", "GB", "+442079460958"),
        ("２１２ ５５５ ０１２３", "US", "+12125550123"), ("555-1234", "US", "5551234"), ("none", "US", None),
    ],
)  # fmt: skip
def test_one_phone_number_is_one_key_however_it_is_written(written, region, value):
    assert read(written, "phone", region=region) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [("Wang＠X.com ", "wang@x.com"), ("<ann@x.org>", "ann@x.org"), ("a@b.c; d@e.f", "a@b.c"), ("none", None)],
)
def test_an_email_is_lower_case_and_one(written, value):
    assert read(written, "email") == value


@pytest.mark.parametrize("written", ["", "  ", "　", "NULL", "N/A", "-", "无"])
def test_what_stands_for_nothing_is_nothing(written):
    assert read(written, "text") is None


def test_blanks_around_text_go():
    assert read(" \t王芳　", "text") == "王芳"


def test_an_unknown_transform_names_the_nearest():
    with pytest.raises(MappingError, match="'datetime'"):
        check_transform("datetme", "shop.yml")
