"""Average linkage under people's decisions: some records must be together, some must not."""

from __future__ import annotations

import numpy as np

UNSEEN_WEIGHT = -4.0  # two records of one component that share no key at all speak, a little, against each other


def constrained(
    records: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    threshold: float,
    decided: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> np.ndarray:
    """Return the cluster (from 1) of each record of one component.

    Records that must be apart never meet; clusters of which people said two records are one are joined whole, after
    the weights have spoken: a decision adds to what the records say, it does not weaken it.

    Parameters
    ----------
    records : numpy.ndarray
        Numbers of the component's records, ascending.
    left, right, weight : numpy.ndarray
        Its compared pairs, by record number, with their match weights.
    threshold : float
        Mean weight from which two clusters are joined.
    decided : tuple of numpy.ndarray
        left, right, is_same by record number, newest first. A decision that contradicts newer ones is passed over;
        the tables show it (suspicious_customer).

    References
    ----------
    Davidson and Ravi (2005), Agglomerative hierarchical clustering with constraints, PKDD.
    """
    size = len(records)
    rows, columns = np.searchsorted(records, left), np.searchsorted(records, right)
    total = np.full((size, size), UNSEEN_WEIGHT)  # sum of weights between two clusters
    total[rows, columns] = total[columns, rows] = weight
    inside = np.isin(decided[0], records) & np.isin(decided[1], records)
    said = [
        (int(one), int(other), bool(is_same))
        for one, other, is_same in zip(
            np.searchsorted(records, decided[0][inside]),
            np.searchsorted(records, decided[1][inside]),
            decided[2][inside],
            strict=True,
        )
    ]
    apart, bond = _apart(size, said)
    of = _average(total, apart.copy(), bond, threshold)
    _unite(of, apart, [(one, other) for one, other, is_same in said if is_same])
    found: np.ndarray = np.unique(of, return_inverse=True)[1] + 1
    return found


def _apart(size: int, said: list[tuple[int, int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    """Return which records must not be together, without what newer decisions join; and the group each is bound to."""
    of, apart = np.arange(size), np.zeros((size, size), dtype=bool)
    for one, other, is_same in said:
        if not is_same:
            apart[one, other] = apart[other, one] = of[one] != of[other]
        elif not apart[np.ix_(of == of[one], of == of[other])].any():
            of[of == of[other]] = of[one]
    return apart, of


def _bind(apart: np.ndarray, members: np.ndarray) -> None:
    """Keep from all of a group whatever must not be with one of it."""
    row = apart[members].any(axis=0)
    apart[members] = row
    apart[:, members] = row[:, None]


def _average(total: np.ndarray, apart: np.ndarray, bond: np.ndarray, threshold: float) -> np.ndarray:
    """Return the cluster of each record; ``total`` and ``apart`` are between clusters in the end.

    Clusters of one bond will be joined: what must be apart from one of them must be apart from all.
    """
    size = len(total)
    bond = bond.copy()
    for group in np.flatnonzero(np.bincount(bond, minlength=size) > 1):
        _bind(apart, bond == group)
    of, count = np.arange(size), np.ones(size)
    mean = np.where(apart, -np.inf, total)
    np.fill_diagonal(mean, -np.inf)
    while size > 1:
        first, second = (int(place) for place in np.unravel_index(np.argmax(mean), mean.shape))
        if mean[first, second] < threshold:
            break
        one, other = min(first, second), max(first, second)
        total[one] += total[other]
        total[:, one] += total[:, other]
        bond[bond == bond[other]] = bond[one]
        group = bond == bond[one]
        _bind(apart, group)
        count[one] += count[other]
        count[other] = 0
        of[of == other] = one
        fresh = np.where(count == 0, -np.inf, total[one] / np.maximum(count * count[one], 1))
        mean[one], mean[:, one] = fresh, fresh
        mean[group] = np.where(apart[group], -np.inf, mean[group])
        mean[:, group] = np.where(apart[:, group], -np.inf, mean[:, group])
        mean[other], mean[:, other], mean[one, one] = -np.inf, -np.inf, -np.inf
    return of


def _unite(of: np.ndarray, apart: np.ndarray, same: list[tuple[int, int]]) -> None:
    """Join whole clusters that people said are one, where nothing keeps records of theirs apart."""
    for one, other in same:
        if not apart[np.ix_(of == of[one], of == of[other])].any():
            of[of == of[other]] = of[one]
