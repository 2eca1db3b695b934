"""What has landed: the ledgers import_batch and raw_reject."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING

from kehu.collect.quote import value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kehu.collect.connector import Reject
    from kehu.warehouse.session.writer import Writer

_BATCH_TYPES = {
    "bytes": "BIGINT", "rows": "BIGINT", "rejected": "BIGINT", "landed_at": "TIMESTAMP", "reverted_at": "TIMESTAMP"
}  # fmt: skip
REJECT_COLUMNS = ("source", "stream", "batch_id", "file", "line", "rule", "reason", "text")
_LONGEST_TEXT = 10_000  # characters of a rejected record that are kept


@dataclass(frozen=True)
class Batch:
    """One landed content of one file: a row of the ledger ``import_batch``.

    Its rows count while it is current: nothing replaced it, nobody reverted it.
    """

    batch_id: str
    source: str
    stream: str
    file: str
    file_sha256: str
    read_as: str
    bytes: int
    rows: int
    rejected: int
    landed_at: datetime
    replaced_by: str | None = None
    reverted_at: datetime | None = None

    @property
    def is_current(self) -> bool:
        """Whether the batch's rows count."""
        return self.replaced_by is None and self.reverted_at is None


def open_ledgers(writer: Writer) -> None:
    """Create the ledgers where the lake has none yet, and give older ones the columns that came later."""
    batch = {field.name: _BATCH_TYPES.get(field.name, "VARCHAR") for field in fields(Batch)}
    reject = {column: "BIGINT" if column == "line" else "VARCHAR" for column in REJECT_COLUMNS}
    for table, columns in (("import_batch", batch), ("raw_reject", reject)):
        if not writer.has(table):
            cells = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in columns.items())
            writer.replace(table, f"SELECT {cells} WHERE false")
    stands = {column for column, _ in writer.tables()["import_batch"]}
    for column, kind in batch.items():
        if column not in stands:
            writer.connection.execute(f'ALTER TABLE lake.main.import_batch ADD COLUMN "{column}" {kind}')


def batches_of(writer: Writer, source: str = "") -> list[Batch]:
    """Return every batch (of one source), replaced and reverted ones too, in the order they landed."""
    columns = ", ".join(f'"{field.name}"' for field in fields(Batch))
    mine = f" WHERE source = {value(source)}" if source else ""
    sql = f"SELECT {columns} FROM import_batch{mine} ORDER BY landed_at, batch_id"
    return [Batch(*row) for row in writer.connection.execute(sql).fetchall()]


def change(writer: Writer, batch: Batch) -> None:
    """Write what became of a landed batch: what replaced it, when it was reverted."""
    become = f"replaced_by = {value(batch.replaced_by)}, reverted_at = {value(batch.reverted_at)}"
    writer.connection.execute(f"UPDATE import_batch SET {become} WHERE batch_id = {value(batch.batch_id)}")


def batch_id(batch: tuple[str, ...], turn: int) -> str:
    """Return the id of a batch: the same for the same content, unless that content comes back after another.

    Parameters
    ----------
    batch : tuple of str
        Source, stream, file, digest, reading options.
    turn : int
        How many batches the file had before.
    """
    return hashlib.sha256("\0".join((*batch, str(turn))).encode()).hexdigest()[:16]


def record(writer: Writer, batches: list[Batch], replaced: dict[str, str]) -> None:
    """Append batches, and mark the ones they replace (old id -> new id)."""
    if not batches:
        return
    names = ", ".join(f'"{field.name}"' for field in fields(Batch))
    rows = ", ".join(f"({', '.join(map(value, astuple(batch)))})" for batch in batches)
    writer.append("import_batch", f"SELECT * FROM (VALUES {rows}) AS landed({names})")
    for old, new in replaced.items():
        writer.connection.execute(f"UPDATE import_batch SET replaced_by = {value(new)} WHERE batch_id = {value(old)}")


def reject(writer: Writer, batch: tuple[str, str, str, str], rejects: Iterable[Reject]) -> None:
    """Append rejected records of one batch (source, stream, batch id, file)."""
    rows = [(*batch, one.line, one.rule, one.reason, one.text[:_LONGEST_TEXT]) for one in rejects]
    if rows:
        import pyarrow as pa

        schema = pa.schema([(name, pa.int64() if name == "line" else pa.string()) for name in REJECT_COLUMNS])
        columns = (list(column) for column in zip(*rows, strict=True))
        writer.append("raw_reject", pa.table(dict(zip(REJECT_COLUMNS, columns, strict=True)), schema=schema))
