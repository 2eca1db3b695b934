"""Values as sources write them, as keys that can be compared; one call per distinct value, never per row."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.integrate.identity.name import name

if TYPE_CHECKING:
    from collections.abc import Iterable

# Publication 28 of the US Postal Service, appendix C1 (suffixes) and C2 (units), the frequent ones.
STREET_WORDS = {
    "street": "st", "avenue": "ave", "av": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr", "lane": "ln",
    "court": "ct", "place": "pl", "square": "sq", "terrace": "ter", "parkway": "pkwy", "circle": "cir",
    "highway": "hwy", "crescent": "cres", "close": "cl", "grove": "gr", "north": "n", "south": "s", "east": "e",
    "west": "w", "saint": "st", "mount": "mt", "way": "way",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th",
    "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th", "eleventh": "11th", "twelfth": "12th",
}  # fmt: skip
BESIDE = re.compile(r"(?<=[a-z.]\s)\s*(between|near|opposite|at \d\w*)\s.*")  # what else stands there
ORDINAL = re.compile(r"\d*(1st|2nd|3rd|\dth)")  # of a street, not a house
UNIT = re.compile(r"\b(apt|apartment|unit|suite|ste|flat|room|rm|floor|fl|no|#)\b\.?\s*\w+|#\s*\w+")
HAN_DIGITS = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
HAN_NUMBER = re.compile(r"[零〇一二三四五六七八九十两]+(?=号|楼|栋|幢|单元|室|层|弄|期|座|门)")
# Province, city, district and town, each optional; "中山路" and what follows is the street.
REGION = re.compile(
    r"^\s*(中国)?([^\d路街]{2,8}?(省|自治区|特别行政区))?([^\d路街]{2,8}?市)?([^\d路街]{1,6}?[区县旗])?([^\d路]{1,6}?(街道|镇|乡))?"
)
HAN = re.compile(r"[㐀-鿿]")


def name_part(names: Iterable[tuple[str, str, str]]) -> pa.Table:
    """Return one row per distinct name: (full_name, first_name, last_name) and its comparison keys."""
    keys = ("given_key", "family_key", "given_sound", "family_sound", "given_roots", "suffix", "given_kind")
    rows = [
        (full, first, last, p.given, p.family, p.given_sound, p.family_sound, p.roots, p.suffix, p.kind)
        for full, first, last in names
        for p in (name(full, first, last),)
    ]
    columns = list(zip(*rows, strict=True)) or [()] * 10
    types = [pa.string()] * 7 + [pa.list_(pa.string()), pa.string(), pa.string()]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return pa.table(dict(zip(("full_name", "first_name", "last_name", *keys), arrays, strict=True)))


def address_part(addresses: Iterable[str]) -> pa.Table:
    """Return one row per distinct address text: address_text, house_number and street."""
    texts = list(addresses)
    parts = [address(text) for text in texts]
    return pa.table(
        {
            "address_text": pa.array(texts, pa.string()),
            "house_number": pa.array([number or None for number, _ in parts], pa.string()),
            "street": pa.array([street or None for _, street in parts], pa.string()),
        }
    )


def address(text: str) -> tuple[str, str]:
    """Return house number and street of one address line, in one spelling.

    Examples
    --------
    >>> address("12 Main Street, Apt. 4"), address("人民路三十二号5栋")
    (('12', 'main st'), ('32-5', '人民路'))
    """
    text = unicodedata.normalize("NFKC", text).lower().strip()
    if HAN.search(text):
        text = HAN_NUMBER.sub(lambda match: _number(match.group()), text)
        road = re.sub(r"[\W\d]+", "", re.split(r"\d", REGION.sub("", text))[0])
        return "-".join(re.findall(r"\d+", text)), road or re.sub(r"[\W\d]+", "", text)
    line = BESIDE.sub("", UNIT.sub(" ", text))
    head = next((part for part in line.split(",") if re.search(r"[^\W\d]", part)), line)
    if not re.search(r"\d", head) and (numbered := re.match(r"\s*\d+\w?\s*,", line)):
        head = numbered.group().replace(",", " ") + head
    words = re.findall(r"\w+", unicodedata.normalize("NFKD", head).encode("ascii", "ignore").decode() or head)
    number = next((word for word in words if word[0].isdigit() and not ORDINAL.fullmatch(word)), "")
    if number in words:
        words.remove(number)
    return number, " ".join(STREET_WORDS.get(word, word) for word in words)


def _number(text: str) -> str:
    if "十" not in text:
        return "".join(HAN_DIGITS[digit] for digit in text)
    tens, _, ones = text.partition("十")
    return (HAN_DIGITS.get(tens, "") or "1") + (HAN_DIGITS.get(ones, "") or "0")
