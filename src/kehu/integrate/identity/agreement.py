"""How well an assignment of records to persons agrees with the truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping


@dataclass(frozen=True)
class Agreement:
    """Pairwise agreement of two assignments of the same records.

    Attributes
    ----------
    precision, recall, f1 : float
        Of pairs of records: joined pairs that are truly one person; true pairs that are joined; their
        harmonic mean. A share of nothing is 1.
    pairs, true_pairs, common_pairs : int
        Pairs the assignment joins, pairs the truth joins, pairs both join.
    records : int
        Records known to both assignments; others are left out.
    """

    precision: float
    recall: float
    f1: float
    pairs: int
    true_pairs: int
    common_pairs: int
    records: int


def agreement(found: Mapping[Hashable, Hashable], truth: Mapping[Hashable, Hashable]) -> Agreement:
    """Return pairwise precision, recall and F1 of an assignment against the truth.

    Parameters
    ----------
    found, truth : mapping
        Record -> person; a record is any hashable, usually ``(source, source_key)``.

    Notes
    -----
    Counted from cluster sizes, so the cost grows with the records, not with the pairs.

    References
    ----------
    Menestrina, Whang, Garcia-Molina (2010). Evaluating entity resolution results. PVLDB 3(1), section 3.

    Examples
    --------
    >>> agreement({1: "a", 2: "a", 3: "b"}, {1: "x", 2: "x", 3: "x"}).recall
    0.3333333333333333
    """
    records = [record for record in found if record in truth]
    pairs = _pairs(Counter(found[record] for record in records))
    true_pairs = _pairs(Counter(truth[record] for record in records))
    common = _pairs(Counter((found[record], truth[record]) for record in records))
    precision = common / pairs if pairs else 1.0
    recall = common / true_pairs if true_pairs else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Agreement(precision, recall, f1, pairs, true_pairs, common, len(records))


def _pairs(sizes: Counter[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())
