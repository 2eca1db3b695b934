from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from kehu.integrate.identity.cluster import _cut, clusters
from kehu.integrate.identity.compare import log_odds


def _pairs(*rows: tuple[int, int, float]) -> pa.Table:
    left, right, weight = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "left_id": pa.array(left, pa.int64()),
            "right_id": pa.array(right, pa.int64()),
            "weight": pa.array(weight, pa.float64()),
        }
    )


def test_records_without_pairs_stay_alone() -> None:
    assert clusters(3, _pairs(), match_at=0.9).tolist() == [0, 1, 2]


def test_pair_above_the_threshold_is_one_cluster() -> None:
    assert clusters(3, _pairs((1, 3, 8.0), (1, 2, 1.0)), match_at=0.9).tolist() == [0, 1, 0]


def test_one_bridge_does_not_join_two_families() -> None:
    pairs = _pairs((1, 2, 15.0), (3, 4, 15.0), (2, 3, 5.0), (1, 3, -8.0), (1, 4, -8.0), (2, 4, -8.0))

    assert clusters(4, pairs, match_at=0.9).tolist() == [0, 0, 1, 1]


def test_missing_evidence_does_not_split_a_chain_of_strong_pairs() -> None:
    assert len(set(clusters(3, _pairs((1, 2, 15.0), (2, 3, 15.0), (1, 3, -1.0)), match_at=0.9).tolist())) == 1


def test_a_huge_component_is_cut_without_a_square_matrix() -> None:
    pairs = _pairs(*((number, number + 1, 4.0) for number in range(1, 900)))

    assert len(set(clusters(900, pairs, match_at=0.9).tolist())) > 1


def test_below_even_odds_a_pair_joins_from_the_probability_on_that_was_asked() -> None:
    pairs = _pairs((1, 2, -0.5), (3, 4, -0.7))  # probabilities .41 and .38

    assert clusters(4, pairs, match_at=0.4).tolist() == [0, 0, 1, 2]
    assert clusters(4, pairs, match_at=0.5).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(("probability", "bits"), [(0.0, -math.inf), (0.2, -2.0), (0.5, 0.0), (1.0, 20.0)])
def test_every_probability_that_settings_allow_has_log_odds(probability: float, bits: float) -> None:
    assert log_odds(probability) == bits


@pytest.mark.parametrize("size", [2, 3, 5, 12, 40])
def test_a_tree_is_cut_as_scipy_cuts_it(size: int) -> None:
    from scipy.cluster.hierarchy import fcluster, linkage

    rng = np.random.default_rng(size)
    for _ in range(40):
        tree = linkage(np.round(rng.uniform(0, 9, size * (size - 1) // 2)), method="average")  # rounded: many ties
        for distance in (0.0, 2.0, 4.5, 10.0):
            ours, theirs = _cut(tree, distance), fcluster(tree, t=distance, criterion="distance")
            assert np.array_equal(ours[:, None] == ours, theirs[:, None] == theirs)
            assert ours.min() == 1
            assert ours.max() == len(set(ours.tolist()))
