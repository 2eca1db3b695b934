"""Rows that did not become facts: counted by source and rule, and one by one for those allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kehu.govern.workspace import Workspace

PAGE_SIZE = 25

COUNTS = """
SELECT source, stream, entity, rule, count(*) AS rows FROM quarantine GROUP BY ALL
ORDER BY source, stream, rows DESC, rule
"""
ROWS = f"""
SELECT source, stream, entity, file, line, rule, column_name, value, reason, row_text, count(*) OVER () AS total
FROM quarantine WHERE (? = '' OR source = ?) AND (? = '' OR rule = ?)
ORDER BY source, stream, file, line, row_id LIMIT {PAGE_SIZE} OFFSET ?
"""


@dataclass(frozen=True)
class Rejected:
    """Counts of all quarantined rows, and one page of those asked for.

    Attributes
    ----------
    counts : list of dict
        source, stream, entity, rule, rows.
    rows : list of dict
        source, stream, entity, file, line, rule, column_name, value, reason, row_text.
    total : int
        Rows asked for, over all pages.
    """

    counts: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    total: int

    @property
    def everything(self) -> int:
        """All quarantined rows."""
        return sum(row["rows"] for row in self.counts)


def rejected(workspace: Workspace, *, source: str = "", rule: str = "", page: int = 1) -> Rejected | None:
    """Return the quarantine, narrowed to a source and a rule; None when the actor may not see it; two queries."""
    if not workspace.sees("quarantine"):
        return None
    counts = workspace.read(COUNTS, subject="table:quarantine").dicts()
    offset = (max(page, 1) - 1) * PAGE_SIZE
    rows = workspace.read(ROWS, (source, source, rule, rule, offset), subject="table:quarantine").dicts()
    return Rejected(counts, rows, rows[0]["total"] if rows else 0)
