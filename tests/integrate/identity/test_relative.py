from __future__ import annotations

import numpy as np
import pytest

from kehu.integrate.identity.relative import Kinds, Met, Shares, correction, learned

NAME = Shares(np.array([0.05, 0.95]), np.array([0.97, 0.03]), np.array([0.99, 0.01]))
HOME = Shares(np.array([0.3, 0.7]), np.array([0.1, 0.9]), np.array([1 - 1e-5, 1e-5]))
BORN = Shares(np.array([0.1, 0.9]), np.array([0.98, 0.02]), np.array([1 - 8e-5, 8e-5]))
KINDS = Kinds(2e-5, 1e-5, (NAME, HOME, BORN))


def _met(*levels: list[int], rare: float = 0.0) -> Met:
    size = len(levels[0])
    return Met([np.array(level) for level in levels], np.full(size, rare), np.zeros(size))


def _drawn(kinds: Kinds, all_pairs: int, rng: np.random.Generator) -> Met:
    """The pairs of a population that agree on something: the others would not have met."""
    of = rng.choice(3, all_pairs, p=[kinds.one, kinds.home, 1 - kinds.one - kinds.home])
    agreed = [np.stack((share.one[1:], share.home[1:], share.two[1:]))[:, 0] for share in kinds.shares]
    levels = [(rng.random(all_pairs) < shares[of]).astype(int) for shares in agreed]
    met = (levels[1] + levels[2] > 0) | (of < 2)
    return Met([level[met] for level in levels], np.zeros(met.sum()), np.zeros(met.sum()))


def test_weight_of_splink_and_correction_are_the_odds_against_relatives_and_strangers() -> None:
    met = _met([1, 0, -1], [1, 1, 1], [-1, 0, 1])

    splink = np.log2(KINDS.one / (1 - KINDS.one)) + sum(
        np.append(np.log2(share.one / KINDS.unlike(share)), 0.0)[level]
        for share, level in zip(KINDS.shares, met.levels, strict=True)
    )
    of_one, of_home, of_two = (
        np.prod([np.append(of, 1.0)[level] for of, level in zip(kind, met.levels, strict=True)], axis=0)
        for kind in (
            [share.one for share in KINDS.shares],
            [share.home for share in KINDS.shares],
            [share.two for share in KINDS.shares],
        )
    )
    odds = KINDS.one * of_one / (KINDS.home * of_home + (1 - KINDS.one - KINDS.home) * of_two)

    assert splink + correction(KINDS, met) == pytest.approx(np.log2(odds))


def test_sharing_home_and_birth_date_says_less_than_the_sum_of_both() -> None:
    assert correction(KINDS, _met([-1], [1], [1]))[0] < -5


def test_how_many_pairs_are_one_person_and_one_home_is_learned_without_labels() -> None:
    truth = Kinds(4e-3, 2e-3, KINDS.shares)
    all_pairs = 2_000_000
    start = Kinds(1e-3, 1e-3, (
        Shares(np.array([0.2, 0.8]), np.array([0.95, 0.05]), NAME.two),
        Shares(np.array([0.5, 0.5]), np.array([0.4, 0.6]), np.array([0.9999, 1e-4])),
        Shares(np.array([0.3, 0.7]), np.array([0.95, 0.05]), np.array([0.9999, 1e-4])),
    ))  # fmt: skip

    found = learned(start, _drawn(truth, all_pairs, np.random.default_rng(3)), all_pairs, (1.0, 1.0, 1.0))

    # It stops after some rounds, and the start counts for some hundred pairs.
    assert found.one == pytest.approx(truth.one, rel=0.15)
    assert found.home == pytest.approx(truth.home, rel=0.25)


def test_how_many_relatives_were_born_on_one_day_is_learned_where_given_names_tell_them_apart() -> None:
    twins = Shares(BORN.one, np.array([0.75, 0.25]), BORN.two)
    truth = Kinds(4e-3, 2e-3, (NAME, HOME, twins))
    name = Shares(NAME.one, NAME.home, NAME.two, learns_home=False)

    met = _drawn(truth, 2_000_000, np.random.default_rng(4))

    found = learned(Kinds(4e-3, 2e-3, (name, HOME, BORN)), met, 2e6, (1.0, 1.0, 1.0))

    assert found.shares[2].home[1] > 4 * BORN.home[1]  # from where it starts, in some rounds
    assert found.shares[0].home.tolist() == NAME.home.tolist()


@pytest.mark.parametrize(("share", "is_sampled"), [(6e-4, True), (4e-4, True), (3e-4, True), (1e-5, False)])
def test_what_random_pairs_tell_of_strangers_is_believed_though_few_of_those_met(share, is_sampled) -> None:
    alike = Shares(np.array([0.5, 0.5]), np.array([0.5, 0.5]), np.array([1 - share, share]))
    met = _met([1] * 100 + [0] * 100, [0] * 200)  # of 200 strangers that share a key

    found = learned(Kinds(1e-9, 1e-9, (alike, BORN)), met, 2e8, (1.0, 1.0)).shares[0]

    assert (found.two[1] == pytest.approx(share, rel=0.01)) == is_sampled


def test_few_pairs_leave_the_shares_to_start_from() -> None:
    found = learned(KINDS, _met([1], [0], [-1]), 1e6, (0.5, 0.5, 0.5))

    assert found.shares[2].one == pytest.approx(BORN.one)
    assert found.shares[0].one == pytest.approx(NAME.one, abs=0.01)
