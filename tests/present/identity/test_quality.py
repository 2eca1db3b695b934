"""How good identity is, and what the last build changed."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from kehu.present.identity import identity_quality

MEASURE = """
SELECT * FROM (VALUES ('customers', '', 3.0::DOUBLE, 'customers'), ('expected_precision', '', 0.98, 'share'),
  ('customers_by_records', '1', 2.0, 'customers')) t(measure, detail, value, unit)"""
SUSPICIOUS = "SELECT 'ka' AS customer_id, 'other_gender' AS reason, 'f, m' AS detail, 2 AS record_count"
CUSTOMER = "SELECT 'ka' AS customer_id, 'Ann Lee' AS full_name"
OLD, NEW = "TIMESTAMP '2026-01-01'", "TIMESTAMP '2026-01-09'"
# ka took in kb; kc was split off ka and has its own id back; kd is new; ke stayed.
XREF = f"""
SELECT * FROM (VALUES ('crm', '1', 'ka', 'ka', {OLD}), ('crm', '2', 'ka', 'kb', {OLD}), ('crm', '3', 'kc', 'kc', {OLD}),
  ('crm', '4', 'kd', 'kd', {NEW}), ('crm', '5', 'ke', 'ke', {OLD}))
  t(source, source_key, customer_id, founded_id, founded_at)"""
EVENT = f"""
SELECT * FROM (VALUES ('ka', 'crm', '2', {NEW}, NULL::TIMESTAMP), ('ka', 'crm', '3', {OLD}, {NEW}))
  t(customer_id, source, source_key, merged_at, ended_at)"""


def published(workspace: Any, *days: int) -> Any:
    workspace.published = lambda: [SimpleNamespace(at=datetime(2026, 1, day)) for day in days]  # noqa: DTZ001
    return workspace


def test_measures_and_their_parts_are_told_apart(open_on: Any) -> None:
    found = identity_quality(open_on(identity_quality=MEASURE, suspicious_customer=SUSPICIOUS, customer=CUSTOMER))

    assert found is not None
    assert found.measures == {"customers": 3.0, "expected_precision": 0.98}
    assert found.parts == {"customers_by_records": {"1": 2.0}}
    assert found.suspicious == [
        {"customer_id": "ka", "reason": "other_gender", "detail": "f, m", "record_count": 2, "full_name": "Ann Lee"}
    ]


def test_ids_carried_over_new_merged_and_split_since_the_snapshot_before(open_on: Any) -> None:
    workspace = published(open_on(identity_quality=MEASURE, customer_xref=XREF, merge_event=EVENT), 2, 10)

    found = identity_quality(workspace)

    assert found is not None
    assert found.change is not None
    change = found.change
    assert (change.carried_over, change.new, change.merged, change.split) == (2, 1, 1, 1)
    assert change.since == datetime(2026, 1, 2)  # noqa: DTZ001


def test_in_the_first_build_everybody_is_new(open_on: Any) -> None:
    event = f"{EVENT} WHERE ended_at IS NULL"
    workspace = published(open_on(identity_quality=MEASURE, customer_xref=XREF, merge_event=event), 10)

    found = identity_quality(workspace)

    assert found is not None
    assert found.change is not None
    assert (found.change.carried_over, found.change.new, found.change.merged, found.change.split) == (0, 4, 0, 0)


def test_before_it_was_measured_there_is_nothing(open_on: Any) -> None:
    assert identity_quality(open_on(customer=CUSTOMER)) is None
