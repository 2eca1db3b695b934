"""From staged rows to customers: the promises of identity, on a handful of people."""

from __future__ import annotations

import json

SMITHS = {"address": "12 Main St", "postcode": "10001", "phone": "+12125550101"}


def test_records_with_one_email_and_a_nickname_are_one_customer(company) -> None:
    company.record("1", "Bob Smith", email="bob@x.com", **SMITHS)
    company.record("2", "Robert Smith", email="bob@x.com", source="shop")

    company.build()

    assert len(set(company.customers().values())) == 1


def test_household_members_stay_two_customers_in_one_household(company) -> None:
    company.record("1", "Bob Smith", birth_on="1970-01-02", **SMITHS)
    company.record("2", "Ann Smith", birth_on="1972-03-04", **SMITHS)

    company.build()

    assert len(set(company.customers().values())) == 2
    assert company.rows("SELECT member_count, surname FROM household") == [(2, "Smith")]


def test_father_and_son_of_one_name_stay_two(company) -> None:
    company.record("1", "John Smith Sr.", **SMITHS)
    company.record("2", "John Smith Jr.", **SMITHS)

    company.build()

    assert len(set(company.customers().values())) == 2


def test_email_of_two_first_names_does_not_join_them(company) -> None:
    company.record("1", "Bob Smith", email="smiths@x.com", **SMITHS)
    company.record("2", "Ann Smith", email="smiths@x.com", **SMITHS)

    company.build()

    assert len(set(company.customers().values())) == 2


def test_placeholder_is_listed_and_joins_nobody(company) -> None:
    company.record("1", "Bob Smith", email="test@test.com", phone="+8613800000000")
    company.record("2", "王芳", email="test@test.com", phone="+8613800000000")

    company.build()

    assert len(set(company.customers().values())) == 2
    assert company.rows("SELECT field, reason FROM blocked_value ORDER BY field") == [
        ("email", "placeholder"),
        ("phone", "placeholder"),
    ]


def test_chinese_and_pinyin_spelling_with_one_email_are_one(company) -> None:
    company.record("1", "曾丽", email="zl@x.com")
    company.record("2", "Zeng Li", email="zl@x.com", source="shop")

    company.build()

    assert len(set(company.customers().values())) == 1


def test_shared_phone_goes_to_the_card_holder_and_joins_nobody(company) -> None:
    company.record("1", "Ann Smith", **SMITHS)
    company.record("2", "Bob Smith", loyalty_card="C1", **SMITHS)
    company.bought("shop", phone="+12125550101")

    company.build()

    found = company.customers()
    assert found["shop", "+12125550101"] == found["crm", "2"] != found["crm", "1"]


def test_bare_keys_reach_the_cards_they_are(company) -> None:
    company.record("1", "Ann Smith", loyalty_card="C1")
    company.record("2", "Bob Jones", loyalty_card="C2")
    company.bought("pos", customer_key="C1")
    company.bought("pos", customer_key="C2")

    company.build()

    found = company.customers()
    assert (found["pos", "C1"], found["pos", "C2"]) == (found["crm", "1"], found["crm", "2"])


def test_unexplained_references_with_one_email_are_one_provisional_customer(company) -> None:
    company.bought("shop", email="new@x.com")
    company.add("stg_interaction", source="desk", row_id="1", email="new@x.com")

    company.build()

    assert len(set(company.customers().values())) == 1
    assert company.rows("SELECT is_provisional, record_count, email FROM customer") == [(True, 2, "new@x.com")]


def test_ids_and_history_stay_when_nothing_changes_and_when_a_record_comes(company) -> None:
    company.record("5", "Bob Smith", email="bob@x.com")
    company.record("6", "Robert Smith", email="bob@x.com")
    company.record("7", "王芳", email="wf@x.com")
    company.build()
    before, events = company.customers(), company.rows("FROM merge_event")

    company.build()
    again, same_events = company.customers(), company.rows("FROM merge_event")
    company.record("1", "Bob Smith", email="bob@x.com")
    company.build()

    assert (again, same_events) == (before, events)
    assert {key: found for key, found in company.customers().items() if key in before} == before


def test_a_joining_that_no_longer_holds_is_ended_not_forgotten(company) -> None:
    company.record("1", "Bob Smith", email="bob@x.com")
    company.record("2", "Robert Smith", email="bob@x.com")
    company.build()

    company.connection.execute("UPDATE stg_customer_record SET email = 'rs@y.com' WHERE source_key = '2'")
    company.build()

    assert company.rows("SELECT rule, ended_at IS NULL FROM merge_event") == [("email", False)]
    assert len(set(company.customers().values())) == 2


def test_every_golden_value_names_its_record(company) -> None:
    company.record("1", "Bob Smith", email="bob@x.com", address="12 Main St", updated_at="2020-01-01")
    company.record("2", "Robert Smith", email="bob@x.com", address="9 Oak Ave", updated_at="2024-01-01")

    company.build()

    golden = "SELECT c.address, v.source_key, v.reason FROM customer c JOIN customer_value v USING (customer_id)"
    assert company.rows(f"{golden} WHERE v.field = 'address'") == [("9 Oak Ave", "2", "newest")]
    assert company.rows("SELECT field FROM customer_value ORDER BY field") == [("address",), ("email",), ("full_name",)]


def test_search_text_holds_pinyin_initials_and_digits(company) -> None:
    company.record("1", "单雄信", phone="+8613912345678")

    company.build()

    ((text,),) = company.rows("SELECT search_text FROM customer")
    assert all(part in text for part in ("单雄信", "shanxiongxin", "8613912345678"))


def test_evidence_says_level_and_weight_of_each_comparison(company) -> None:
    company.record("1", "Bob Smith", email="bob@x.com", **SMITHS)
    company.record("2", "Robert Smith", email="bob@x.com", **SMITHS)

    company.build()

    ((rule, evidence),) = company.rows("SELECT rule, evidence FROM record_link")
    parts = {part["comparison"]: part for part in json.loads(evidence)["parts"]}
    assert rule == "email"
    assert parts["given_name"]["level"] == "nickname"
    assert parts["email"]["weight"] > 0


def test_an_empty_company_builds(company) -> None:
    company.build()

    assert company.customers() == {}


def test_an_id_cannot_be_told_from_the_phone_or_email_it_was_made_for(company, tmp_path) -> None:
    other = type(company)(tmp_path / "other")
    for one in (company, other):
        one.bought("shop", email="ann@example.com")
        one.build()

    assert company.customers().keys() == other.customers().keys()
    assert company.customers() != other.customers()
