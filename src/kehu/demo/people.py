"""Invents the persons behind the real households: a card holder each, in a fifth of them a second person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kehu.demo import words
from kehu.demo.dice import dice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from kehu.demo.journey import Household

_CHINESE, _SECOND, _MOVED, _NEW_MAIL = 0.25, 0.20, 0.145, 0.04
_AGE = {"19-24": 21, "25-34": 29, "35-44": 39, "45-54": 49, "55-64": 59, "65+": 71}


class Address(NamedTuple):
    """A postal address with an invented street."""

    street: str
    city: str
    state: str
    postcode: str


@dataclass(frozen=True)
class Person:
    """One invented person: the truth from which every system's records are spelled."""

    person_id: str
    household_id: int
    card: str
    last: str
    first: str
    latin_last: str
    latin_first: str
    nickname: str
    gender: str
    birth_on: date
    email: str
    old_email: str
    phone: str
    address: Address
    old_address: Address | None
    shares_phone: bool
    has_partner: bool

    @property
    def is_chinese(self) -> bool:
        """Whether the name is written in Chinese characters."""
        return self.last != self.latin_last


def people(households: Sequence[Household]) -> list[Person]:
    """Return the invented persons, the same for the same households; a household's holder stands first.

    A card is a permutation of the household's number, never the number itself. Phone numbers use the exchange
    555 (or invented Chinese mobile numbers), e-mail addresses the reserved example domains.
    """
    found: list[Person] = []
    taken: set[str] = set()
    for household in households:
        rng = dice(f"person:{household.household_id}")
        has_partner = rng.random() < _SECOND
        holder = _holder(rng, household, taken, has_partner)
        partner = [_partner(rng, holder, taken)] if has_partner else []
        found.append(replace(holder, shares_phone=any(person.shares_phone for person in partner)))
        found += partner
    return found


def _holder(rng: Random, household: Household, taken: set[str], has_partner: bool) -> Person:
    city = words.CITY[household.home_store * 7919 % len(words.CITY)]
    chinese = rng.random() < _CHINESE
    gender = rng.choice("FFM")
    last, latin_last = _pair(rng.choice(words.HAN_LAST if chinese else words.LAST))
    first, latin_first, nickname = _given(rng, gender, chinese)
    years = _AGE.get(household.age) or rng.choice((24, 31, 38, 45, 52, 60, 70))
    email = _email(rng, latin_first, latin_last, taken)
    return Person(
        person_id=f"P{household.household_id:05d}A",
        household_id=household.household_id,
        card=f"CJ{(household.household_id * 6_700_417 + 3_217_004_321) % 9_999_999_967:010d}",
        last=last,
        first=first,
        latin_last=latin_last,
        latin_first=latin_first,
        nickname=nickname,
        gender=gender,
        birth_on=_birth(rng, years),
        email=email,
        old_email=_email(rng, latin_first, latin_last, taken) if rng.random() < _NEW_MAIL else "",
        phone=_phone(rng, city[3], chinese, taken),
        address=_address(rng, city),
        old_address=_address(rng, rng.choice(words.CITY)) if rng.random() < _MOVED else None,
        shares_phone=False,
        has_partner=has_partner,
    )


def _partner(rng: Random, holder: Person, taken: set[str]) -> Person:
    """Return a second person who shares the holder's address, phone or both."""
    gender = "M" if holder.gender == "F" else "F"
    first, latin_first, nickname = _given(rng, gender, holder.is_chinese)
    last, latin_last = holder.last, holder.latin_last
    if rng.random() < (0.7 if holder.is_chinese else 0.25):
        last, latin_last = _pair(rng.choice(words.HAN_LAST if holder.is_chinese else words.LAST))
    shares_phone = rng.random() < 0.5
    shares_address = not shares_phone or rng.random() < 0.85
    area = next(city for city in words.CITY if city[0] == holder.address.city)
    return replace(
        holder,
        person_id=f"P{holder.household_id:05d}B",
        card="",
        last=last,
        first=first,
        latin_last=latin_last,
        latin_first=latin_first,
        nickname=nickname,
        gender=gender,
        birth_on=holder.birth_on + timedelta(days=rng.randint(-2500, 2500)),
        email=_email(rng, latin_first, latin_last, taken),
        old_email="",
        phone=holder.phone if shares_phone else _phone(rng, area[3], holder.is_chinese, taken),
        address=holder.address if shares_address else _address(rng, area),
        old_address=holder.old_address if shares_address else None,
        shares_phone=shares_phone,
    )


def _pair(word: str) -> tuple[str, str]:
    name, _, other = word.partition(":")
    return name, other or name


def _given(rng: Random, gender: str, chinese: bool) -> tuple[str, str, str]:
    """Return a given name, its Latin spelling, and a nickname (an English name for Chinese persons) or ''."""
    female = gender == "F"
    if not chinese:
        name, _, nickname = rng.choice(words.FEMALE if female else words.MALE).partition(":")
        return name, name, nickname
    name, latin = _pair(rng.choice(words.HAN_FEMALE if female else words.HAN_MALE))
    english = rng.choice(words.ENGLISH_FEMALE if female else words.ENGLISH_MALE)
    return name, latin, english if rng.random() < 0.45 else ""


def _birth(rng: Random, years: int) -> date:
    return date(2017, 1, 1) - timedelta(days=int(years * 365.25) + rng.randint(-1400, 1400))


def _address(rng: Random, city: tuple[str, str, str, str]) -> Address:
    street = f"{rng.randint(10, 9899)} {rng.choice(words.STREET)} {rng.choice(words.STREET_KIND)}"
    if rng.random() < 0.25:
        street += f" Apt {rng.randint(1, 40)}"
    return Address(street, city[0], city[1], f"{city[2]}{rng.randint(1, 99):02d}")


def _email(rng: Random, first: str, last: str, taken: set[str]) -> str:
    first, last = first.lower(), last.lower().replace("'", "")
    while True:
        local = rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{last}{first[0]}", f"{first}_{last}", f"{first}"))
        number = rng.choice(("", str(rng.randint(1, 99)), str(rng.randint(1950, 2001)), str(rng.randint(100, 9999))))
        email = f"{local}{number}@{rng.choice(words.MAIL_DOMAIN)}"
        if email not in taken:
            taken.add(email)
            return email


def _phone(rng: Random, area: str, chinese: bool, taken: set[str]) -> str:
    while True:
        phone = f"+1{area}555{rng.randint(200, 9999):04d}"
        if chinese and taken and rng.random() < 0.2:
            # The fifth digit is 0 or 1, so that no reader can take the number for a North American one.
            phone = f"+861{rng.choice('38')}{rng.randint(0, 99):02d}{rng.randint(0, 1)}{rng.randint(0, 999999):06d}"
        if phone not in taken:
            taken.add(phone)
            return phone
