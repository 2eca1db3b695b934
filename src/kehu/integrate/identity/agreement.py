"""How well an assignment of records to persons agrees with the truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping


@dataclass(frozen=True)
class Agreement:
    """Agreement of two assignments of the same records, over pairs and over records.

    Attributes
    ----------
    precision, recall, f1 : float
        Of pairs of records: joined pairs that are truly one person; true pairs that are joined; their
        harmonic mean. A share of nothing is 1.
    b_cubed_precision, b_cubed_recall, b_cubed_f1 : float
        The same over records: of those joined with a record, itself included, the share that truly is its person; of
        those that truly are its person the share joined with it; means over records. Large persons count less.
    largest, true_largest : int
        Records of the largest person found, and of the largest true one.
    pairs, true_pairs, common_pairs : int
        Pairs the assignment joins, pairs the truth joins, pairs both join.
    records : int
        Records known to both assignments; others are left out.
    """

    precision: float
    recall: float
    f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float
    largest: int
    true_largest: int
    pairs: int
    true_pairs: int
    common_pairs: int
    records: int


def agreement(found: Mapping[Hashable, Hashable], truth: Mapping[Hashable, Hashable]) -> Agreement:
    """Return precision, recall and F1 of an assignment against the truth, over pairs of records and B-cubed.

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
    Bagga and Baldwin (1998). Entity-based cross-document coreferencing using the vector space model. COLING-ACL,
    section 4: B-cubed.

    Examples
    --------
    >>> agreement({1: "a", 2: "a", 3: "b"}, {1: "x", 2: "x", 3: "x"}).recall
    0.3333333333333333
    """
    records = [record for record in found if record in truth]
    sizes = Counter(found[record] for record in records)
    true_sizes = Counter(truth[record] for record in records)
    both = Counter((found[record], truth[record]) for record in records)
    pairs, true_pairs, common = _pairs(sizes), _pairs(true_sizes), _pairs(both)
    precision = common / pairs if pairs else 1.0
    recall = common / true_pairs if true_pairs else 1.0
    squared = {parts: number * number for parts, number in both.items()}
    shared = sum(square / sizes[one] for (one, _), square in squared.items()) / max(len(records), 1)
    kept = sum(square / true_sizes[other] for (_, other), square in squared.items()) / max(len(records), 1)
    return Agreement(
        precision,
        recall,
        _mean(precision, recall),
        shared if records else 1.0,
        kept if records else 1.0,
        _mean(shared, kept) if records else 1.0,
        max(sizes.values(), default=0),
        max(true_sizes.values(), default=0),
        pairs,
        true_pairs,
        common,
        len(records),
    )


def _mean(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pairs(sizes: Counter[Any]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())
