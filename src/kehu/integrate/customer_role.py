"""What a stream of customers says of them: parts that belong together, whose names they are, whether it is one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kehu.integrate.header import meaning
from kehu.integrate.identity.name import is_surely_person
from kehu.integrate.identity.organization_name import organization_name
from kehu.integrate.likeness import likeness
from kehu.integrate.mapping import Field, field_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.integrate.likeness import ColumnLook
    from kehu.warehouse.table import Table

LEAST_TOLD = 10  # names that say they are organizations
PERSON = ("full_name", "first_name", "last_name", "email", "phone", "national_id", "birth_on", "address", "gender")
OF_PERSONS = ("full_name", "first_name", "last_name", "nickname", "gender", "birth_on")
OF_PLACES = ("address", "city", "postcode", "phone", "tax_id", "national_id", "website")
OWN_NUMBERS = ("email", "phone")
MOSTLY = 0.5  # different values by filled row: a list has some twice, events have few of them
ADDRESS_LINE = re.compile(  # with what stands before: "Billing Address 1", "Address 1 - Street"
    r"(.*?) ?\b(street number|house number|street( ?2)?|street name|(addr|address)( line)? ?[123])"
)
ALSO = ("email", "phone")  # another column stands in where the first is empty
PERSONS_NUMBER = re.compile("ssn|social sec|soc sec|passport|id card|身份证|护照")
WHOLE = re.compile(r"\S \S|^[㐀-鿿가-힣]{3,}$")  # Имя, 이름 and 名字 are asked for both
NAME = re.compile(r"[^\W\d_][^\s\d]*( [^\s\d]+){1,3}")  # two to four words without a digit
SURELY = 0.8  # likeness from which a column surely holds the same
BIRTH_PARTS = (
    ("birth year", "year of birth", "year birth", "dob year", "yob", "by", "出生年", "出生年份"),
    ("birth month", "month of birth", "month birth", "dob month", "mob", "bm", "出生月", "出生月份"),
    ("birth day", "day of birth", "day birth", "dob day", "bd", "date of birth", "出生日"),  # Geburtstag may be both
)


def complete(
    fields: dict[str, Field], columns: Sequence[ColumnLook], rows: Sequence[dict[str, object]], table: Table
) -> None:
    """Change the fields of customers to what several columns say together.

    Parameters
    ----------
    fields : dict of Field
        Fields by name, each with the column that fits it best; changed in place.
    columns : sequence of ColumnLook
        The stream's columns.
    rows : sequence of dict
        Some of its rows.
    table : Table
        The staging table of customers, whose header names the fields.
    """
    _name(fields, rows)
    _address(fields, columns)
    _also(fields, columns, table)
    _birth(fields, columns)
    _organization(fields, columns)


def doubt(fields: dict[str, Field], columns: Sequence[ColumnLook]) -> str:
    """Return why columns do not make a stream one of customers, where neither its name says so; empty if they do."""
    known = _known(fields)
    if len(known) > 1:
        return ""
    if _is_list(fields, columns):
        column = _column(columns, fields[known[0]]) if known else None
        if column and known[0] in OWN_NUMBERS and column.distinct_share >= MOSTLY:
            return ""
        names = (column.spread or column.samples) if column and known[0] == "full_name" else ()
        if "kind" in fields or sum(map(is_surely_person, names)) * 4 > len(names):
            return ""
        if "company" in fields and sum(bool(NAME.fullmatch(name)) for name in names) * 2 > len(names):
            return ""  # who works there: few given names of other languages are known
    return "a name alone makes no person"


def _known(fields: dict[str, Field]) -> list[str]:
    return [name for name in PERSON if name in fields]


def _is_list(fields: dict[str, Field], columns: Sequence[ColumnLook]) -> bool:
    """Tell whether rows have a key and most of their columns tell of customers."""
    return "source_key" in fields and sum(len(field.columns) for field in fields.values()) * 2 > len(columns)


def _column(columns: Sequence[ColumnLook], field: Field) -> ColumnLook | None:
    return next((c for c in columns if field.columns and c.name == field.columns[0]), None)


def _name(fields: dict[str, Field], rows: Sequence[dict[str, object]]) -> None:
    """Take a column "name" beside a first name for the last name, beside a last name for the first.

    It stays the whole name where it has the other one in it. A first name alone, of several words, is a whole one.
    """
    if "first_name" in fields and not {"full_name", "last_name"} & fields.keys():
        column = fields["first_name"].columns[0]
        names = [str(row[column]) for row in rows if row.get(column)]
        if sum(bool(WHOLE.search(name.strip())) for name in names) * 2 > len(names):
            fields["full_name"] = replace(fields.pop("first_name"), name="full_name")
    known = [name for name in ("first_name", "last_name") if name in fields]
    if "full_name" not in fields or len(known) != 1:
        return
    whole, part = fields["full_name"].columns[0], fields[known[0]].columns[0]
    said = [(str(row[whole]), str(row[part])) for row in rows if row.get(whole) and row.get(part)]
    within = sum(one.lower() in all_of_it.lower() for all_of_it, one in said)
    if within * 2 < len(said) or (not said and meaning(whole) == "name"):
        other = "last_name" if known == ["first_name"] else "first_name"
        fields[other] = replace(fields.pop("full_name"), name=other)


def _address(fields: dict[str, Field], columns: Sequence[ColumnLook]) -> None:
    """Join street number and address lines where the source parts them."""
    lines: dict[str, list[str]] = {}
    for column in columns:
        if found := ADDRESS_LINE.fullmatch(meaning(column.name)):
            lines.setdefault(found[1], []).append(column.name)
    parts = next((tuple(names) for names in lines.values() if len(names) > 1), ())
    if parts:
        fields["address"] = Field("address", parts, "join")


def _also(fields: dict[str, Field], columns: Sequence[ColumnLook], table: Table) -> None:
    """Let a second phone or e-mail stand in for the first."""
    taken = {name for field in fields.values() for name in field.columns}
    for known in field_columns(table):
        if known.name in ALSO and known.name in fields:
            others = tuple(c.name for c in columns if c.name not in taken and likeness(c, known) >= SURELY)
            field = fields[known.name]
            fields[known.name] = replace(field, columns=(*field.columns, *others))


def _birth(fields: dict[str, Field], columns: Sequence[ColumnLook]) -> None:
    """Join year, month and day of birth where the source parts them."""
    found = [next((c.name for c in columns if meaning(c.name) in words), "") for words in BIRTH_PARTS]
    if all(found) and "birth_on" not in fields:
        fields["birth_on"] = Field("birth_on", tuple(found), "join")


def _organization(fields: dict[str, Field], columns: Sequence[ColumnLook]) -> None:
    """Take a company's name for the customer's own where no column tells of a person.

    It needs a column that says where the company is, or else no column but the key that says anything of a customer.
    """
    is_persons = any(name in fields for name in OF_PERSONS) or _has_persons_number(fields)
    is_named = "company" in fields and not is_persons
    if is_named and (any(n in fields for n in OF_PLACES) or (not _known(fields) and _is_list(fields, columns))):
        fields["full_name"] = replace(fields.pop("company"), name="full_name")
        fields.setdefault("kind", Field("kind", (), "lower", "organization"))
    elif "full_name" not in fields or "kind" in fields or any(n in fields for n in OF_PERSONS if n != "full_name"):
        return
    else:
        column = _column(columns, fields["full_name"])
        if column and _are_organizations(column.spread or column.samples):
            fields["kind"] = Field("kind", (), "lower", "organization")
    if fields.get("kind") and fields["kind"].value and "national_id" in fields and "tax_id" not in fields:
        fields["tax_id"] = replace(fields.pop("national_id"), name="tax_id")


def _has_persons_number(fields: dict[str, Field]) -> bool:
    return "national_id" in fields and bool(PERSONS_NUMBER.search(meaning(fields["national_id"].columns[0])))


def _are_organizations(names: Sequence[str]) -> bool:
    """Tell whether a list names organizations: all of it, or a good part and hardly another is surely a person's."""
    others = [name for name in names if not organization_name(name).is_organization]
    told = len(names) - len(others)
    is_good_part = told >= LEAST_TOLD and told * 6 > len(names)
    return told > 1 and (not others or (is_good_part and sum(map(is_surely_person, others)) * 8 < len(others)))
