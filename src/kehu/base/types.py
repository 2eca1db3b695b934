"""Names for the few values that cross every layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NewType

CustomerId = NewType("CustomerId", str)
SnapshotId = NewType("SnapshotId", int)
Json = Any  # the one place where a value may be any JSON


@dataclass(frozen=True)
class Result:
    """Rows of one query, with the snapshot they were read from.

    Attributes
    ----------
    columns : tuple of str
        Column names, in order.
    rows : list of tuple
        Python values; DECIMAL as ``decimal.Decimal``, times as naive UTC ``datetime``.
    snapshot : int
        The named snapshot every value comes from; 0 when nothing is published yet.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    snapshot: int = 0

    def dicts(self) -> list[dict[str, Any]]:
        """Return the rows as one mapping each."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def one(self) -> dict[str, Any]:
        """Return the only row; raises ``ValueError`` when there is not exactly one."""
        (row,) = self.dicts()
        return row

    def value(self) -> Any:  # noqa: ANN401  # a cell may hold any SQL value
        """Return the only cell of a one-row, one-column result."""
        ((cell,),) = self.rows
        return cell
