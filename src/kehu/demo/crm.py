"""The contact book: an Excel workbook kept by hand, with everything that goes wrong by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import xlsxwriter

from kehu.demo import spelling
from kehu.demo.dice import dice
from kehu.demo.record import Known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

    import duckdb

    from kehu.demo.people import Person

# Shares of all contacts, a little above what the issue asks for.
DUPLICATES, TYPOS, MISSING, CARDS = 0.115, 0.12, 0.215, 0.85
_PLACEHOLDERS = 0.008

HEADER = {
    "contact_id": "Contact ID",
    "salutation": "Salutation",
    "last": "Last name",
    "first": "First name",
    "nickname": "Nickname",
    "gender": "Gender",
    "birth_on": "Date of birth",
    "phone": "Mobile phone",
    "email": "E-mail",
    "card": "Loyalty card",
    "street": "Street address",
    "city": "City",
    "state": "State",
    "postcode": "ZIP",
    "country": "Country",
    "registered_on": "Registered",
    "updated_on": "Updated",
}
_MAY_MISS = (
    "first",
    "last",
    "gender",
    "birth_on",
    "phone",
    "email",
    "street",
    "city",
    "state",
    "postcode",
    "country",
    "registered_on",
    "updated_on",
)
_DEMOGRAPHICS = {
    "age": "Age band",
    "income": "Income band",
    "home_ownership": "Home ownership",
    "marital_status": "Marital status",
    "household_size": "Household size",
    "household_comp": "Household composition",
    "kids_count": "Kids",
}


@dataclass
class Contact:
    """One row of the workbook, its person, the correct keys, and what is wrong with it."""

    person: Person
    cells: dict[str, str]
    keys: dict[str, str]
    is_duplicate: bool
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def known(self) -> Known:
        """The record as the truth sees it: only correctly written keys count."""
        return Known("crm", self.cells["contact_id"], self.person, **self.keys)

    def lose(self, name: str) -> None:
        """Empty a cell."""
        self.cells[name] = ""
        self.keys.pop(name, None)

    def spoil(self, kind: str, name: str, value: str) -> None:
        """Write something wrong into a cell and remember it."""
        self.cells[name] = value
        self.keys.pop(name, None)
        self.faults.append((kind, name))


def contacts(people: Sequence[Person]) -> list[Contact]:
    """Return the contact book of all persons: duplicates, typos, gaps, old addresses and shared phones included."""
    rng = dice("crm")
    again = rng.sample(list(people), round(len(people) * DUPLICATES / (1 - DUPLICATES)))
    holders = [person.person_id for person in people if person.card]
    with_card = set(rng.sample(holders, round(len(holders) * CARDS)))
    entries = [(person, False) for person in people] + [(person, True) for person in again]
    rng.shuffle(entries)
    found = [
        _contact(rng, person, f"C{100_000 + number * 7}", is_duplicate, person.person_id in with_card)
        for number, (person, is_duplicate) in enumerate(entries)
    ]
    _lose(rng, found)
    _mistype(rng, found)
    _fill_in(rng, found)
    return found


def _contact(rng: Random, person: Person, contact_id: str, is_duplicate: bool, in_programme: bool) -> Contact:
    last, first = spelling.name(rng, person)
    is_old = person.old_address is not None and not is_duplicate
    address = person.old_address if person.old_address is not None and not is_duplicate else person.address
    card = person.card if in_programme and (not is_duplicate or rng.random() < 0.5) else ""
    email = person.old_email if person.old_email and rng.random() < 0.5 else person.email
    registered = date(2012, 1, 1) + timedelta(days=rng.randrange(1800))
    cells = {
        "contact_id": contact_id,
        "salutation": rng.choice(("", "", "Ms." if person.gender == "F" else "Mr.")),
        "last": last,
        "first": first,
        "nickname": person.nickname if rng.random() < 0.3 else "",
        "gender": person.gender,
        "birth_on": person.birth_on.isoformat(),
        "phone": spelling.phone(rng, person.phone),
        "email": spelling.email(rng, email),
        "card": card,
        **address._asdict(),
        "country": "US",
        "registered_on": registered.isoformat(),
        "updated_on": (registered + timedelta(days=rng.randrange(1, 1800 if is_duplicate else 400))).isoformat(),
    }
    keys = {name: value for name, value in (("phone", person.phone), ("email", email), ("card", card)) if value}
    return Contact(person, cells, keys, is_duplicate, [("moved", "street")] if is_old else [])


def _lose(rng: Random, found: Sequence[Contact]) -> None:
    """Empty each field on a fifth of the contacts, but leave enough to tell who it was."""
    quota = int(len(found) * MISSING) + 1
    for name in _MAY_MISS:
        left = quota
        for contact in rng.sample(list(found), len(found)):
            if left and _may_lose(contact, name):
                contact.lose(name)
                left -= 1


def _may_lose(contact: Contact, name: str) -> bool:
    cells = contact.cells
    if name in ("first", "last"):
        other = "last" if name == "first" else "first"
        return bool(cells[other]) and not (name == "first" and contact.person.has_partner)
    if name in ("phone", "email"):
        other = "email" if name == "phone" else "phone"
        return bool(cells[other])
    return True


def _mistype(rng: Random, found: Sequence[Contact]) -> None:
    for contact in rng.sample(list(found), int(len(found) * TYPOS) + 1):
        names = [name for name in ("last", "first", "email", "street", "phone") if contact.cells[name]]
        name = rng.choice([name for name in names if contact.cells[name].isascii()])
        if name == "phone":
            contact.spoil("typo", name, spelling.phone(rng, spelling.wrong_digit(rng, contact.person.phone)))
        else:
            contact.spoil("typo", name, spelling.typo(rng, contact.cells[name].strip()))


def _fill_in(rng: Random, found: Sequence[Contact]) -> None:
    """Put the words of people who had to fill in a required field, where the other key is still there."""
    quota = int(len(found) * _PLACEHOLDERS)
    gaps = [contact for contact in found if not contact.cells["email"] and "phone" in contact.keys]
    for contact in rng.sample(gaps, min(quota, len(gaps) // 10)):
        contact.spoil("placeholder", "email", rng.choice(("none@example.com", "noemail@example.com", "unknown")))
    gaps = [contact for contact in found if not contact.cells["phone"] and "email" in contact.keys]
    for contact in rng.sample(gaps, min(quota, len(gaps) // 10)):
        contact.spoil("placeholder", "phone", rng.choice(("000-000-0000", "999-999-9999", "n/a")))


def write(connection: duckdb.DuckDBPyConnection, folder: Path, found: Sequence[Contact]) -> None:
    """Write ``contacts.xlsx``: sheet Contacts, and sheet Demographics (real) for the contacts that have any."""
    of = {contact.person.household_id: contact for contact in found if contact.person.card and not contact.is_duplicate}
    columns = ", ".join(_DEMOGRAPHICS)
    rows = connection.execute(
        f"SELECT household_id, {columns} FROM household WHERE age IS NOT NULL ORDER BY household_id"
    ).fetchall()
    workbook = xlsxwriter.Workbook(str(folder / "contacts.xlsx"), {"strings_to_numbers": False})
    workbook.set_properties({"title": "Contacts (invented persons)", "created": datetime(2018, 1, 1)})  # noqa: DTZ001  # the format has no zone
    _sheet(workbook, "Contacts", list(HEADER.values()), [[c.cells[name] for name in HEADER] for c in found])
    known = [[of[row[0]].cells["contact_id"], *row[1:]] for row in rows if row[0] in of]
    _sheet(workbook, "Demographics", ["Contact ID", *_DEMOGRAPHICS.values()], known)
    workbook.close()


def _sheet(workbook: xlsxwriter.Workbook, name: str, header: list[str], rows: list[list[str]]) -> None:
    sheet = workbook.add_worksheet(name)
    for number, row in enumerate([header, *rows]):
        for place, value in enumerate(row):
            if value:
                sheet.write_string(number, place, value)
