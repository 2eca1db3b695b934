"""Records that bait an identity resolution: nothing crashes, nobody is swallowed, and somebody is told."""

from __future__ import annotations

from typing import Any

import pytest

FILES = (
    "entity/near_miss.sql",
    "entity/decided_customer.sql",
    "entity/review_pair.sql",
    "entity/usual_size.sql",
    "entity/suspicious_customer.sql",
)
SAID = {"left_source": "crm", "right_source": "crm", "reason": "", "actor": "owner", "about": ""}
CROWD = 10_000
# Different people (no two share a name) who all carry the shop's own e-mail, phone and card.
SHARED = f"""
INSERT INTO stg_customer_record (source, source_key, row_id, full_name, email, phone, loyalty_card)
SELECT 'crm', 'k' || i, 'k' || i, chr(CAST(65 + i % 26 AS INTEGER)) || left(md5('g' || i), 6) || ' ' ||
  chr(CAST(65 + i // 26 % 26 AS INTEGER)) || left(md5('f' || i), 6), 'shop@acme.com', '+12125550100', 'CARD1'
FROM range({CROWD}) AS t(i)
"""
EMPTY = f"""
INSERT INTO stg_customer_record (source, source_key, row_id)
SELECT 'crm', 'k' || i, 'k' || i FROM range({CROWD // 10}) AS t(i)
"""


def decide(company: Any, number: int, kind: str, left: str, right: str) -> None:
    said = {**SAID, "left_key": left, "right_key": right, "decided_at": f"2026-01-{number:02}"}
    company.add("identity_decision", decision_id=f"d{number}", kind=kind, **said)


def suspicious(company: Any) -> list[tuple[Any, ...]]:
    for file in FILES:
        company.build_table(file)
    return company.rows("SELECT customer_id, reason FROM suspicious_customer ORDER BY ALL")


def test_records_without_any_identifier_are_each_their_own(company: Any) -> None:
    company.connection.execute(EMPTY)

    company.build()

    assert company.rows("SELECT count(DISTINCT customer_id), count(*) FROM customer_xref") == [(1000, 1000)]
    assert suspicious(company) == []


@pytest.mark.slow
def test_values_that_ten_thousand_people_share_join_nobody_and_are_listed(company: Any) -> None:
    company.connection.execute(SHARED)

    company.build()

    most = "SELECT max(records) FROM (SELECT count(*) AS records FROM customer_xref GROUP BY customer_id)"
    assert company.rows(most) == [(1,)]
    blocked = company.rows("SELECT field, record_count, reason FROM blocked_value ORDER BY field")
    assert blocked == [(field, CROWD, "shared") for field in ("email", "loyalty_card", "phone")]


def test_words_that_contradict_each_other_are_kept_as_far_as_newer_ones_allow_and_told(company: Any) -> None:
    for key, name in (("1", "Ann Archer"), ("2", "Bob Baker"), ("3", "Cleo Clark")):
        company.record(key, name, email=f"{key}@x.com")
    decide(company, 1, "same", "1", "2")
    decide(company, 2, "same", "2", "3")
    decide(company, 3, "different", "1", "3")

    company.build()
    found = company.customers()

    assert found["crm", "2"] == found["crm", "3"] != found["crm", "1"]
    told = [(found["crm", "1"], "not_kept_same"), (found["crm", "2"], "not_kept_same")]
    assert [row for row in suspicious(company) if row[1].startswith("not_kept")] == sorted(told)


def test_decisions_about_records_of_a_source_that_is_gone_rest(company: Any) -> None:
    company.record("1", "Ann Archer", email="ann@x.com")
    company.record("9", "Bob Baker", email="bob@x.com")
    company.build()
    before = company.customers()
    decide(company, 1, "same", "1", "9")
    decide(company, 2, "different", "9", "gone")
    company.build()
    company.connection.execute("DELETE FROM stg_customer_record WHERE source_key = '9'")

    company.build()

    assert company.customers() == {("crm", "1"): before["crm", "1"]}
    assert company.rows("SELECT DISTINCT ended_at IS NULL FROM merge_event") == [(False,)]
    assert suspicious(company) == []


def test_a_person_and_a_company_under_one_phone_are_two(company: Any) -> None:
    company.record("1", "Ann Archer", phone="+12125550101", address="12 Main St", postcode="10001")
    company.record("2", "Archer Consulting LLC", phone="+12125550101", address="12 Main St")

    company.build()

    assert len(set(company.customers().values())) == 2
