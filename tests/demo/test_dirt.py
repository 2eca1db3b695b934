from __future__ import annotations

from collections import Counter
from datetime import date

import phonenumbers
import pytest

from kehu.demo import crm, service, spelling, talk
from kehu.demo.dice import dice
from kehu.demo.journey import Household
from kehu.demo.people import Person, people
from kehu.demo.record import Known, islands

HOMES = [Household(number, 300 + number % 40, "35-44", 60, date(2017, 12, 20)) for number in range(1, 1201)]


@pytest.fixture(scope="module")
def persons() -> list[Person]:
    return people(HOMES)


@pytest.fixture(scope="module")
def book(persons: list[Person]) -> list[crm.Contact]:
    return crm.contacts(persons)


def test_a_fifth_of_the_households_have_a_second_person(persons: list[Person]) -> None:
    second = [person for person in persons if not person.card]

    assert len(second) / len(HOMES) == pytest.approx(0.2, abs=0.03)


def test_a_second_person_shares_address_or_phone(persons: list[Person]) -> None:
    holder = {person.household_id: person for person in persons if person.card}

    for person in persons:
        first = holder[person.household_id]
        assert person.phone == first.phone or person.address == first.address


def test_a_quarter_of_the_names_are_chinese(persons: list[Person]) -> None:
    assert sum(person.is_chinese for person in persons) / len(persons) == pytest.approx(0.25, abs=0.04)


def test_cards_are_unique_and_hide_the_household(persons: list[Person]) -> None:
    cards = [person.card for person in persons if person.card]

    assert len(set(cards)) == len(HOMES)
    assert all(len(card) == 12 and card.startswith("CJ") for card in cards)
    assert not any(int(person.card[2:]) == person.household_id for person in persons if person.card)


def test_every_spelling_of_a_phone_reads_as_the_same_number(persons: list[Person]) -> None:
    rng = dice("test")

    for person in persons:
        text = spelling.phone(rng, person.phone)
        read = [phonenumbers.parse(text, region) for region in ("US", "CN")]
        valid = [number for number in read if phonenumbers.is_valid_number(number)]
        form = phonenumbers.PhoneNumberFormat.E164
        assert phonenumbers.format_number(valid[0], form) == person.phone


def test_contacts_are_as_dirty_as_the_issue_asks(book: list[crm.Contact]) -> None:
    kinds = Counter(kind for contact in book for kind in {kind for kind, _ in contact.faults})

    assert sum(contact.is_duplicate for contact in book) / len(book) >= 0.08
    assert kinds["typo"] / len(book) >= 0.10
    assert kinds["moved"] / len(book) >= 0.10
    assert kinds["placeholder"] > 0


@pytest.mark.parametrize(
    "name", ["first", "last", "gender", "birth_on", "phone", "email", "street", "city", "postcode"]
)
def test_a_fifth_of_each_field_is_missing(book: list[crm.Contact], name: str) -> None:
    missing = sum(not contact.cells[name] for contact in book) / len(book)

    assert missing == pytest.approx(0.21, abs=0.012)


def test_85_percent_of_the_holders_have_their_card_in_the_book(book: list[crm.Contact]) -> None:
    assert len({contact.cells["card"] for contact in book} - {""}) == round(0.85 * len(HOMES))


def test_every_contact_keeps_a_name_and_a_way_to_reach_the_person(book: list[crm.Contact]) -> None:
    for contact in book:
        assert contact.cells["first"] or contact.cells["last"]
        assert contact.cells["email"] or contact.cells["phone"]


def test_a_typo_always_changes_the_text() -> None:
    rng = dice("typo")

    for text in ("Ann", "Li", "O'Brien", "wang.fang@example.com", "12 Oak St", "aa", "x"):
        for _ in range(50):
            assert spelling.typo(rng, text) != text


def test_records_chain_by_equal_keys_but_not_by_a_shared_phone(persons: list[Person]) -> None:
    alone = next(person for person in persons if not person.has_partner)
    couple = next(person for person in persons if person.shares_phone and person.card)
    for person, groups in ((alone, 1), (couple, 2)):
        contact = Known("crm", "C1", person, email=person.email, phone=person.phone)
        order = Known("shop", person.phone, person, phone=person.phone)

        assert len(islands([contact, order])) == groups


def test_a_requester_joins_card_and_mail_that_no_record_joins(persons: list[Person]) -> None:
    alone = [person for person in persons if person.card and not person.has_partner][:200]
    apart = [
        record
        for person in alone
        for record in (
            Known("pos", person.card, person, card=person.card),
            Known("shop", person.email, person, email=person.email),
        )
    ]

    desk = service.requesters(alone, apart)

    bridged = {record.person.person_id for record in desk if record.card and record.email}
    assert 0.75 < len(bridged) / len(alone) < 0.97


def test_people_say_hundreds_of_different_things_in_both_languages() -> None:
    rng = dice("talk")
    texts = {
        talk.complaint(rng, talk.topic(rng, mood), mood, item, chinese=chinese)
        for chinese, item in ((True, "牛奶"), (False, "milk"))
        for mood in (0, 1, 2)
        for _ in range(200)
    }

    assert len(texts) > 250


def test_scores_fall_where_a_household_stopped_buying(persons: list[Person]) -> None:
    half = len(HOMES) // 2
    homes = {
        home.household_id: Household(
            home.household_id, 1, "", 9, date(2017, 6 if home.household_id <= half else 12, 20)
        )
        for home in HOMES
    }
    desk = [Known("service", f"U{n}", person, email=person.email) for n, person in enumerate(persons)]
    household = {known.source_key: known.person.household_id for known in desk}

    answers = service.rows(desk, homes)["nps"]

    gone = [row["score"] for row in answers if household[str(row["requester_id"])] <= half]
    here = [row["score"] for row in answers if household[str(row["requester_id"])] > half]
    assert sum(gone) / len(gone) < sum(here) / len(here) - 1  # type: ignore[arg-type]
