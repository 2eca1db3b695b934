"""How much each comparison of two organizations proves, learned from the records themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import isotonic_regression

from kehu.integrate.identity.organization_feature import RARITY

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.base.types import Json

ROUNDS = 40
MOST_PAIRS = 300_000  # compared pairs to learn from; more of them teach the same
SEED = 7  # of what is drawn to learn from
OWN_SHARE = 0.2  # weight of the levels' own m against what was learned
OWN_PAIRS = 10
UNSEEN = 3.0  # pairs that the levels' own u count for
SEEN = 30  # random pairs from which a level's share is taken from these alone
LARGEST_SHIFT = 8.0  # by how much the share of true pairs may move from its start, either way
LARGEST_WEIGHT = 12.0  # bits that one comparison may bring


@dataclass(frozen=True)
class Comparison:
    """What two records are compared by.

    Attributes
    ----------
    name : str
        Column of what `compared` returns.
    levels : tuple of str
        Names of the levels, the least agreement first.
    m : tuple of float
        Share of true pairs that reach each level, as a start.
    u : tuple of float
        Share of all pairs that do, as a start.
    apart : int
        How many of the lowest levels disagree.
    most : float
        Largest share of true pairs that may disagree. Without it a chain's shops, alike in all but the address, would
        teach that one organization has many addresses.
    """

    name: str
    levels: tuple[str, ...]
    m: tuple[float, ...]
    u: tuple[float, ...]
    apart: int = 1
    most: float = 0.3


_ALIKE = ("some_words", "most_words", "contained", "same")
_RARE = len(RARITY) + 1
COMPARISONS = (
    Comparison(
        "name",
        ("other", *(f"{alike}{'_rare' if rare >= _RARE // 2 else ''}" for alike in _ALIKE for rare in range(_RARE))),
        (0.1, *(share / _RARE for share in (0.08, 0.15, 0.22, 0.45) for _ in range(_RARE))),
        (0.8, *(share * 0.4**rare for share in (0.1, 0.02, 0.01, 0.004) for rare in range(_RARE))),
    ),
    Comparison(
        "address",
        ("other_place", "other", "same_place", "same_street", "near_number", "other_direction", "same_elsewhere",
         "same", "same_and_place"),
        (0.04, 0.06, 0.03, 0.02, 0.03, 0.02, 0.05, 0.35, 0.40),
        (0.6, 0.33, 0.05, 0.005, 0.001, 0.0002, 0.0002, 0.0005, 0.0005),
        apart=4, most=0.2,
    ),
    # where one address is unknown, or lacks its house number
    Comparison(
        "place", ("other", "same_city", "same_postcode", "same_street"), (0.1, 0.3, 0.4, 0.2), (0.9, 0.05, 0.01, 0.001),
    ),
    Comparison(
        "phone", ("other", "same_exchange", "one_digit", "same"),
        (0.15, 0.1, 0.05, 0.7), (0.95, 0.04, 0.001, 0.001), apart=2,
    ),
    # beside a like name, a chain's switchboard and domain say once more which company it is, little of which place
    Comparison(
        "phone_of_name", ("other", "same_exchange", "one_digit", "switchboard", "same"),
        (0.15, 0.1, 0.05, 0.2, 0.5), (0.76, 0.1, 0.05, 0.06, 0.03), apart=2,
    ),
    Comparison("web", ("other", "same_domain", "same_email"), (0.2, 0.3, 0.5), (0.99, 0.001, 0.001)),
    Comparison(
        "web_of_name", ("other", "chain_domain", "same_domain", "chain_email", "same_email"),
        (0.1, 0.1, 0.4, 0.1, 0.3), (0.3, 0.4, 0.1, 0.15, 0.05),
    ),
    Comparison("tax_id", ("other", "same"), (0.05, 0.95), (0.999, 0.001)),
)  # fmt: skip
OF_NAME = ("phone_of_name", "web_of_name")  # their u is learned among compared pairs, whose names are like


def weights(pairs: pa.Table, parameters: Json) -> np.ndarray:
    """Return the bits of each comparison for each pair: one column per comparison."""
    columns = []
    for part in COMPARISONS:
        level = pairs[part.name].to_numpy().astype(int)
        m, u = (np.asarray(parameters["levels"][part.name][name]) for name in ("m", "u"))
        random = u[level]
        if f"{part.name}_share" in pairs.column_names:
            share = pairs[f"{part.name}_share"].to_numpy()
            random = np.where(np.isnan(share), random, share)
        bits = np.where(level >= 0, np.log2(m[level] / random), 0.0)
        if part.name in OF_NAME:  # that a chain's places share much is no reason against two records of one place
            bits = np.where(level >= part.apart, np.maximum(bits, 0), bits)
        columns.append(np.clip(bits, -LARGEST_WEIGHT, LARGEST_WEIGHT))
    return np.stack(columns, axis=1)


def learned(start: Json, pairs: pa.Table, random: pa.Table, is_open: np.ndarray) -> Json:
    """Return the parameters after expectation maximization over the compared pairs.

    ``is_open`` tells which of these met by name or address: only they say how often two organizations of like names
    share a phone or a domain. The others met because they do.
    """
    size = start["records"]
    every = size * (size - 1) / 2
    times = max(pairs.num_rows / MOST_PAIRS, 1.0)  # that each pair learned from stands for
    if times > 1:
        taken = np.sort(np.random.default_rng(SEED).permutation(pairs.num_rows)[:MOST_PAIRS])
        pairs, is_open = pairs.take(taken), is_open[taken]
    levels = {part.name: dict(start["levels"][part.name]) for part in COMPARISONS}
    drawn_u = {part.name: _counted(random[part.name], len(part.levels)) for part in COMPARISONS}
    found = {**start, "levels": levels}
    for _ in range(ROUNDS):
        weight = weights(pairs, found).sum(axis=1) + found["prior"]
        is_one = times / (1 + np.exp2(-np.clip(weight, -60, 60)))
        share = max(float(is_one.sum()) / every, 1e-15)
        shift = np.clip(math.log2(share) - start["prior"], -LARGEST_SHIFT, LARGEST_SHIFT)
        found["prior"] = round(start["prior"] + float(shift), 4)
        for part in COMPARISONS:
            one = _counted(pairs[part.name], len(part.levels), is_one)
            asked = is_open if part.name in OF_NAME else 1
            apart = _counted(pairs[part.name], len(part.levels), (times - is_one) * asked)
            m, u = _m(part, one), _u(part, drawn_u[part.name], apart, every)
            levels[part.name] = {
                "m": m.tolist(),
                "u": (_ordered(m, u, one + apart) if part.name == "name" else u).tolist(),
            }
    return found


def _ordered(m: np.ndarray, u: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return u of names such that, likeness being equal, a rarer shared token never proves less."""
    bits = np.log2(m[1:] / u[1:]).reshape(-1, _RARE)
    weight = counts[1:].reshape(-1, _RARE) + 0.01
    rising = [isotonic_regression(row, weights=heavy).x for row, heavy in zip(bits, weight, strict=True)]
    return np.concatenate([u[:1], m[1:] / np.exp2(np.concatenate(rising))])


def _m(part: Comparison, one: np.ndarray) -> np.ndarray:
    own = OWN_SHARE * one.sum() + OWN_PAIRS
    expected = _table(one) if part.name == "name" and one.sum() > OWN_PAIRS else np.asarray(part.m)
    m: np.ndarray = (one + own * expected / expected.sum()) / (one.sum() + own)
    disagree = m[: part.apart].sum()
    if disagree > part.most:
        m[: part.apart] *= part.most / disagree
        m[part.apart :] *= (1 - part.most) / (1 - disagree)
    return m


def _u(part: Comparison, random: np.ndarray, apart: np.ndarray, every: float) -> np.ndarray:
    """Return u by random pairs; where these hardly meet a level, also by compared pairs, which hold all such pairs."""
    own = np.asarray(part.u) / sum(part.u)
    if part.name in OF_NAME:
        among: np.ndarray = (apart + OWN_PAIRS * own) / (apart.sum() + OWN_PAIRS)
        return among
    by_chance: np.ndarray = (random + UNSEEN) / (random.sum() + UNSEEN / own)
    if part.name == "name":
        own = np.maximum(_table(apart) * apart.sum() / every, 1e-12) if apart.sum() else own
        met_u = (apart + UNSEEN) / (every + UNSEEN / own)
        return np.where(random < SEEN, met_u, by_chance)
    return by_chance


def _table(counts: np.ndarray) -> np.ndarray:
    """Return the shares of a name's levels as if likeness and rarity were independent: what fills bins hardly met."""
    bins = counts[1:].reshape(-1, _RARE) + 1e-9
    smooth = bins.sum(axis=1, keepdims=True) * bins.sum(axis=0, keepdims=True) / bins.sum()
    shares: np.ndarray = np.concatenate([counts[:1], smooth.ravel()]) / max(counts.sum(), 1e-9)
    return shares


def _counted(levels: pa.ChunkedArray, size: int, weight: np.ndarray | None = None) -> np.ndarray:
    level = levels.to_numpy().astype(int)
    known = level >= 0
    return np.bincount(level[known], None if weight is None else weight[known], minlength=size).astype(float)
