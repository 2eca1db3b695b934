"""Undoing a joining before it is undone: who keeps the id, who gets one back."""

from __future__ import annotations

from typing import Any

import pytest

from kehu.base.errors import QueryError
from kehu.present.identity import unmerge_preview

RECORD = """
SELECT source, source_key, name AS full_name, NULL AS email, NULL AS phone, NULL AS birth_on, NULL AS city,
  source = 'till' AS is_reference
FROM (VALUES ('crm', '1', 'Ann'), ('shop', '7', 'Ann'), ('erp', '9', 'Anna'), ('till', 'L1', NULL),
  ('till', 'L9', NULL)) t(source, source_key, name)"""
XREF = """
SELECT source, source_key, 'ka' AS customer_id, founded_id, CAST(founded_at AS TIMESTAMP) AS founded_at
FROM (VALUES ('crm', '1', 'ka', '2026-01-01'), ('shop', '7', 'kb', '2026-02-01'), ('erp', '9', 'kc', '2026-03-01'),
  ('till', 'L1', NULL, NULL), ('till', 'L9', NULL, NULL)) t(source, source_key, founded_id, founded_at)"""
EVENT = """
SELECT merge_id, 'ka' AS customer_id, source, source_key, into_source, into_key,
  CAST(ended_at AS TIMESTAMP) AS ended_at,
  CASE merge_id WHEN 'm1' THEN 'decided' ELSE 'splink' END AS rule
FROM (VALUES ('m1', 'shop', '7', 'crm', '1', NULL), ('m2', 'erp', '9', 'shop', '7', NULL),
  ('m3', 'till', 'L9', 'erp', '9', NULL), ('m4', 'till', 'L1', 'crm', '1', NULL),
  ('m5', 'erp', '9', 'crm', '1', '2026-03-02')) t(merge_id, source, source_key, into_source, into_key, ended_at)"""


@pytest.fixture
def workspace(open_on: Any) -> Any:
    return open_on(customer_record=RECORD, customer_xref=XREF, merge_event=EVENT)


@pytest.mark.parametrize(
    ("merge_id", "leaves", "keys"),
    [("m1", "kb", ["9", "7", "L9"]), ("m2", "kc", ["9", "L9"]), ("m3", "", ["L9"]), ("m4", "", ["L1"])],
)
def test_the_part_that_leaves_gets_the_oldest_id_its_records_founded(
    workspace: Any, merge_id: str, leaves: str, keys: list[str]
) -> None:
    found = unmerge_preview(workspace, merge_id)

    assert (found.stays.customer_id, found.leaves.customer_id) == ("ka", leaves)
    assert [row["source_key"] for row in found.leaves.records] == keys
    assert len(found.stays.records) + len(keys) == 5


@pytest.mark.parametrize("merge_id", ["absent", "m5"])
def test_a_joining_that_does_not_hold_is_refused(workspace: Any, merge_id: str) -> None:
    with pytest.raises(QueryError, match="no joining"):
        unmerge_preview(workspace, merge_id)


@pytest.mark.parametrize(("merge_id", "keys"), [("m1", ["1", "9"]), ("m2", [])], ids=["by hand", "by the system"])
def test_records_at_one_home_on_both_sides_of_a_joining_by_hand_are_told(
    open_on: Any, merge_id: str, keys: list[str]
) -> None:
    homes = f"SELECT *, CASE source WHEN 'shop' THEN 'kb' ELSE 'ka' END AS home_id FROM ({XREF})"

    found = unmerge_preview(open_on(customer_record=RECORD, customer_xref=homes, merge_event=EVENT), merge_id)

    assert [row["source_key"] for row in found.bound] == keys
