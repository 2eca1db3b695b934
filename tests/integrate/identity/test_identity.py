"""From staged rows to customers: the promises of identity, on a handful of people."""

from __future__ import annotations

import json

import duckdb
import pytest

from kehu.integrate.identity import merge


def home(street: str, postcode: str, phone: str) -> dict[str, str]:
    return {"address": street, "postcode": postcode, "phone": phone}


@pytest.fixture(scope="module")
def town(made):
    """People of several families, built once: each test below looks at its own family."""
    town = made
    smiths = home("12 Main St", "10001", "+12125550101")
    town.record("bob smith", "Bob Smith", email="bob@x.com", **smiths)
    town.record("robert smith", "Robert Smith", email="bob@x.com", source="shop", **smiths)
    bakers = home("5 Oak St", "10002", "+12125550102")
    town.record("tom baker", "Tom Baker", birth_on="1970-01-02", **bakers)
    town.record("ann baker", "Ann Baker", birth_on="1972-03-04", **bakers)
    clarks = home("7 Elm St", "10003", "+12125550103")
    town.record("john clark sr", "John Clark Sr.", **clarks)
    town.record("john clark jr", "John Clark Jr.", **clarks)
    davises = home("8 Bay Rd", "10004", "+12125550104")
    town.record("bill davis", "Bill Davis", email="davises@x.com", **davises)
    town.record("eve davis", "Eve Davis", email="davises@x.com", **davises)
    town.record("ed evans", "Ed Evans", email="test@test.com", phone="+8613800000000")
    town.record("wang fang", "王芳", email="test@test.com", phone="+8613800000000")
    town.record("zeng li", "曾丽", email="zl@x.com")
    town.record("Zeng Li", "Zeng Li", email="zl@x.com", source="shop")
    foxes = home("3 Hill Rd", "10005", "+12125550105")
    town.record("ann fox", "Ann Fox", **foxes)
    town.record("bob fox", "Bob Fox", loyalty_card="C5", **foxes)
    town.bought("shop", phone="+12125550105")
    town.record("rose green", "Rose Green", loyalty_card="C1")
    town.record("mark jones", "Mark Jones", loyalty_card="C2")
    town.bought("pos", customer_key="C1")
    town.bought("pos", customer_key="C2")
    town.bought("shop", email="new@x.com")
    town.add("stg_interaction", source="desk", row_id="1", email="new@x.com")
    town.record("hal old", "Henry Hall", email="hal@x.com", address="20 Lake St", updated_at="2020-01-01")
    town.record("hal new", "Hank Hall", email="hal@x.com", address="9 Park Ave", updated_at="2024-01-01")
    town.record("shan", "单雄信", phone="+8613912345678")
    town.build()
    return town


@pytest.fixture(scope="module")
def found(town) -> dict[tuple[str, str], str]:
    return town.customers()


def test_records_with_one_email_and_a_nickname_are_one_customer(found) -> None:
    assert found["crm", "bob smith"] == found["shop", "robert smith"]


def test_nobody_is_joined_with_another_family(town) -> None:
    sql = (
        "SELECT string_agg(DISTINCT last_name, ',') FROM customer_record JOIN customer_xref USING (source, source_key)"
    )

    families = town.rows(f"{sql} WHERE last_name IS NOT NULL GROUP BY customer_id HAVING count(DISTINCT last_name) > 1")

    assert [names for (names,) in families if set(names.split(",")) != {"曾", "Zeng"}] == []


def test_household_members_stay_two_customers_in_one_household(town, found) -> None:
    assert found["crm", "tom baker"] != found["crm", "ann baker"]
    assert town.rows("SELECT member_count FROM household WHERE surname = 'Baker'") == [(2,)]


def test_father_and_son_of_one_name_stay_two(found) -> None:
    assert found["crm", "john clark sr"] != found["crm", "john clark jr"]


def test_email_of_two_first_names_does_not_join_them(found) -> None:
    assert found["crm", "bill davis"] != found["crm", "eve davis"]


def test_placeholder_is_listed_and_joins_nobody(town, found) -> None:
    assert found["crm", "ed evans"] != found["crm", "wang fang"]
    assert town.rows("SELECT field, reason FROM blocked_value WHERE reason = 'placeholder' ORDER BY field") == [
        ("email", "placeholder"),
        ("phone", "placeholder"),
    ]


def test_chinese_and_pinyin_spelling_with_one_email_are_one(found) -> None:
    assert found["crm", "zeng li"] == found["shop", "Zeng Li"]


def test_shared_phone_goes_to_the_card_holder_and_joins_nobody(found) -> None:
    assert found["shop", "+12125550105"] == found["crm", "bob fox"] != found["crm", "ann fox"]


def test_bare_keys_reach_the_cards_they_are(found) -> None:
    assert (found["pos", "C1"], found["pos", "C2"]) == (found["crm", "rose green"], found["crm", "mark jones"])


def test_unexplained_references_with_one_email_are_one_provisional_customer(town, found) -> None:
    assert found["shop", "new@x.com"] == found["desk", "new@x.com"]
    assert town.rows("SELECT record_count, email FROM customer WHERE is_provisional") == [(2, "new@x.com")]


def test_every_golden_value_names_its_record(town, found) -> None:
    who = found["crm", "hal new"]

    golden = "SELECT c.address, v.source_key, v.reason FROM customer c JOIN customer_value v USING (customer_id)"
    assert town.rows(f"{golden} WHERE v.field = 'address' AND customer_id = ?", [who]) == [
        ("9 Park Ave", "hal new", "newest")
    ]
    fields = town.rows("SELECT field FROM customer_value WHERE customer_id = ? ORDER BY field", [who])
    assert fields == [("address",), ("email",), ("full_name",)]


def test_search_text_holds_pinyin_initials_and_digits(town, found) -> None:
    ((text,),) = town.rows("SELECT search_text FROM customer WHERE customer_id = ?", [found["crm", "shan"]])

    assert all(part in text for part in ("单雄信", "shanxiongxin", "8613912345678"))


def test_evidence_says_level_and_weight_of_each_comparison(town) -> None:
    ((rule, evidence),) = town.rows("SELECT rule, evidence FROM record_link WHERE right_key = 'robert smith'")

    parts = json.loads(evidence)["parts"]
    assert rule == "email"
    assert parts["given_name"][0] == "nickname"
    assert parts["email"][1] > 0


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


def test_an_id_cannot_be_told_from_the_phone_or_email_it_was_made_for(company, tmp_path) -> None:
    other = type(company)(tmp_path / "other")
    for one in (company, other):
        one.bought("shop", email="ann@example.com")
        one.build()

    assert company.customers().keys() == other.customers().keys()
    assert company.customers() != other.customers()


def test_an_empty_company_builds(company) -> None:
    company.build()

    assert company.customers() == {}


def test_a_couple_whose_one_name_reads_as_pinyin_stays_two(company) -> None:
    company.record("1", "Jane Fox", address="12 Main St", postcode="10001", phone="+12125550101")
    company.record("2", "Paul Fox", address="12 Main St", postcode="10001", phone="+12125550101")

    company.build()

    assert len(set(company.customers().values())) == 2


def test_former_joinings_are_found_by_hash_and_not_one_by_one() -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE former AS SELECT b.* FROM ({merge.BLANK}) AS b, range(5000)")
        connection.execute("CREATE TABLE strongest AS SELECT range AS l_number, range AS r_number FROM range(5000)")
        linked = "SELECT * EXCLUDE (merge_id, merged_at, ended_at), 1 AS l_number, 2 AS r_number FROM former"
        connection.execute(f"CREATE TEMP TABLE inside_link AS {linked}")
        asked = merge.EVENTS.replace("$at", "TIMESTAMP '2026-01-01'")
        ((_, plan),) = connection.execute(f"EXPLAIN (FORMAT json) {asked}").fetchall()

    assert "HASH_JOIN" in plan
    assert "NL_JOIN" not in plan
