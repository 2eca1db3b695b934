"""Average linkage under people's decisions: some records must be together, some must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    apart = np.zeros((size, size), dtype=bool)
    of = np.arange(size)
    decisions = zip(np.searchsorted(records, decided[0]), np.searchsorted(records, decided[1]), decided[2], strict=True)
    _bind(of, apart, decisions, records, decided)
    count = np.ones(size)
    for label in range(size):
        for member in np.flatnonzero(of == label):
            if member != label:
                _join(total, apart, count, label, member)
    mean = np.where(
        apart | (count == 0) | (count[:, None] == 0), -np.inf, total / np.maximum(np.outer(count, count), 1)
    )
    np.fill_diagonal(mean, -np.inf)
    while size > 1:
        one, other = np.unravel_index(np.argmax(mean), mean.shape)
        if mean[one, other] < threshold:
            break
        one, other = min(one, other), max(one, other)
        _join(total, apart, count, one, other)
        of[of == other] = one
        fresh = np.where(apart[one] | (count == 0), -np.inf, total[one] / np.maximum(count * count[one], 1))
        mean[one], mean[:, one] = fresh, fresh
        mean[other], mean[:, other], mean[one, one] = -np.inf, -np.inf, -np.inf
    found: np.ndarray = np.unique(of, return_inverse=True)[1] + 1
    return found


def _bind(
    of: np.ndarray,
    apart: np.ndarray,
    decisions: Iterable[tuple[int, int, bool]],
    records: np.ndarray,
    decided: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Label records that must be together with the first of them, and mark clusters that must not be joined."""
    known = np.isin(decided[0], records) & np.isin(decided[1], records)
    for (one, other, is_same), is_known in zip(decisions, known, strict=True):
        if not is_known:
            continue
        first, second = sorted((of[one], of[other]))
        if not is_same:
            apart[first, second] = apart[second, first] = first != second
        elif first != second and not apart[first, second]:
            of[of == second] = first
            apart[first] |= apart[second]
            apart[:, first] |= apart[:, second]


def _join(total: np.ndarray, apart: np.ndarray, count: np.ndarray, one: int, other: int) -> None:
    total[one] += total[other]
    total[:, one] += total[:, other]
    apart[one] |= apart[other]
    apart[:, one] |= apart[:, other]
    count[one] += count[other]
    count[other] = 0
