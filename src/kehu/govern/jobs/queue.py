"""The queue itself: leases, fences, retries and dead letters, the same on every store."""

from __future__ import annotations

import json
from datetime import timedelta
from secrets import SystemRandom
from typing import TYPE_CHECKING, Any, Literal

from kehu.base import clock
from kehu.base.errors import JobError
from kehu.govern.jobs.job import MOST_FAILURES, Job, Order, State, moment, pause, stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from random import Random

    from kehu.base.types import Json
    from kehu.govern.jobs.store import Execute, Store

COLUMNS = (
    "id, workspace, kind, payload, requester, key, lane, state, attempt, failures, run_at, created_at, leased_until,"
    " worker, finished_at, step, fraction, result, error, is_stopping"
)
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)  # how long finished jobs, and the keys of theirs, are remembered
MOST_WAITING = 10_000  # more orders than that are refused
HELD = "WHERE id = ? AND attempt = ? AND state = 'running'"
DIED = {"error": "JobError", "what": "its worker ended without a word", "where": "", "fix": "Look at the worker's log"}


class Jobs:
    """The jobs of one workspace.

    Parameters
    ----------
    store : Store
        Where they are kept.
    workspace : str
        The tenant; jobs of others are neither seen nor run.
    now : callable
        Returns the time in UTC.
    rng : Random, optional
        Spreads retries; the system's when None.

    Notes
    -----
    A job is run at least once and settled once. Whoever leases it gets the number of the attempt; every later word
    about the job must name that number, so that a worker whose lease ended cannot settle what another now runs.
    """

    def __init__(
        self,
        store: Store,
        *,
        workspace: str = "main",
        now: Callable[[], datetime] = clock.now,
        rng: Random | None = None,
    ) -> None:
        self.store, self.workspace, self.now = store, workspace, now
        self._rng = rng or SystemRandom()

    def close(self) -> None:
        """Give back what the store holds open."""
        self.store.close()

    def enqueue(self, order: Order) -> Job:
        """Keep an order durably and return its job; the job that is there when its key was used before.

        Raises
        ------
        JobError
            When 10,000 jobs wait already, or the key was used for other work.
        """
        with self.store.transaction() as execute:
            return self.enqueue_in(execute, order)

    def enqueue_in(self, execute: Execute, order: Order) -> Job:
        """Do what `enqueue` does, inside a transaction of the store."""
        known = self._by_key(execute, order)
        if known is not None:
            return known
        waiting = execute("SELECT count(*) FROM job WHERE workspace = ? AND state = 'waiting'", (self.workspace,))
        if waiting[0][0] >= MOST_WAITING:
            fix = "Start a worker with 'kehu job work', or cancel what is no longer wanted"
            raise JobError(f"{MOST_WAITING:,} jobs wait already", fix=fix)
        now = self.now()
        run_at = order.run_at or now
        payload = json.dumps(order.payload, ensure_ascii=False, sort_keys=True)
        rows = execute(
            "INSERT INTO job (workspace, kind, payload, requester, key, lane, state, attempt, failures, run_at,"
            " created_at, worker, step, is_stopping) VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0, 0, ?, ?, '', '', 0)"
            f" RETURNING {COLUMNS}",
            (self.workspace, order.kind, payload, order.requester, order.key, order.lane, stamp(run_at), stamp(now)),
        )
        job = _job(rows[0])
        self.store.announce(execute, job.id, run_at, self.workspace)
        return job

    def lease(self, worker: str, *, seconds: float = LEASE.total_seconds()) -> Job | None:
        """Start the job that is due, or return None; nobody else gets it while the lease is renewed."""
        sql = "SELECT 1 FROM job WHERE workspace = ? AND state = 'waiting' AND run_at <= ? LIMIT 1"
        if not self.store.rows(sql, (self.workspace, stamp(self.now()))):  # most of the time: without the write lock
            return None
        with self.store.transaction() as execute:
            now = self.now()
            picked = self.store.pick(execute, now, self.workspace)
            if picked is None:
                return None
            rows = execute(
                "UPDATE job SET state = 'running', attempt = attempt + 1, worker = ?, leased_until = ?, step = '',"
                f" fraction = NULL, is_stopping = 0 WHERE id = ? AND state = 'waiting' RETURNING {COLUMNS}",
                (worker, stamp(now + timedelta(seconds=seconds)), picked),
            )
            return _job(rows[0]) if rows else None

    def renew(
        self, job: Job, step: str = "", fraction: float | None = None, *, seconds: float = LEASE.total_seconds()
    ) -> Literal["held", "stop", "lost"]:
        """Lengthen the lease and keep how far the job is; tell whether it is still ours, and wanted."""
        until = stamp(self.now() + timedelta(seconds=seconds))
        with self.store.transaction() as execute:
            rows = execute(
                f"UPDATE job SET leased_until = ?, step = ?, fraction = ? {HELD} RETURNING is_stopping",
                (until, step, fraction, job.id, job.attempt),
            )
        return "lost" if not rows else "stop" if rows[0][0] else "held"

    def complete(self, job: Job, result: Json) -> bool:
        """Settle a job as done; False when the lease was lost, and then nothing is changed."""
        return self._settle(job, "done", "result = ?, error = NULL", (json.dumps(result, ensure_ascii=False),))

    def cancelled(self, job: Job) -> bool:
        """Settle a running job that stopped because somebody cancelled it."""
        return self._settle(job, "cancelled", "is_stopping = 0", ())

    def fail(self, job: Job, error: dict[str, str], *, is_permanent: bool = False) -> bool:
        """Keep why an attempt failed; the job waits for the next one, or is a dead letter after the last."""
        with self.store.transaction() as execute:
            return self._failed(execute, job, error, is_permanent=is_permanent)

    def release(self, job: Job) -> bool:
        """Give a job back unharmed, because its worker stops; it is due at once."""
        with self.store.transaction() as execute:
            return self._wait(execute, job, self.now(), "attempt = attempt", ())

    def reap(self) -> list[Job]:
        """Take back the jobs whose lease ended without a word; return them as they now are."""
        sql = f"SELECT {COLUMNS} FROM job WHERE workspace = ? AND state = 'running' AND leased_until < ?"
        late = [_job(row) for row in self.store.rows(sql, (self.workspace, stamp(self.now())))]
        taken = []
        for job in late:
            with self.store.transaction() as execute:
                again = execute(f"{sql} AND id = ?", (self.workspace, stamp(self.now()), job.id))
                if again and self._failed(execute, job, DIED, is_permanent=False):
                    taken.append(job.id)
        return [self.find(job) for job in taken]

    def forget(self) -> None:
        """Drop the jobs that were done or cancelled more than 30 days ago."""
        sql = "DELETE FROM job WHERE workspace = ? AND state IN ('done', 'cancelled') AND finished_at < ?"
        with self.store.transaction() as execute:
            execute(sql, (self.workspace, stamp(self.now() - KEPT)))

    def retry(self, job: int) -> Job:
        """Let a dead letter or a cancelled job wait again, with all its attempts before it.

        Raises
        ------
        JobError
            When there is no such job, or it waits, runs or is done.
        """
        now = self.now()
        with self.store.transaction() as execute:
            rows = execute(
                "UPDATE job SET state = 'waiting', failures = 0, finished_at = NULL, is_stopping = 0, run_at = ?"
                f" WHERE id = ? AND workspace = ? AND state IN ('dead', 'cancelled') RETURNING {COLUMNS}",
                (stamp(now), job, self.workspace),
            )
            if rows:
                self.store.announce(execute, job, now, self.workspace)
                return _job(rows[0])
        raise JobError(f"job {job} is {self.find(job).state}", fix="Dead letters and cancelled jobs can be retried")

    def cancel(self, job: int) -> Job:
        """Cancel a waiting job or dead letter at once, a running one at its next step.

        Raises
        ------
        JobError
            When there is no such job, or it is settled already.
        """
        with self.store.transaction() as execute:
            gone = execute(
                "UPDATE job SET state = 'cancelled', finished_at = ?"
                f" WHERE id = ? AND workspace = ? AND state IN ('waiting', 'dead') RETURNING {COLUMNS}",
                (stamp(self.now()), job, self.workspace),
            )
            if gone:
                self.store.dismiss(execute, job)
            rows = gone or execute(
                "UPDATE job SET is_stopping = 1 WHERE id = ? AND workspace = ? AND state = 'running'"
                f" RETURNING {COLUMNS}",
                (job, self.workspace),
            )
        if rows:
            return _job(rows[0])
        raise JobError(f"job {job} is {self.find(job).state}", fix="It is settled: there is nothing to cancel")

    def find(self, job: int) -> Job:
        """Return one job.

        Raises
        ------
        JobError
            When there is none of that number.
        """
        rows = self.store.rows(f"SELECT {COLUMNS} FROM job WHERE workspace = ? AND id = ?", (self.workspace, job))
        if not rows:
            raise JobError(f"there is no job {job}", fix="'kehu job list' shows them")
        return _job(rows[0])

    def listed(self, state: State | None = None, *, last: int = 100) -> list[Job]:
        """Return jobs, newest first, of one state or of all."""
        which = "" if state is None else " AND state = ?"
        sql = f"SELECT {COLUMNS} FROM job WHERE workspace = ?{which} ORDER BY id DESC LIMIT ?"
        return [_job(row) for row in self.store.rows(sql, (self.workspace, *([state] * bool(which)), last))]

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state that has any."""
        sql = "SELECT state, count(*) FROM job WHERE workspace = ? GROUP BY state"
        return dict(self.store.rows(sql, (self.workspace,)))

    def _by_key(self, execute: Execute, order: Order) -> Job | None:
        if not order.key:
            return None
        rows = execute(f"SELECT {COLUMNS} FROM job WHERE workspace = ? AND key = ?", (self.workspace, order.key))
        if not rows:
            return None
        known = _job(rows[0])
        if (known.kind, known.payload) != (order.kind, order.payload):
            fix = "Use another key, or the same kind with the same arguments"
            raise JobError(f"key {order.key!r} belongs to job {known.id} ({known.kind})", fix=fix)
        return known

    def _failed(self, execute: Execute, job: Job, error: dict[str, str], *, is_permanent: bool) -> bool:
        failures = job.failures + 1
        kept = (failures, json.dumps(error, ensure_ascii=False))
        if is_permanent or failures >= MOST_FAILURES:
            return self._settle_in(execute, job, "dead", "failures = ?, error = ?", kept)
        run_at = self.now() + pause(failures, self._rng)
        return self._wait(execute, job, run_at, "failures = ?, error = ?", kept)

    def _wait(self, execute: Execute, job: Job, run_at: datetime, sets: str, params: tuple[object, ...]) -> bool:
        if execute(f"SELECT id FROM job {HELD} AND is_stopping = 1", (job.id, job.attempt)):
            return self._settle_in(execute, job, "cancelled", sets, params)
        if not self._settle_in(execute, job, "waiting", sets, params):
            return False
        execute("UPDATE job SET finished_at = NULL, run_at = ? WHERE id = ?", (stamp(run_at), job.id))
        self.store.announce(execute, job.id, run_at, self.workspace)
        return True

    def _settle(self, job: Job, state: State, sets: str, params: tuple[object, ...]) -> bool:
        with self.store.transaction() as execute:
            return self._settle_in(execute, job, state, sets, params)

    def _settle_in(self, execute: Execute, job: Job, state: State, sets: str, params: tuple[object, ...]) -> bool:
        rows = execute(
            f"UPDATE job SET state = ?, leased_until = NULL, finished_at = ?, {sets} {HELD} RETURNING id",
            (state, stamp(self.now()), *params, job.id, job.attempt),
        )
        if rows:
            self.store.dismiss(execute, job.id)
        return bool(rows)


def _job(row: tuple[Any, ...]) -> Job:
    values = dict(zip(COLUMNS.split(", "), row, strict=True))
    for name in ("payload", "result", "error"):
        values[name] = json.loads(values[name]) if values[name] else None
    for name in ("run_at", "created_at", "leased_until", "finished_at"):
        values[name] = moment(values[name])
    return Job(**{**values, "is_stopping": bool(values["is_stopping"])})
