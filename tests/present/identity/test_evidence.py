"""Why records are one: links as waterfalls, people's decisions, near misses with their reason, origins of values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kehu.base.errors import QueryError
from kehu.present.identity import explanation, provenance
from kehu.present.identity.waterfall import waterfall

PARTS = {"given_name": ["exact", 8.0], "birth_date": ["other", -2.5]}
OLDER = [{"comparison": name, "level": level, "weight": bits} for name, (level, bits) in PARTS.items()]
SCORED = {"splink_weight": 3.5, "prior": -2.0, "conflict": None, "parts": PARTS}
RECORD = """
SELECT *, NULL AS birth_on, NULL AS gender, NULL AS loyalty_card, NULL AS national_id, NULL AS address, NULL AS city,
  NULL AS postcode, NULL AS company, NULL::TIMESTAMP AS registered_at, NULL::TIMESTAMP AS updated_at
FROM (VALUES ('crm', '1', 'Ann Lee', 'ann@a.com', NULL, FALSE, 'b1-2'),
  ('shop', '7', 'Ann Lee', 'ann@a.com', '+1', FALSE, 'b2-3'),
  ('till', 'C9', NULL, NULL, NULL, TRUE, NULL),
  ('crm', '2', 'Anna Lee', NULL, '+1', FALSE, 'b1-3'),
  ('crm', '3', 'Bob Lee', NULL, '+1', FALSE, 'b1-4'),
  ('crm', '4', 'An Lee', NULL, '+1', FALSE, 'b1-5'))
  t(source, source_key, full_name, email, phone, is_reference, row_id)"""
XREF = """
SELECT * FROM (VALUES ('crm', '1', 'ka'), ('shop', '7', 'ka'), ('till', 'C9', 'ka'), ('crm', '2', 'kb'),
  ('crm', '3', 'kc'), ('crm', '4', 'kd')) t(source, source_key, customer_id)"""
BATCH = """
SELECT * FROM (VALUES ('b1', 'crm', 'people', 'people.csv', TIMESTAMP '2026-01-02'),
  ('b2', 'shop', 'guests', 'guests.csv', TIMESTAMP '2026-01-03'))
  t(batch_id, source, stream, file, landed_at)"""
EVENT = f"""
SELECT * FROM (VALUES
  ('m1', 'ka', 'crm', '1', 'shop', '7', 'email', 1.0, 12.0, '{json.dumps(SCORED)}', 'system', TIMESTAMP '2026-01-02',
    NULL::TIMESTAMP),
  ('m2', 'ka', 'till', 'C9', 'crm', '1', 'loyalty_card', 0.999, 9.96, '{{"holders": 1, "chosen_by": "only_holder"}}',
    'system', TIMESTAMP '2026-01-02', NULL),
  ('m0', 'ka', 'crm', '1', 'crm', '2', 'decided', 1.0, 40.0, '{{"decision_id": "d0"}}', 'nina', TIMESTAMP '2026-01-01',
    TIMESTAMP '2026-01-02'))
  t(merge_id, customer_id, source, source_key, into_source, into_key, rule, probability, weight, evidence, actor,
    merged_at, ended_at)"""
LINK = f"""
SELECT * FROM (VALUES
  ('crm', '1', 'shop', '7', 'email', 1.0, 12.0, 'match', '{json.dumps(SCORED)}'),
  ('crm', '1', 'crm', '2', 'splink', 0.92, 3.5, 'match', '{json.dumps(SCORED)}'),
  ('crm', '3', 'shop', '7', 'other_name', 0.015, -6.0, 'apart', '{json.dumps({**SCORED, "conflict": "other_name"})}'),
  ('crm', '4', 'shop', '7', 'splink', 0.67, 1.0, 'review', '{json.dumps(SCORED)}'))
  t(left_source, left_key, right_source, right_key, rule, probability, weight, decision, evidence)"""
DECISION = """
SELECT * FROM (VALUES
  ('d0', 'same', 'crm', '1', 'crm', '2', 'merge', 'looks alike', 'nina', TIMESTAMP '2026-01-01'),
  ('d1', 'different', 'crm', '2', 'crm', '1', 'm0', 'mother and daughter', 'nina', TIMESTAMP '2026-01-02'))
  t(decision_id, kind, left_source, left_key, right_source, right_key, about, reason, actor, decided_at)"""
TABLES = {
    "customer_record": RECORD, "customer_xref": XREF, "import_batch": BATCH, "merge_event": EVENT,
    "record_link": LINK, "identity_decision": DECISION,
}  # fmt: skip


def test_records_say_which_line_of_which_file_and_batch_they_come_from(open_on: Any) -> None:
    found = explanation(open_on(**TABLES), "ka").records

    assert [(row["source_key"], row["file"], row["line"], row["batch_id"]) for row in found] == [
        ("1", "people.csv", 2, "b1"),
        ("7", "guests.csv", 3, "b2"),
        ("C9", None, None, None),
    ]


def test_joinings_that_hold_stand_apart_from_those_that_held(open_on: Any) -> None:
    found = explanation(open_on(**TABLES), "ka")

    assert [(one.merge_id, one.left, one.right) for one in found.joinings] == [
        ("m1", ("crm", "1"), ("shop", "7")),
        ("m2", ("till", "C9"), ("crm", "1")),
    ]
    assert [(one.merge_id, one.actor) for one in found.former] == [("m0", "nina")]


def test_near_misses_say_why_they_were_not_joined(open_on: Any) -> None:
    found = explanation(open_on(**TABLES), "ka")

    assert [(one.right[1], one.customer_id, one.why, one.rule) for one in found.near] == [
        ("2", "kb", "told_apart", "splink"),
        ("4", "kd", "too_little", "splink"),
        ("3", "kc", "contradiction", "other_name"),
    ]
    assert [row["decision_id"] for row in found.decisions] == ["d1", "d0"]


def test_a_pair_that_was_alike_and_outweighed_is_told_so(open_on: Any) -> None:
    found = explanation(open_on(**{**TABLES, "identity_decision": f"{DECISION} WHERE FALSE"}), "ka")

    assert found.near[0].why == "outweighed"


def test_somebody_who_is_no_customer_is_refused(open_on: Any) -> None:
    with pytest.raises(QueryError, match="no customer 'kz'"):
        explanation(open_on(**TABLES), "kz")


@pytest.mark.parametrize("parts", [PARTS, OLDER], ids=["now", "ledger of before"])
def test_the_steps_of_a_waterfall_add_up_to_its_weight(parts: Any) -> None:
    evidence = json.dumps({**SCORED, "parts": parts})

    found = waterfall({"rule": "email", "weight": 12.0, "probability": 0.99976, "evidence": evidence})

    assert [(step.kind, step.name, step.level, step.bits, step.total) for step in found.steps] == [
        ("prior", "", "", -2.0, -2.0),
        ("comparison", "given_name", "exact", 8.0, 6.0),
        ("comparison", "birth_date", "other", -2.5, 3.5),
        ("rule", "email", "", 8.5, 12.0),
    ]
    assert sum(step.bits for step in found.steps) == found.weight


def test_a_contradiction_is_the_last_step_down() -> None:
    evidence = {**SCORED, "conflict": "other_name"}

    found = waterfall({"rule": "other_name", "weight": -6.0, "probability": 0.015, "evidence": evidence})

    assert (found.steps[-1].name, found.steps[-1].level, found.steps[-1].bits) == ("other_name", "other_name", -9.5)


def test_evidence_without_a_prior_begins_with_what_the_comparisons_leave() -> None:
    evidence = {"splink_weight": 3.5, "parts": PARTS}

    found = waterfall({"rule": "splink", "weight": 3.5, "probability": 0.92, "evidence": evidence})

    assert [step.bits for step in found.steps] == [-2.0, 8.0, -2.5]


def test_a_reference_has_one_step() -> None:
    evidence = {"holders": 2, "chosen_by": "holds_card"}

    found = waterfall({"rule": "phone", "weight": 4.25, "probability": 0.475, "evidence": evidence})

    assert [(step.kind, step.name, step.level, step.total) for step in found.steps] == [
        ("rule", "phone", "holds_card", 4.25)
    ]


def test_every_value_is_followed_to_its_line_and_batch(open_on: Any) -> None:
    value = """SELECT * FROM (VALUES ('ka', 'email', 'ann@a.com', 'only value', 'crm', '1', 'b1-2'),
      ('ka', 'loyalty_card', 'C9', 'only value', 'till', 'C9', NULL))
      t(customer_id, field, value, reason, source, source_key, row_id)"""

    email, card = provenance(open_on(customer_value=value, import_batch=BATCH), "ka")

    assert (email.stream, email.file, email.line, email.batch_id) == ("people", "people.csv", 2, "b1")
    assert (card.row_id, card.file, card.line, card.landed_at) == ("", "", None, None)
