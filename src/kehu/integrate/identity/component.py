"""Which of many things hang together by pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def components(size: int, left: ArrayLike, right: ArrayLike) -> np.ndarray:
    """Return the number of the connected component of each of ``size`` things.

    Parameters
    ----------
    size : int
        Things are numbered from 0.
    left, right : array_like of int
        Pairs that hang together.

    Examples
    --------
    >>> components(4, [0, 1], [1, 2]).tolist()
    [0, 0, 0, 1]
    """
    left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    if not len(left):
        return np.arange(size, dtype=np.int64)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left)), (left, right)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
