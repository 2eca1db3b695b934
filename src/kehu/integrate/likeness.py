"""How well a raw column fits a field: by its name in Chinese or English, its type and its samples."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from kehu.integrate.header import meaning, normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kehu.warehouse.table import Column

DATE = re.compile(
    r"^\s*(\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?|\d{8}(\d{6})?"
    r"|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}|[A-Za-z]{3,9} \d{1,2},? \d{4}).*$"
)
SERIAL = re.compile(r"^\d{5}(\.\d+)?$|^\d{10}(\.\d+)?$|^\d{13}$")
OLD = re.compile(r"(?<!\d)1[0-8]\d\d((0\d|1[0-2])[0-3]\d)?(?!\d)")  # a year before 1900, or a day of it in digits
OLDEST = "1000-01-01"
NUMBER = re.compile(r"^[\s(￥¥$€£+-]*[\d０-９][\d０-９.,，．\s]*[\s)元€%-]*$")
PHONE = re.compile(r"^[+(（]?[\d０-９][\d０-９\s()（）./+－—-]{5,}(\s*(x|ext\.?)\s*\d+)?$", re.IGNORECASE)

# Words before or behind what a column holds; "Default Address City" is a city, "Phone 1 - Value" a phone.
QUALIFIERS = {
    "default", "billing", "shipping", "mailing", "home", "primary", "main", "permanent", "residential", "current",
    "person", "customer", "client", "contact", "buyer", "recipient", "address", "value", "1",
}  # fmt: skip
QUALIFIED = ("first_name", "last_name", "email", "phone", "address", "city", "state", "postcode", "country", "company")
THINGS = {
    "street", "road", "shop", "store", "product", "item", "file", "program", "campaign", "school", "city", "country",
    "brand", "plan",
}  # fmt: skip
KEYS = re.compile(r"(\b(id|key|no|number|code|nr)|[号码])$")  # how the header of a key ends
SAME = 0.9  # likeness of a header that is one of a field's words as a whole
NAMES = ("full_name", "first_name", "last_name", "nickname", "name", "text", "subject", "brand")


class ColumnLook(Protocol):
    """What proposing needs to know of a column; ``kehu.collect`` gives it by looking."""

    name: str
    type: str
    samples: tuple[str, ...]
    spread: tuple[str, ...]
    null_share: float
    distinct_share: float


def name_likeness(name: str, words: Sequence[str]) -> float:
    """Return 0-1: how well a column's name fits a field's words; earlier words fit better."""
    said = meaning(name)
    best = 0.0
    for place, word in enumerate(words):
        known = normal(word)
        if said.replace(" ", "") == known.replace(" ", ""):
            return max(best, 1.0 - 0.004 * place)
        best = max(best, _part(said, known) - 0.002 * place)
    return best


def _part(said: str, known: str) -> float:
    if not known.isascii():
        return 0.75 * len(known) / len(said) + 0.2 if len(known) >= 2 and known in said else 0.0
    parts, wanted = set(said.split()), set(known.split())
    if wanted <= parts and (len(wanted) > 1 or (len(known) > 3 and len(parts) < 3)):
        return 0.45 + 0.35 * len(wanted) / len(parts)
    return 0.0


def likeness(column: ColumnLook, field: Column) -> float:
    """Return 0-1: how well a column fits a field; 0 where its samples contradict the field's type."""
    words = (*field.names, field.name)
    score = name_likeness(column.name, words)
    if field.name in QUALIFIED and score < 1 and (bare := _unqualified(column.name)):
        score = max(score, name_likeness(bare, words) - 0.1)
    said = meaning(column.name)
    if field.name == "full_name" and THINGS & set(said.split()):
        score = 0.0
    if field.name == "customer_key" and score < SAME and not KEYS.search(said):
        score = 0.0  # "customer city", 客户姓名: what many share is no key, or they would be one customer
    samples = [sample.strip() for sample in column.samples if sample and sample.strip()]
    if not samples:
        return score * 0.9
    share = shape_share(samples, field, column.type)
    if field.transform == "email":
        score = 0.0 if share <= 0.5 else score
    if field.transform == "email" and share > 0.5 and not any(" " in sample for sample in samples):
        return max(score, 0.8)
    return score if share >= 0.5 else 0.0


def _unqualified(name: str) -> str:
    return " ".join(word for word in meaning(name).split() if word not in QUALIFIERS)


def shape_share(samples: Iterable[str], field: Column, raw_type: str = "VARCHAR") -> float:
    """Return the share of samples that look like the field's type."""
    values = list(samples)
    if field.transform in ("date", "datetime"):
        if raw_type.upper().startswith(("DATE", "TIMESTAMP")):
            return 1.0
        fits = [bool(DATE.match(v) or SERIAL.match(v)) for v in values]
    elif field.transform in ("number", "integer"):
        if raw_type.upper().startswith(("DATE", "TIMESTAMP")):
            return 0.0
        fits = [bool(NUMBER.match(v)) for v in values]
    else:
        fits = _text_fits(values, field, raw_type)
    return sum(fits) / len(fits)


def _text_fits(values: list[str], field: Column, raw_type: str) -> list[bool]:
    if field.transform == "email":
        return ["@" in v or "＠" in v for v in values]
    if field.transform == "phone":
        return [bool(PHONE.match(v)) for v in values]
    if field.name in NAMES and raw_type.upper() in ("BIGINT", "INTEGER", "DOUBLE"):
        return [False]
    if field.name == "website":
        return ["." in v and "@" not in v for v in values]
    if field.name in ("source_key", "customer_key", "full_name", "name", "address"):
        return ["@" not in v for v in values]
    return [True]


def date_format(samples: Iterable[str]) -> str:
    """Return the format of a column of dates, empty where every value can be read in one way only.

    Notes
    -----
    ``3/4/2017`` is decided over all samples: a first part above 12 makes it day first, a second one month
    first; without either it is read month first, and the mapping says so where a person can change it.
    """
    values = [value.strip() for value in samples if value and value.strip()]
    if values and all(re.fullmatch(r"\d{5}(\.\d+)?", v) for v in values):
        return "excel"
    if values and all(re.fullmatch(r"\d{10}(\.\d+)?", v) for v in values):
        return "epoch"
    if values and all(re.fullmatch(r"\d{13}", v) for v in values):
        return "epoch_ms"
    slashed = [m for v in values if (m := re.match(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})\b", v))]
    if not slashed or len(slashed) * 2 < len(values):
        return ""
    day_first = any(int(m[1]) > 12 for m in slashed)
    mark, year = slashed[0][2], "%Y" if len(slashed[0][4]) == 4 else "%y"
    day = mark.join(("%d", "%m", year) if day_first else ("%m", "%d", year))
    return "|".join((f"{day} %H:%M:%S", f"{day} %H:%M", f"{day} %I:%M %p", day))


def earliest(samples: Iterable[str]) -> str:
    """Return the first possible day of a column about the past, empty where days before 1900 are slips.

    A placeholder is one day that many rows have; a quarter of all different days is none.
    """
    values = {value.strip() for value in samples if value and value.strip()}
    old = sum(bool(OLD.search(value)) for value in values)
    return OLDEST if old > 2 and old * 4 > len(values) else ""  # two may be two systems' placeholders


def is_decimal_comma(samples: Iterable[str]) -> bool:
    """Tell whether numbers are written with a decimal comma (``1.234,56``)."""
    values = [v.strip() for v in samples if v and v.strip()]
    return (
        bool(values)
        and any(re.fullmatch(r"-?\d{1,3}(\.\d{3})*,\d{1,2}", v) for v in values)
        and not any(re.search(r",\d{3}(\.|$)", v) or re.search(r"\.\d{1,2}$", v) for v in values)
    )
