"""Numbers, money and dates as people read them in English and Chinese.

Django's own Chinese formats do not group thousands, so grouping is done here for both languages.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import phonenumbers
from django.utils.translation import get_language

if TYPE_CHECKING:
    Number = int | float | Decimal

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "JPY": "¥"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS_ZH = "一二三四五六日"
DASH = "–"
NO_CHANGE = 0.0005  # what one digit after the point cannot show


def is_chinese() -> bool:
    """Say whether the page is in Chinese."""
    return (get_language() or "en").startswith("zh")


def own_language(text: str) -> str:
    """Return the reader's half of a text written as English, a space, Chinese; other texts whole."""
    parts = re.split(r"\s+(?=[\u4e00-\u9fff])", text, maxsplit=1)
    return parts[-1] if is_chinese() else parts[0]


def number(value: Number | None, digits: int = 0) -> str:
    """Return a grouped number: 1,234.5."""
    return DASH if value is None else f"{value:,.{digits}f}"


def sign(currency: str) -> str:
    """Return a currency's sign; the code itself where it has no short one."""
    if currency == "USD" and is_chinese():
        return "US$"
    return SIGNS.get(currency, f"{currency}\u00a0")


def money(value: Number | None, currency: str, digits: int = 2) -> str:
    """Return grouped money with its sign: $1,234.50."""
    if value is None:
        return DASH
    return f"{'−' if value < 0 else ''}{sign(currency)}{abs(value):,.{digits}f}"


def compact(value: Number | None) -> str:
    """Return a short number for headlines: 1.24M, or 124.3万."""
    if value is None:
        return DASH
    english: tuple[tuple[float, str], ...] = ((1e9, "B"), (1e6, "M"), (1e3, "K"))
    steps = ((1e8, "亿"), (1e4, "万")) if is_chinese() else english
    for size, letter in steps:
        parts = float(value) / size
        if abs(parts) >= (10 if letter == "K" else 1):
            short = f"{parts:.2f}" if abs(parts) < 100 else f"{parts:.1f}"
            return f"{short}{letter}"
    return number(value)


def risk(value: Number | None) -> str:
    """Return a probability for a list: 8%; what rounds to nothing or to all is told apart from it."""
    if value is not None and 0 < value < 0.005:
        return "<1%"
    if value is not None and 0.995 <= value < 1:
        return ">99%"
    return percent(value, 0)


def phone(value: str | None) -> str:
    """Return a number in E.164 in readable groups, still fit to be copied: +1 734 555 2734."""
    try:
        read = phonenumbers.parse(value or "", None)
    except phonenumbers.NumberParseException:
        return value or ""
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace("-", " ")


def percent(value: Number | None, digits: int = 1) -> str:
    """Return a share as a percentage: 0.123 is 12.3%."""
    return DASH if value is None else f"{value * 100:.{digits}f}%"


def change(value: float | None) -> str:
    """Return a relative change with its direction: +12.3%."""
    if value is None:
        return DASH
    if abs(value) < NO_CHANGE:
        return "0.0%"
    return f"{'+' if value > 0 else '−'}{abs(value) * 100:.1f}%"


def day(value: date | None) -> str:
    """Return a full date: Dec 31, 2017 or 2017年12月31日."""
    if value is None:
        return DASH
    if is_chinese():
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{MONTHS[value.month - 1]} {value.day}, {value.year}"


def short_day(value: date) -> str:
    """Return a date without its year: Dec 31 or 12月31日."""
    return f"{value.month}月{value.day}日" if is_chinese() else f"{MONTHS[value.month - 1]} {value.day}"


def weekday(value: date) -> str:
    """Return a date with its weekday: Sun, Dec 31, 2017."""
    if is_chinese():
        return f"{day(value)} 周{WEEKDAYS_ZH[value.weekday()]}"
    return f"{WEEKDAYS[value.weekday()]}, {day(value)}"


def month(value: date) -> str:
    """Return a month: Dec 2017 or 2017年12月."""
    return f"{value.year}年{value.month}月" if is_chinese() else f"{MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime | None, zone: str) -> str:
    """Return a UTC time in the workspace's zone: Dec 31, 2017, 14:05."""
    if value is None:
        return DASH
    local = value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return f"{day(local)} {local:%H:%M}" if is_chinese() else f"{day(local)}, {local:%H:%M}"


def clock(value: datetime | None, zone: str) -> str:
    """Return the time of day in the workspace's zone: 14:05."""
    return DASH if value is None else f"{value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)):%H:%M}"


def date_or_moment(value: datetime | None, zone: str) -> str:
    """Return a time, or the day alone where a source gave no time (midnight UTC stands for it)."""
    if value is not None and value.time() == time.min:
        return day(value.date())
    return moment(value, zone)


def local_day(value: datetime, zone: str) -> date:
    """Return the day a UTC time falls on in the workspace's zone."""
    return value.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def decimal_text(value: object) -> str:
    """Return a quantity without needless zeros: 2.000 is 2."""
    if isinstance(value, (Decimal, float)):
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    return DASH if value is None else str(value)
