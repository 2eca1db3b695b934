from __future__ import annotations

from itertools import combinations

import pytest
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


def test_b_cubed_is_that_of_the_published_example() -> None:
    """Bagga and Baldwin (1998), figures 1 to 3: two true chains joined into one."""
    truth = dict(enumerate([1] * 5 + [2] * 2 + [3] * 5))
    small_joined, large_joined = dict(truth), dict(truth)
    small_joined.update(dict.fromkeys(range(5, 12), 2))
    large_joined.update(dict.fromkeys((*range(5), *range(7, 12)), 1))

    assert agreement(small_joined, truth).b_cubed_precision == pytest.approx(16 / 21)
    assert agreement(large_joined, truth).b_cubed_precision == pytest.approx(7 / 12)
    assert agreement(large_joined, truth).b_cubed_recall == 1


@given(ASSIGNMENT, ASSIGNMENT)
def test_b_cubed_equals_brute_force_over_records(found: list[int], truth: list[int]) -> None:
    size = min(len(found), len(truth))
    joined = [{b for b in range(size) if found[a] == found[b]} for a in range(size)]
    true = [{b for b in range(size) if truth[a] == truth[b]} for a in range(size)]

    result = agreement(dict(enumerate(found[:size])), dict(enumerate(truth[:size])))

    assert result.b_cubed_precision == pytest.approx(
        sum(len(j & t) / len(j) for j, t in zip(joined, true, strict=True)) / size
    )
    assert result.b_cubed_recall == pytest.approx(
        sum(len(j & t) / len(t) for j, t in zip(joined, true, strict=True)) / size
    )
    assert (result.largest, result.true_largest) == (max(map(len, joined)), max(map(len, true)))
