"""The queue of pairs that wait for a decision."""

from __future__ import annotations

from typing import Any

import pytest

from kehu.base.errors import QueryError
from kehu.present.identity import review_queue

PAIR = """
SELECT left_customer, right_customer, 'crm' AS left_source, left_customer || '2' AS left_key, 'shop' AS right_source,
  right_customer || '1' AS right_key, 'splink' AS rule, 0.75 AS probability, 1.58 AS weight, '{}' AS evidence,
  1 AS pair_count, 3 AS record_count, worth
FROM (VALUES ('ka', 'kb', 1.5::DOUBLE), ('ka', 'kc', 3.0), ('kb', 'kc', 1.5), ('ka', 'kd', 0.1))
  t(left_customer, right_customer, worth)"""
XREF = """
SELECT source, id || number AS source_key, id AS customer_id
FROM (VALUES ('ka'), ('kb'), ('kc'), ('kd')) c(id),
  (VALUES ('crm', '1'), ('crm', '2'), ('shop', '1')) r(source, number)"""
RECORD = """
SELECT source, source_key, 'Ann' AS full_name, NULL AS birth_on, NULL AS gender, NULL AS email, NULL AS phone,
  NULL AS loyalty_card, NULL AS national_id, NULL AS address, NULL AS city, NULL AS postcode, NULL AS company,
  NULL AS registered_at, NULL AS updated_at, FALSE AS is_reference, 'b-1' AS row_id FROM customer_xref"""


@pytest.fixture
def workspace(open_on: Any) -> Any:
    return open_on(review_pair=PAIR, customer_xref=XREF, customer_record=RECORD)


def test_the_most_worthwhile_pairs_come_first_and_pages_join_without_gap(workspace: Any) -> None:
    first = review_queue(workspace, limit=2)
    second = review_queue(workspace, limit=2, after=first.following or "")

    pairs = [(one.left.customer_id, one.right.customer_id) for page in (first, second) for one in page.pairs]
    assert pairs == [("ka", "kc"), ("ka", "kb"), ("kb", "kc"), ("ka", "kd")]
    assert (first.total, second.total, second.following) == (4, 4, None)


def test_both_sides_show_their_records_the_one_in_question_first(workspace: Any) -> None:
    (pair,) = review_queue(workspace, limit=1).pairs

    assert pair.left.record == ("crm", "ka2")
    assert [row["source_key"] for row in pair.left.records] == ["ka2", "ka1", "ka1"]
    assert [row["source"] for row in pair.right.records] == ["shop", "crm", "crm"]
    assert pair.waterfall.weight == 1.58


def test_an_empty_queue_is_empty(open_on: Any) -> None:
    found = review_queue(open_on(review_pair=f"{PAIR} WHERE FALSE", customer_xref=XREF, customer_record=RECORD))

    assert (found.pairs, found.total, found.following) == ((), 0, None)


@pytest.mark.parametrize("after", ["x", "1.5", "one:ka:kb"])
def test_a_place_that_no_page_gave_is_refused(workspace: Any, after: str) -> None:
    with pytest.raises(QueryError, match="no place in the queue"):
        review_queue(workspace, after=after)
