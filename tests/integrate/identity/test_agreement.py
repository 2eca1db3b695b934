from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from kehu.integrate.identity.agreement import agreement

ASSIGNMENT = st.lists(st.integers(0, 3), min_size=1, max_size=12)


def test_equal_assignments_agree_wholly() -> None:
    found = agreement({"a": 1, "b": 1, "c": 2}, {"a": "x", "b": "x", "c": "y"})

    assert (found.precision, found.recall, found.f1) == (1, 1, 1)


def test_records_unknown_to_the_truth_are_left_out() -> None:
    assert agreement({"a": 1, "b": 1, "z": 1}, {"a": "x", "b": "x"}).pairs == 1


@given(ASSIGNMENT, ASSIGNMENT)
def test_counts_equal_brute_force_over_pairs(found: list[int], truth: list[int]) -> None:
    size = min(len(found), len(truth))
    pairs = list(combinations(range(size), 2))
    both = sum(found[a] == found[b] and truth[a] == truth[b] for a, b in pairs)

    result = agreement(dict(enumerate(found[:size])), dict(enumerate(truth[:size])))

    assert result.common_pairs == both
    assert result.pairs == sum(found[a] == found[b] for a, b in pairs)
