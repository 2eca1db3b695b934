"""Three kinds of pairs of records: of one person, of two persons of one home, of two strangers.

Two kinds are not enough: members of a household share surname, address and phone, sometimes an e-mail, and twins the
birth date, so that a pair which agrees on these is either one person or two relatives. How often each kind of pair
reaches each level is learned from compared pairs by expectation maximization; the odds that a pair is one person are
those of the first kind against both others.

References
----------
Fellegi and Sunter (1969). A theory for record linkage. Journal of the American Statistical Association 64, 1183-1210.
Larsen and Rubin (2001). Iterative automated record linkage using mixture models. Journal of the American Statistical
Association 96, 32-41: three classes, non-matches inside a household apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 15
OF_ONE, OF_HOME, OF_TWO = 60.0, 200.0, 2e4  # pairs of each kind that the shares to start from count for
SAMPLED = 2e-4  # shares of strangers from here on are known from random pairs (40), rarer ones from the pairs that met
LEAST = 1e-9
LIMIT = 80.0  # bits


@dataclass(frozen=True)
class Shares:
    """How often pairs of each kind reach each level of one comparison, from least to most agreement.

    What is not learned of relatives tells them from one person: their given names differ, mostly.
    """

    one: np.ndarray
    home: np.ndarray
    two: np.ndarray
    learns_home: bool = True


@dataclass(frozen=True)
class Kinds:
    """Share of all pairs that are of one person, and of one home, and what they reach in each comparison."""

    one: float
    home: float
    shares: tuple[Shares, ...]

    def unlike(self, share: Shares) -> np.ndarray:
        """Return Splink's u of one comparison: relatives and strangers as they are mixed."""
        part = self.home / (1 - self.one)
        return part * share.home + (1 - part) * share.two


@dataclass(frozen=True)
class Met:
    """What pairs of records that met say.

    Attributes
    ----------
    levels : sequence of ndarray
        Per comparison the level each pair reaches, 0 the least agreement, -1 unknown.
    rare : ndarray
        log2 by which rare values make each pair likelier of one person than of two strangers.
    rare_home : ndarray
        The part of it that speaks for one home as much: rare surnames and places.
    """

    levels: Sequence[np.ndarray]
    rare: np.ndarray
    rare_home: np.ndarray


def correction(kinds: Kinds, met: Met) -> np.ndarray:
    """Return the bits to add to Splink's weight, whose u mixes relatives and strangers in each comparison alone."""
    mixed = np.zeros(len(met.rare))
    for share, level in zip(kinds.shares, met.levels, strict=True):
        mixed += np.append(np.log2(kinds.unlike(share) / share.two), 0.0)[level]
    part = kinds.home / (1 - kinds.one)
    home = np.exp2(np.clip(_evidence(kinds, met)[1], -LIMIT, LIMIT))
    found: np.ndarray = mixed - np.log2(part * home + 1 - part)
    return found


def learned(start: Kinds, met: Met, all_pairs: float, known: Sequence[float]) -> Kinds:
    """Return the kinds that explain the pairs that met best.

    Parameters
    ----------
    start : Kinds
        Where to start from, and what the outcome is drawn to where few pairs speak; ``home`` 0: nothing that is known
        tells members of a home apart.
    met : Met
        Pairs that met.
    all_pairs : float
        Number of pairs of these records, met or not; what did not meet are strangers.
    known : sequence of float
        Per comparison the share of pairs whose values are known.
    """
    kinds = start
    for _ in range(ROUNDS):
        one, home = (np.exp2(np.clip(bits, -LIMIT, LIMIT)) for bits in _evidence(kinds, met))
        odds = (kinds.one * one, kinds.home * home, 1 - kinds.one - kinds.home)
        total = odds[0] + odds[1] + odds[2]
        weights = (odds[0] / total, odds[1] / total, odds[2] / total)
        of_one, of_home = float(weights[0].sum()), float(weights[1].sum())
        strangers = all_pairs - of_one - of_home
        shares = tuple(
            _shares(own, level, weights, strangers * share, of_one / all_pairs)
            for own, level, share in zip(start.shares, met.levels, known, strict=True)
        )
        kinds = Kinds((of_one + 1) / all_pairs, (of_home + 1) / all_pairs if start.home else 0.0, shares)
    return kinds


def _evidence(kinds: Kinds, met: Met) -> tuple[np.ndarray, np.ndarray]:
    """Return log2 of how much likelier each pair is among pairs of one person, and of one home, than of strangers."""
    one, home = met.rare.copy(), met.rare_home.copy()
    for share, level in zip(kinds.shares, met.levels, strict=True):
        one += np.append(np.log2(share.one / share.two), 0.0)[level]
        home += np.append(np.log2(share.home / share.two), 0.0)[level]
    return one, home


def _shares(own: Shares, level: np.ndarray, weights: tuple[np.ndarray, ...], strangers: float, share: float) -> Shares:
    reached, size = level >= 0, len(own.one)
    one, home, two = (np.bincount(level[reached], weight[reached], size) for weight in weights)
    met = np.maximum((two + OF_TWO * own.two) / (strangers + OF_TWO), LEAST)
    of_one = (one + OF_ONE * own.one) / (one.sum() + OF_ONE)
    random = own.two - share * of_one  # random pairs hold a few of one person, too
    return Shares(
        of_one,
        (home + OF_HOME * own.home) / (home.sum() + OF_HOME) if own.learns_home else own.home,
        np.where(random > SAMPLED, random, met),
        own.learns_home,
    )
