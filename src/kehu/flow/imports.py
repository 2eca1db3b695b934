"""What collect landed: list its batches, take one back, give it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.base.clock import now

if TYPE_CHECKING:
    from kehu.base.types import Result
    from kehu.collect.revert import Reverted
    from kehu.flow.project import Project

LEDGER = "import_batch"
SHOWN = (
    "batch_id", "source", "stream", "file", "rows", "rejected", "landed_at", "replaced_by", "reverted_at"
)  # fmt: skip


def landed(project: Project) -> Result:
    """Return every batch of the newest published snapshot, newest first."""
    stands = {column for column, _ in project.workspace.tables().get(LEDGER, ())}
    cells = [column if not stands or column in stands else f"NULL AS {column}" for column in SHOWN]
    order = "ORDER BY landed_at DESC, source, stream, file"
    return project.workspace.read(f"SELECT {', '.join(cells)} FROM {LEDGER} {order}")


def revert(project: Project, batch_id: str) -> Reverted:
    """Take a landed batch back; the next build leaves its rows out of every table.

    Raises
    ------
    SourceError
        When there is no such batch.
    AccessError
        When the actor is no owner.
    """
    from kehu.collect.revert import revert as take_back

    with project.workspace.write(f"revert {batch_id}", publish=False) as writer:
        return take_back(writer, batch_id, at=now())


def restore(project: Project, batch_id: str) -> Reverted:
    """Undo `revert`; the next build counts the batch's rows again. Errors as there."""
    from kehu.collect.revert import restore as give_again

    with project.workspace.write(f"restore {batch_id}", publish=False) as writer:
        return give_again(writer, batch_id)
