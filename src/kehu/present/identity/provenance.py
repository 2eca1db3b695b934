"""Where every value of a customer comes from, down to the line of a file and the batch that brought it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from kehu.govern.workspace import Workspace

# A raw row's id is its batch, a dash, and its line.
VALUES = """
SELECT v.field, v.value, v.reason, v.source, v.source_key, v.row_id, b.stream, b.file,
  TRY_CAST(split_part(v.row_id, '-', 2) AS BIGINT) AS line, b.batch_id, b.landed_at
FROM customer_value AS v LEFT JOIN {batches} AS b ON b.batch_id = split_part(v.row_id, '-', 1)
WHERE v.customer_id = ? ORDER BY v.field
"""
NO_BATCH = """(SELECT NULL AS batch_id, NULL AS stream, NULL AS file, NULL::TIMESTAMP AS landed_at LIMIT 0)"""


@dataclass(frozen=True)
class Origin:
    """One value and its way here.

    Attributes
    ----------
    field, value, reason : str
        Field of the golden record, its value as text, and why this value won.
    source, source_key : str
        The record it comes from.
    row_id : str
        The raw row; empty for a value that only facts name (a till's card).
    stream, file : str
        Stream of the source and file, relative to the source's path.
    line : int or None
        Physical line, or row of a sheet or table.
    batch_id : str
        What landed it (``kehu import list``), at ``landed_at`` (UTC).
    """

    field: str
    value: str | None
    reason: str
    source: str
    source_key: str | None
    row_id: str
    stream: str
    file: str
    line: int | None
    batch_id: str
    landed_at: datetime | None


def provenance(workspace: Workspace, customer_id: str) -> tuple[Origin, ...]:
    """Return the origin of each value of a customer's golden record, by field; one query.

    Raises
    ------
    AccessError
        When the actor may not see where values come from; without a right to see batches, file and line are empty.
    """
    batches = "import_batch" if "import_batch" in workspace.tables() else NO_BATCH
    sql = VALUES.format(batches=batches)
    rows = workspace.read(sql, (customer_id,), subject=f"customer:{customer_id}").dicts()
    texts = ("reason", "row_id", "stream", "file", "batch_id")
    return tuple(Origin(**{**row, **{name: row[name] or "" for name in texts}}) for row in rows)
