"""What all actors of one open workspace share: the lake's readers, remembered answers, limits, and the slow log."""

from __future__ import annotations

import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from kehu.base.clock import now
from kehu.base.errors import KehuError, LakeError
from kehu.base.settings import Settings, size
from kehu.govern.answers import Answers
from kehu.govern.compiled import REMEMBERED, Compiler
from kehu.govern.redact import redacted
from kehu.govern.redact import subject as kept_subject
from kehu.govern.slow import Slow, SlowLog, outline
from kehu.warehouse.session.roof import roof

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from kehu.base.types import Result
    from kehu.govern.access import Access
    from kehu.govern.audit import Audit
    from kehu.govern.policy_file import PolicyFile
    from kehu.warehouse.lake import Lake, Reader, Snapshot

T = TypeVar("T")
SLACK = 512 << 20  # bytes of address space for stacks and arenas of DuckDB's threads


@dataclass(frozen=True)
class Question:
    """Compiled SQL for one actor.

    Attributes
    ----------
    reader : Reader
        Of the snapshot asked.
    sql, params : str, sequence
        As compiled under the policy; values of its placeholders.
    access : Access
        Who asks.
    action, subject : str
        For what, as the audit says it.
    is_typed : bool
        True for SQL that a person typed.
    """

    reader: Reader
    sql: str
    params: Sequence[object]
    access: Access
    action: str
    subject: str = ""
    is_typed: bool = False


@dataclass
class Serving:
    """Runs compiled SQL for everyone; safe for several threads."""

    lake: Lake
    audit: Audit
    policy: PolicyFile
    settings: Settings
    compiler: Compiler = field(default_factory=Compiler)
    words: set[str] = field(default_factory=set)  # names of tables and columns, which logs may show
    texts: dict[str, str] = field(default_factory=dict)  # SQL as logs show it
    is_patient: bool = False  # whether this is a server, where no page waits for a snapshot to be opened

    def __post_init__(self) -> None:
        self.answers = Answers(size(self.settings.answer_memory))
        self.slow = SlowLog(self.settings.lake)

    def logged(self, sql: str) -> str:
        """Return SQL without the values in it."""
        texts = self.texts  # replaced whole, never changed: threads share it
        if sql not in texts:
            kept = texts if len(texts) < REMEMBERED else {}
            self.texts = texts = {**kept, sql: redacted(sql, self.audit.fingerprint, self.words)}
        return texts[sql]

    def newest(self, access: Access) -> Snapshot | None:
        """Return the newest published snapshot; for pages, the former one while that is opened."""
        return self.lake.snapshot(patient=self.is_patient and not access.is_system)

    def reader(self, at: int | None, access: Access) -> Reader:
        """Return the reader of a published snapshot (default: the newest, see `newest`).

        Raises
        ------
        LakeError
            When there is no such snapshot.
        """
        if at is not None and all(held.id != at or not held.is_published for held in self.lake.snapshots()):
            fix = "'kehu status' lists the snapshots that can be asked"
            raise LakeError(f"there is no published snapshot {at}", where=str(self.lake.folder), fix=fix)
        newest = self.newest(access) if at is None else None
        return self.lake.reader(newest.id if newest else at)

    def rows(self, asked: Question) -> Result:
        """Return the rows: remembered, or asked within the limits."""
        policy = "" if asked.access.is_system else self.policy.policy().digest
        key = (asked.reader.snapshot, policy, asked.sql)

        def run(seconds: float | None) -> Result:
            return asked.reader.execute(asked.sql, asked.params, seconds=seconds)

        return self.answers.get(key, asked.params, lambda: self._timed(asked, run, lambda result: len(result.rows)))

    def arrow(self, asked: Question) -> pa.Table:
        """Return the rows as an Arrow table, within the limits; never remembered."""

        def run(seconds: float | None) -> pa.Table:
            return asked.reader.arrow(asked.sql, asked.params, seconds=seconds)

        return self._timed(asked, run, lambda table: int(table.num_rows))

    def _timed(self, asked: Question, run: Callable[[float | None], T], rows: Callable[[T], int]) -> T:
        seconds = None if asked.access.is_system else self.settings.read_seconds
        held: AbstractContextManager[None] = nullcontext()
        if asked.is_typed:
            seconds, room = self.settings.query_seconds, size(self.settings.memory_limit)
            held = roof(room + size(self.settings.query_memory) + SLACK)
        started = time.monotonic()
        try:
            with held:
                found = run(seconds)
        except KehuError as error:
            self._note(asked, time.monotonic() - started, type(error).__name__, -1)
            raise
        self._note(asked, time.monotonic() - started, "ok", rows(found))
        return found

    def _note(self, asked: Question, took: float, outcome: str, count: int) -> None:
        if took < self.settings.slow_query_seconds:
            return
        plan: list[str] = []
        with suppress(KehuError, ValueError):  # a request that was cancelled asks no more
            plan = outline(asked.reader.plan(asked.sql, asked.params), self.words)
        about = kept_subject(asked.subject, self.audit.fingerprint)
        roles, at = " ".join(sorted(asked.access.roles)), now().isoformat(timespec="milliseconds")
        shown = self.logged(asked.sql)
        line = Slow(
            at, round(took, 3), outcome, asked.action, about, roles, asked.reader.snapshot, count, shown, plan
        )  # fmt: skip
        self.slow.add(line)
