"""What people decided binds the clusters: together, apart, and what contradicts itself."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from kehu.integrate.identity.cluster import clusters

A, B, C, D = 1, 2, 3, 4
SAME, DIFFERENT = True, False


def table(first: str, rows: list[tuple[int, int, float]], kind: pa.DataType) -> pa.Table:
    left, right, value = zip(*rows, strict=True) if rows else ((), (), ())
    ids = {"left_id": pa.array(left, pa.int64()), "right_id": pa.array(right, pa.int64())}
    return pa.table({**ids, first: pa.array(value, kind)})


def found(size: int, pairs: list[tuple[int, int, float]], said: list[tuple[int, int, bool]]) -> list[int]:
    weights, decided = table("weight", pairs, pa.float64()), table("is_same", said, pa.bool_())
    return clusters(size, weights, match_at=0.9, decided=decided).tolist()


def test_records_without_any_evidence_are_one_when_people_say_so() -> None:
    assert found(3, [], [(A, C, SAME)]) == [0, 1, 0]


def test_records_that_match_are_two_when_people_say_so() -> None:
    assert found(2, [(A, B, 18.0)], [(A, B, DIFFERENT)]) == [0, 1]


def test_a_record_that_matches_both_sides_does_not_join_what_people_parted() -> None:
    pairs = [(A, C, 15.0), (B, C, 12.0)]

    assert found(3, pairs, [(A, B, DIFFERENT)]) == [0, 1, 0]


def test_a_chain_of_joinings_joins_all_of_it() -> None:
    assert found(4, [], [(A, B, SAME), (B, C, SAME), (C, D, SAME)]) == [0, 0, 0, 0]


def test_a_cycle_of_joinings_is_one_customer() -> None:
    assert found(3, [], [(A, B, SAME), (B, C, SAME), (A, C, SAME)]) == [0, 0, 0]


def test_the_joining_takes_the_whole_cluster_of_each_side_along() -> None:
    pairs = [(A, B, 15.0), (C, D, 15.0), (A, C, -12.0), (B, D, -12.0)]

    assert found(4, pairs, [(B, C, SAME)]) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("newest_first", "expected"),
    [
        ([(A, C, DIFFERENT), (B, C, SAME), (A, B, SAME)], [0, 1, 1]),
        ([(A, B, SAME), (B, C, SAME), (A, C, DIFFERENT)], [0, 0, 0]),
        ([(A, B, SAME), (A, C, DIFFERENT), (B, C, SAME)], [0, 0, 1]),
    ],
)
def test_of_a_contradictory_chain_the_newest_words_hold(newest_first, expected) -> None:
    assert found(3, [], newest_first) == expected


def test_a_chain_that_contradicts_strong_matches_keeps_the_newest_word() -> None:
    pairs = [(A, B, 20.0), (B, C, 20.0), (A, C, 20.0)]

    assert found(3, pairs, [(A, C, DIFFERENT), (A, B, SAME), (B, C, SAME)]) == [0, 0, 1]


def test_what_matches_does_not_come_between_two_that_people_joined() -> None:
    pairs = [(A, C, 20.0), (B, D, 18.0)]

    assert found(4, pairs, [(C, D, DIFFERENT), (A, B, SAME)]) == [0, 0, 0, 1]


@pytest.mark.parametrize("seed", range(40))
def test_of_any_decisions_each_holds_that_newer_ones_do_not_contradict(seed: int) -> None:
    dice, size = random.Random(seed), 9
    every = [(one, other) for one in range(1, size + 1) for other in range(one + 1, size + 1)]
    pairs = [(*pair, dice.choice((-12.0, -2.0, 3.5, 9.0, 20.0))) for pair in every if dice.random() < 0.4]
    said = [(*pair, dice.random() < 0.5) for pair in dice.sample(every, 12)]

    labels = found(size, pairs, said)

    for one, other, is_same in binding(size, said):
        assert (labels[one - 1] == labels[other - 1]) == is_same


def binding(size: int, newest_first: list[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """Return the decisions that no newer ones contradict: by trying whether all of them can be kept."""
    held: list[tuple[int, int, bool]] = []
    for said in newest_first:
        root = list(range(size + 1))
        for one, other, is_same in [*held, said]:
            if is_same:
                root = [root[one] if place == root[other] else place for place in root]
        if all(is_same or root[one] != root[other] for one, other, is_same in [*held, said]):
            held.append(said)
    return held


def test_a_large_component_is_bound_without_taking_for_ever() -> None:
    pairs = [(number, number + 1, 4.0) for number in range(1, 900)]

    labels = found(900, pairs, [(1, 900, SAME), (1, 2, DIFFERENT)])

    assert labels[0] == labels[899] != labels[1]
