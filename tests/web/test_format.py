"""Numbers and dates as English and Chinese readers write them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils.translation import override

from kehu.web import format as form
from kehu.web.tags import heat, initials


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_numbers_are_grouped_in_both_languages(language):
    with override(language):
        assert form.number(128400) == "128,400"


def test_money_names_its_currency():
    with override("en"):
        assert [form.money(-5.5, "USD"), form.money(1234, "CNY", 0), form.money(None, "USD")] == [
            "−$5.50",
            "¥1,234",
            "–",
        ]
    with override("zh-hans"):
        assert form.money(5, "USD") == "US$5.00"


def test_short_numbers_count_in_the_reader_s_steps():
    with override("en"):
        assert [form.compact(1_240_000), form.compact(950)] == ["1.24M", "950"]
    with override("zh-hans"):
        assert form.compact(1_240_000) == "124.0万"


def test_dates_read_as_written_there():
    with override("en"):
        assert form.weekday(date(2017, 12, 31)) == "Sun, Dec 31, 2017"
    with override("zh-hans"):
        assert form.weekday(date(2017, 12, 31)) == "2017年12月31日 周日"


def test_times_are_shown_in_the_workspace_s_zone():
    at = datetime(2017, 7, 1, 3, 30)  # noqa: DTZ001  # naive UTC, as tables store it

    assert form.moment(at, "America/New_York") == "Jun 30, 2017, 23:30"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("+17345552734", "+1 734 555 2734"), ("+8618891372010", "+86 188 9137 2010"), ("ext. 4", "ext. 4"), (None, "")],
)
def test_phones_are_grouped(value, shown):
    assert form.phone(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0%"), (0.002, "<1%"), (0.42, "42%"), (0.997, ">99%"), (1.0, "100%"), (None, "–")]
)
def test_a_small_risk_is_not_no_risk(value, shown):
    assert form.risk(value) == shown


def test_a_day_without_a_time_stays_that_day():
    midnight, evening = datetime(2014, 12, 12), datetime(2014, 12, 12, 21, 5)  # noqa: DTZ001  # naive UTC

    assert form.date_or_moment(midnight, "America/New_York") == "Dec 12, 2014"
    assert form.date_or_moment(evening, "America/New_York") == "Dec 12, 2014, 16:05"


def test_change_carries_its_direction():
    assert [form.change(0.123), form.change(-0.05), form.change(0.0), form.change(None)] == [
        "+12.3%",
        "−5.0%",
        "0.0%",
        "–",
    ]


@pytest.mark.parametrize(("name", "letters"), [("Ann Miller", "AM"), ("王芳", "芳"), ("欧阳娜娜", "娜娜"), (None, "?")])
def test_avatars_show_letters(name, letters):
    assert initials(name) == letters


def test_heat_stays_on_its_scale():
    assert [heat(0.0), heat(2.0), heat(None)] == ["heat-0", "heat-10", ""]


def test_a_text_in_two_languages_shows_the_reader_s_half():
    with override("en"):
        assert form.own_language("Acme Markets 艾克美超市") == "Acme Markets"
        assert form.own_language("Acme") == "Acme"
    with override("zh-hans"):
        assert form.own_language("Acme Markets 艾克美超市") == "艾克美超市"
