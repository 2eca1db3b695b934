"""Taking a landed batch back, and giving it again: its rows stay in the raw table and stop (or start) to count."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kehu.base.errors import SourceError, did_you_mean
from kehu.collect.ledger import Batch, batches_of, change, open_ledgers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kehu.warehouse.session.writer import Writer


@dataclass(frozen=True)
class Reverted:
    """What a revert or a restore did.

    Attributes
    ----------
    batch : Batch
        As the ledger has it now.
    changed : bool
        False when it was so already; nothing was written then.
    current : str or None
        The batch of the same file whose rows count now, if any.
    former : str or None
        The batch of the same file whose rows counted before, if any.
    """

    batch: Batch
    changed: bool
    current: str | None
    former: str | None


def revert(writer: Writer, batch_id: str, *, at: datetime) -> Reverted:
    """Take a batch back: its rows no longer count, and those of the batch before it of the same file count again.

    A batch before it that was reverted itself is passed over. Reverting a batch that was replaced already changes no
    row that counts: the one before it is then replaced by the one after it. The content does not land again until it
    is restored, under whatever name, unless the mapping reads it in another way.

    Parameters
    ----------
    writer : Writer
        The open transaction.
    batch_id : str
        As ``kehu import list`` shows it.
    at : datetime
        When, naive UTC.

    Raises
    ------
    SourceError
        When there is no such batch: names the ones that are written alike.
    """
    return _turned(writer, batch_id, at)


def restore(writer: Writer, batch_id: str) -> Reverted:
    """Undo `revert`: the ledger stands as if the batch had never been reverted; arguments and errors as there."""
    return _turned(writer, batch_id, None)


def mended(batches: Iterable[Batch]) -> list[Batch]:
    """Return the batches of one file, in the order they landed, each replaced by the next one that stands.

    A reverted batch is replaced by none. So the current batch is the newest that nobody reverted, and reverting and
    restoring in any order leads to what the reverted ones alone decide.
    """
    chain: list[Batch] = []
    after: str | None = None
    for batch in reversed(list(batches)):
        if batch.reverted_at is not None:
            chain.append(replace(batch, replaced_by=None))
        else:
            chain.append(replace(batch, replaced_by=after))
            after = batch.batch_id
    return chain[::-1]


def _turned(writer: Writer, batch_id: str, reverted_at: datetime | None) -> Reverted:
    open_ledgers(writer)
    before = {batch.batch_id: batch for batch in batches_of(writer)}
    if batch_id not in before:
        raise _unknown(batch_id, before)
    batch = before[batch_id]
    chain = [one for one in before.values() if _file(one) == _file(batch)]
    if (batch.reverted_at is None) == (reverted_at is None):
        return Reverted(batch, False, _current(chain), _current(chain))
    turned = mended(replace(one, reverted_at=reverted_at) if one is batch else one for one in chain)
    for one in turned:
        if one != before[one.batch_id]:
            change(writer, one)
    done = next(one for one in turned if one.batch_id == batch_id)
    return Reverted(done, True, _current(turned), _current(chain))


def _file(batch: Batch) -> tuple[str, str, str]:
    return batch.source, batch.stream, batch.file


def _current(chain: Iterable[Batch]) -> str | None:
    return next((batch.batch_id for batch in chain if batch.is_current), None)


def _unknown(batch_id: str, known: Iterable[str]) -> SourceError:
    alike = [key for key in known if batch_id and key.startswith(batch_id[:8])][:5]
    hint = f"Did you mean {' or '.join(alike)}?" if alike else did_you_mean(batch_id, known)
    return SourceError(f"there is no batch {batch_id!r}", fix=hint or "'kehu import list' shows those that were landed")
