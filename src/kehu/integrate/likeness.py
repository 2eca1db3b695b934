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
    "person", "customer", "client", "contact", "buyer", "recipient", "address", "value", "1", "applicant", "borrower",
    "patient", "student", "member", "guest", "cardholder", "policyholder", "insured", "donor", "subscriber", "user",
}  # fmt: skip
# The same in Chinese; not who stands beside a customer: 紧急联系人, 担保人, 推荐人, 父亲.
QUALIFYING = re.compile(
    r"^(借款人|贷款人|申请人|持卡人|投保人|被保险人|患者|病人|学生|会员|客户|顾客|用户|买家|收货人|联系人|户主|本人)(?=.)"
)
# Who stands beside a customer: what these say is not the customer's.
OTHERS = re.compile(
    r"\b(emergency|kin|parent|guardian|father|mother|spouse|co|guarantor|reference|referrer|referee|physician|doctor|"
    r"employer|supervisor|manager|agent|salesperson|sales|rep|staff|beneficiary)\b"
    r"|紧急|担保|推荐人|介绍人|父亲|母亲|配偶|监护|家长|经办|经理|业务员|销售|医生|医师|顾问|受益人"
)
OWN = ("full_name", "first_name", "last_name", "email", "phone", "birth_on", "gender", "national_id", "address")
QUALIFIED = (
    "first_name", "last_name", "email", "phone", "address", "city", "state", "postcode", "country", "company",
    "national_id", "birth_on", "gender",
)  # fmt: skip
THINGS = {
    "street", "road", "shop", "store", "product", "item", "file", "program", "campaign", "school", "city", "country",
    "brand", "plan",
}  # fmt: skip
ABOUT = re.compile(  # how the header of what a company has ends
    r"\b(phone|tel|email|mail|address|street|city|state|zip|postcode|country|size|type|id|no|code|industry|sector|website|"
    r"url|fax|revenue|employees)$|(电话|手机|邮箱|地址|网址|规模|类型|性质|行业|编号|代码|传真|人数)$"
)
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
    said = meaning(column.name)
    is_chinese_name = field.name == "full_name" and said.endswith("姓名")
    if (field.name in QUALIFIED or is_chinese_name) and score < 1 and (bare := _unqualified(said)):
        score = max(score, name_likeness(bare, words) - 0.1)
    if (field.name == "full_name" and THINGS & set(said.split())) or (field.name in OWN and OTHERS.search(said)):
        score = 0.0
    if field.name == "company" and ABOUT.search(said):
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


def _unqualified(said: str) -> str:
    return " ".join(QUALIFYING.sub("", word) for word in said.split() if word not in QUALIFIERS)


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
