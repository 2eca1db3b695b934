"""Headers as words, and what those of other languages mean in English."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")
REMARK = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")  # "(required)", "(dd/mm/yyyy)"
SHORT = 3
LETTERS = str.maketrans({"ß": "ss", "ı": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "º": "o ", "°": "o "})


def normal(name: str) -> str:
    """Return a name as lower-case words parted by blanks.

    Examples
    --------
    >>> normal("InvoiceNo"), normal("E-mail"), normal("customer_id"), normal("订单编号 ")
    ('invoice no', 'e mail', 'customer id', '订单编号')
    """
    return " ".join(part.lower() for part in CAMEL.split(name) if part)


@cache
def meaning(name: str) -> str:
    """Return a name as :func:`normal` does, in English where ``header_word.csv`` knows it in another language.

    A name that it does not know as a whole is told word by word, if it knows all but one of them. Words of three
    letters mean too much elsewhere: a market cap is no Italian postcode.

    Examples
    --------
    >>> meaning("Straße"), meaning("N° client"), meaning("correo_electrónico"), meaning("Telefon privat")
    ('street', 'customer id', 'email', 'phone privat')
    >>> meaning("last name"), meaning("手机号"), meaning("DOB (dd/mm/yyyy)*"), meaning("Phone #")
    ('last name', '手机号', 'dob', 'phone no')
    """
    name = REMARK.sub(" ", name).replace("#", " no ") if normal(REMARK.sub(" ", name)) else name
    said = normal(name)
    plain = _plain(name)
    known = _meanings()
    if whole := known.get(plain.replace(" ", "")):
        return whole
    words = plain.split()
    told = [known[word] if len(word) > SHORT and word in known else word for word in words]
    changed = sum(new != old for new, old in zip(told, words, strict=True))
    return " ".join(told) if changed and changed >= len(words) - 1 else said


def _plain(name: str) -> str:
    """Return a name as words without accents."""
    letters = unicodedata.normalize("NFKD", name.translate(LETTERS))
    return normal("".join(letter for letter in letters if not unicodedata.combining(letter)))


@cache
def _meanings() -> dict[str, str]:
    text = files("kehu.integrate").joinpath("header_word.csv").read_text(encoding="utf-8")
    lines = csv.reader(text.splitlines())
    return {_plain(word).replace(" ", ""): english for english, *words in lines for word in words}
