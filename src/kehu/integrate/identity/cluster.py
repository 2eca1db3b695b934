"""Records into persons: average linkage on match weights inside connected components."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kehu.integrate.identity.compare import CERTAIN, log_odds
from kehu.integrate.identity.component import components
from kehu.integrate.identity.constrain import UNSEEN_WEIGHT, constrained

LARGEST = 400  # a component beyond this is cut at growing weights first, so memory stays bounded
LEAST_BITS = 1e-6  # pairs that merely lack evidence stay below the threshold: alone they join nobody
UNPROVEN = 0.0  # a pair that merely lacks evidence does not count against; only a contradiction does
CONTRADICTION = -5.5
CEILING = CERTAIN  # one overwhelming pair must not carry a whole chain


def clusters(size: int, pairs: pa.Table, *, match_at: float, decided: pa.Table | None = None) -> np.ndarray:
    """Return one cluster number per record, numbered by the first record of each cluster.

    Parameters
    ----------
    size : int
        Number of records; records are numbered from 1.
    pairs : pyarrow.Table
        left_id, right_id, weight: every compared pair, contradictions with their negative weight.
    match_at : float
        Probability from which two clusters are joined: their records' mean weight must reach its log2 odds.
    decided : pyarrow.Table, optional
        left_id, right_id, is_same: what people decided, newest first. Two records that are the same are in one
        cluster, two that are different are not; of decisions that contradict each other the newer ones hold.

    Notes
    -----
    Components are taken over pairs at or above the threshold, then each is divided by average linkage, so that one
    false link between two persons does not join all their records.
    """
    threshold = log_odds(match_at)
    left = pairs["left_id"].to_numpy() - 1
    right = pairs["right_id"].to_numpy() - 1
    weight = np.clip(pairs["weight"].to_numpy(), -CEILING * 2, CEILING)
    keep = weight >= threshold
    unproven = min(UNPROVEN, threshold - LEAST_BITS)
    weight = np.where(~keep & (weight < unproven) & (weight > CONTRADICTION), unproven, weight)
    said = _decided(decided)
    labels = components(size, np.append(left[keep], said[0][said[2]]), np.append(right[keep], said[1][said[2]]))
    bound = np.zeros(size, dtype=bool)  # labels of components in which people decided something
    bound[labels[said[0][said[2]]]] = True
    within = labels[said[0]] == labels[said[1]]
    bound[labels[said[0][within]]] = True
    _divide(labels, (left, right, weight), threshold, said, bound)
    return _by_first(labels)


def home_clusters(size: int, pairs: pa.Table, *, match_at: float, decided: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return each record's cluster as it would be had nobody joined anything by hand, and as it is.

    Takes what `clusters` takes. What people said is different holds in both.
    """
    homes = clusters(size, pairs, match_at=match_at, decided=decided.filter(pc.invert(decided["is_same"])))
    same = decided.filter(decided["is_same"])
    if not same.num_rows:
        return homes, homes
    likely = pairs.filter(pc.greater_equal(pairs["weight"], log_odds(match_at)))
    ends = [
        np.concatenate([table[name].to_numpy() - 1 for table in (likely, same)]) for name in ("left_id", "right_id")
    ]
    labels = components(size, *ends)
    is_reached = np.isin(labels, labels[same["left_id"].to_numpy() - 1])
    numbers = np.cumsum(is_reached)
    found = homes.copy()
    found[is_reached] = size + clusters(
        int(numbers[-1]),
        _among(pairs, is_reached, numbers),
        match_at=match_at,
        decided=_among(decided, is_reached, numbers),
    )
    return homes, _by_first(found)


def _among(pairs: pa.Table, is_reached: np.ndarray, numbers: np.ndarray) -> pa.Table:
    """Return pairs of records that are reached, by their numbers among those."""
    left, right = (pairs[name].to_numpy() - 1 for name in ("left_id", "right_id"))
    inside = is_reached[left] & is_reached[right]
    ids = {"left_id": numbers[left[inside]], "right_id": numbers[right[inside]]}
    rest = pairs.filter(pa.array(inside)).drop_columns(list(ids))
    for name, of in ids.items():
        rest = rest.append_column(name, pa.array(of))
    return rest


def _by_first(labels: np.ndarray) -> np.ndarray:
    """Return labels as numbers from 0 in the order of the first record with each."""
    _, first, numbers = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[numbers]


def _decided(decided: pa.Table | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if decided is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    left, right = (decided[name].to_numpy().astype(np.int64) - 1 for name in ("left_id", "right_id"))
    return left, right, decided["is_same"].to_numpy(zero_copy_only=False).astype(bool)


def _divide(
    labels: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray, np.ndarray],
    threshold: float,
    said: tuple[np.ndarray, np.ndarray, np.ndarray],
    bound: np.ndarray,
) -> None:
    left, right, weight = pairs
    inside = labels[left] == labels[right]
    left, right, weight = left[inside], right[inside], weight[inside]
    sizes = np.bincount(labels)
    members = np.argsort(labels, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)])
    order = np.argsort(labels[left], kind="stable")
    left, right, weight = left[order], right[order], weight[order]
    bounds = np.searchsorted(labels[left], np.arange(len(sizes) + 1))
    is_bound = bound[: len(sizes)]
    number, of = len(sizes), labels.copy()
    is_whole = np.bincount(labels[left[weight >= threshold]], minlength=len(sizes)) == sizes * (sizes - 1) // 2
    for component in np.flatnonzero(np.where(is_bound, sizes > 1, ~is_whole & (sizes > 2))):  # all alike stay together
        records = members[starts[component] : starts[component + 1]]
        edges = slice(bounds[component], bounds[component + 1])
        mine = (records, left[edges], right[edges], weight[edges])
        if is_bound[component]:
            here = of[said[0]] == component
            parts = constrained(*mine, threshold, (said[0][here], said[1][here], said[2][here]))
        else:
            parts = _average(*mine, threshold)
        if parts.max() > 1:
            labels[records] = number + parts
            number += int(parts.max()) + 1


def _average(
    records: np.ndarray, left: np.ndarray, right: np.ndarray, weight: np.ndarray, threshold: float
) -> np.ndarray:
    if len(records) > LARGEST:
        return _narrowed(records, left, right, weight, threshold)
    from scipy.cluster.hierarchy import linkage  # half a second to load; many a build divides nothing
    from scipy.spatial.distance import squareform

    distance = np.full((len(records), len(records)), CEILING - UNSEEN_WEIGHT)
    rows, columns = np.searchsorted(records, left), np.searchsorted(records, right)
    distance[rows, columns] = distance[columns, rows] = CEILING - weight
    np.fill_diagonal(distance, 0)
    return _cut(linkage(squareform(distance, checks=False), method="average"), CEILING - threshold)


def _cut(tree: np.ndarray, distance: float) -> np.ndarray:
    """Return the cluster, from 1, of each leaf of a tree of average linkage: joined up to a distance.

    What `scipy.cluster.hierarchy.fcluster` returns, up to numbers: that checks every tree, and most are tiny.
    """
    size = len(tree) + 1
    members = [[leaf] for leaf in range(size)]
    for one, other, height, _ in tree.tolist():  # ascending heights
        if height > distance:
            break
        members.append(members[int(one)] + members[int(other)])
        members[int(one)] = members[int(other)] = []
    found = np.zeros(size, dtype=np.int64)
    for number, leaves in enumerate(filter(None, members), start=1):
        found[leaves] = number
    return found


def _narrowed(
    records: np.ndarray, left: np.ndarray, right: np.ndarray, weight: np.ndarray, threshold: float
) -> np.ndarray:
    rows, columns = np.searchsorted(records, left), np.searchsorted(records, right)
    stricter = threshold + 2  # bits
    strong = weight >= stricter
    labels = components(len(records), rows[strong], columns[strong])
    if stricter < CEILING:
        _divide(labels, (rows, columns, weight), stricter, _decided(None), np.zeros(len(records), dtype=bool))
    return _by_first(labels) + 1
