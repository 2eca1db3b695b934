"""Ids go where the records go that founded them."""

from __future__ import annotations

from typing import Any

import pytest

FILES = ("entity/decided_pair.sql", "entity/record_cluster.py", "entity/reference_link.py", "entity/customer_xref.py")
SAID = {"left_source": "crm", "right_source": "crm", "reason": "", "actor": "owner", "about": ""}


@pytest.fixture
def town(company: Any) -> Any:
    """Ann with two records (1, 2), Bob with two (3, 4), built."""
    for key, name, email in (("1", "Ann Archer", "ann@x.com"), ("2", "Ann Archer", "ann@x.com"),
                             ("3", "Bob Baker", "bob@y.org"), ("4", "Bob Baker", "bob@y.org")):  # fmt: skip
        company.record(key, name, email=email)
    company.build()
    return company


def decide(town: Any, kind: str, left: str, right: str, *, at: str, survivor: str | None = None) -> None:
    said = {**SAID, "left_key": left, "right_key": right, "survivor": survivor, "decided_at": f"2026-01-{at}"}
    town.add("identity_decision", decision_id=f"d{at}", kind=kind, **said)
    for file in FILES:
        town.build_table(file)


def gone(town: Any, *keys: str) -> None:
    for key in keys:
        town.connection.execute("DELETE FROM stg_customer_record WHERE source_key = ?", [key])
    town.build()


def of(town: Any) -> dict[str, str]:
    return {key: customer for (_, key), customer in town.customers().items()}


def test_the_chosen_id_stays_and_both_come_back(town) -> None:
    before = of(town)

    decide(town, "same", "1", "3", at="01", survivor=before["3"])
    joined = of(town)
    decide(town, "different", "1", "3", at="02")

    assert set(joined.values()) == {before["3"]}
    assert of(town) == before
    assert len(set(before.values())) == 2


def test_an_heir_keeps_the_id_when_the_founder_goes_and_when_it_comes_back(town) -> None:
    before = of(town)

    gone(town, "1")
    without = of(town)
    town.record("1", "Ann Archer", email="ann@x.com")
    town.build()

    assert without == {key: one for key, one in before.items() if key != "1"}
    assert of(town) == before


def test_a_founder_that_goes_while_two_are_joined_leaves_its_id_to_its_own(town) -> None:
    before = of(town)
    decide(town, "same", "2", "4", at="01", survivor=before["2"])

    gone(town, "3")
    joined = of(town)
    decide(town, "withdrawn", "2", "4", at="02")

    assert set(joined.values()) == {before["1"]}
    assert of(town) == {key: one for key, one in before.items() if key != "3"}


def test_both_founders_gone_while_joined_leave_each_id_to_its_own(town) -> None:
    before = of(town)
    decide(town, "same", "2", "4", at="01", survivor=before["3"])

    gone(town, "1", "3")
    decide(town, "different", "2", "4", at="02")

    assert of(town) == {"2": before["2"], "4": before["4"]}


def test_who_comes_while_two_are_joined_goes_with_the_records_it_matches(town) -> None:
    before = of(town)
    decide(town, "same", "1", "3", at="01", survivor=before["1"])
    town.record("5", "Bob Baker", email="bob@y.org")
    town.build()

    decide(town, "withdrawn", "1", "3", at="02")

    assert of(town) == {**before, "5": before["3"]}


def test_a_second_joining_may_choose_another_id(town) -> None:
    before = of(town)
    decide(town, "same", "1", "3", at="01", survivor=before["1"])

    decide(town, "same", "1", "3", at="02", survivor=before["3"])

    assert set(of(town).values()) == {before["3"]}


def test_a_fingerprint_that_an_heir_holds_is_founded_again_with_a_number(town) -> None:
    before = of(town)
    gone(town, "1")
    town.record("1", "Eve Evans", email="eve@z.net")
    town.build()
    again = of(town)
    gone(town, "2")
    town.record("2", "Una Upton", email="una@w.net")
    town.build()

    assert again["2"] == before["1"]
    assert again["1"] == f"{before['1']}-2"
    assert len(set(of(town).values())) == 3


def test_ids_of_a_lake_that_knew_no_founders_stay_and_part_with_their_first_record(town) -> None:
    before = of(town)
    town.connection.execute("ALTER TABLE customer_xref DROP COLUMN founded_id")
    town.connection.execute("ALTER TABLE customer_xref DROP COLUMN home_id")

    town.build()
    kept = of(town)
    decide(town, "different", "3", "4", at="01")

    assert kept == before
    assert of(town)["3"] == before["3"]
    assert of(town)["4"] not in before.values()


def test_a_provisional_customer_moves_whole_and_comes_back_whole(town) -> None:
    town.bought("web", email="new@q.com", phone="+12125550199")
    town.add("stg_interaction", source="app", row_id="1", phone="+12125550199")
    town.add("stg_interaction", source="desk", row_id="1", email="new@q.com")
    town.build()
    before = town.customers()
    fresh = {record: one for record, one in before.items() if record[0] in ("web", "app", "desk")}
    assert len(set(fresh.values())) == 1
    first = min(fresh)

    said = {"left_source": "crm", "left_key": "1", "right_source": first[0], "right_key": first[1]}
    town.add("identity_decision", **{**SAID, **said}, decision_id="d1", kind="same", decided_at="2026-01-01")
    town.build()
    joined = town.customers()
    town.add("identity_decision", **{**SAID, **said}, decision_id="d2", kind="withdrawn", decided_at="2026-01-02")
    town.build()

    assert {joined[record] for record in fresh} == {joined["crm", "1"]}
    assert town.customers() == before


def test_a_reference_that_is_not_a_customer_does_not_come_back_by_its_like(town) -> None:
    town.bought("web", email="ann@x.com")
    town.add("stg_interaction", source="desk", row_id="1", email="ann@x.com")
    town.build()
    before = town.customers()

    said = {"right_source": "web", "right_key": "ann@x.com", "left_source": "crm"}
    for key in ("1", "2"):
        town.add("identity_decision", **{**SAID, **said}, left_key=key, decision_id="d1", kind="different",
                 decided_at="2026-01-01")  # fmt: skip
    town.build()

    assert before["web", "ann@x.com"] == before["crm", "1"]
    assert town.customers()["web", "ann@x.com"] != before["crm", "1"]
    assert town.customers()["desk", "ann@x.com"] == before["crm", "1"]


def test_references_taken_from_their_homes_found_nothing_there(town) -> None:
    for source, email in (("web", "ann@x.com"), ("app", "bob@y.org")):
        town.bought(source, email=email)
    town.build()
    before = town.customers()
    pair = {"left_source": "web", "left_key": "ann@x.com", "right_source": "app", "right_key": "bob@y.org"}

    town.add("identity_decision", **{**SAID, **pair}, decision_id="d1", kind="same", decided_at="2026-01-01")
    town.build()
    joined, founded = town.customers(), town.connection.sql("SELECT count(founded_id) FROM customer_xref").fetchone()
    town.add("identity_decision", **{**SAID, **pair}, decision_id="d2", kind="withdrawn", decided_at="2026-01-02")
    town.build()

    assert joined["web", "ann@x.com"] == joined["app", "bob@y.org"]
    assert joined["web", "ann@x.com"] not in before.values()
    assert founded == (2,)
    assert town.customers() == before


def test_who_came_while_two_were_joined_inherits_the_id_of_those_it_matches(town) -> None:
    before = of(town)
    decide(town, "same", "1", "3", at="01", survivor=before["1"])
    town.record("5", "Bob Baker", email="bob@y.org")
    town.build()
    gone(town, "3", "4")

    decide(town, "withdrawn", "1", "3", at="02")

    assert of(town) == {"1": before["1"], "2": before["1"], "5": before["3"]}
