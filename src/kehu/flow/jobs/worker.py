"""The worker: takes due jobs one by one, keeps their leases alive, and settles them."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.base.errors import AccessError, JobError, KehuError, MappingError, QueryError, SettingsError
from kehu.base.memory import resident_mb
from kehu.flow.jobs.halt import HaltError, Hand
from kehu.govern.jobs.crew import Crew
from kehu.govern.jobs.schedule import Schedules

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.base.progress import Progress
    from kehu.base.types import Json
    from kehu.govern.jobs.job import Job
    from kehu.govern.jobs.queue import Jobs

    Perform = Callable[[Job, Progress], Json]
    Told = Callable[[Job, str, str], None]

log = logging.getLogger("kehu.job")
PERMANENT = (AccessError, JobError, MappingError, QueryError, SettingsError)  # trying again cannot mend these
HOUR = 3600.0  # seconds between two looks for jobs that can be forgotten


@dataclass(frozen=True)
class Pace:
    """How often a worker looks, in seconds.

    Attributes
    ----------
    poll : float
        Between looks into the queue while there is nothing to do.
    beat : float
        Between two renewals of a lease.
    lease : float
        How long a lease lasts.
    grace : float
        How long a job may take to come to its next step once the worker is asked to stop.
    """

    poll: float = 1.0
    beat: float = 5.0
    lease: float = 60.0
    grace: float = 20.0


class Worker:
    """Does the jobs of one queue until it is told to stop.

    Parameters
    ----------
    jobs : Jobs
        The queue.
    perform : callable
        Does one job and returns what it gave; told where to report its steps, where it may be halted.
    told : callable
        Hears (job, outcome, kind of error) of every attempt that ended, and of what schedules ordered.
    parent : int
        The process whose end ends the worker too; 0 for none.
    pace : Pace
        How often it looks.
    """

    def __init__(
        self,
        jobs: Jobs,
        perform: Perform,
        told: Told,
        *,
        parent: int = 0,
        pace: Pace | None = None,
    ) -> None:
        self._jobs, self._perform, self._told = jobs, perform, told
        self._parent, self._pace = parent, pace or Pace()
        self._crew = Crew(jobs)
        self._reported, self._swept = -self._pace.beat, -HOUR
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.stop = threading.Event()
        self.is_stuck = False

    def work(self, *, once: bool = False, fresh: bool = False) -> list[tuple[int, str]]:
        """Do what is due; return the jobs that were attempted, each with its outcome.

        Parameters
        ----------
        once : bool
            End when nothing more is due.
        fresh : bool
            End when nothing more is due after at least one job, so that a fresh process can follow.
        """
        ended: list[tuple[int, str]] = []
        try:
            while not self._is_over():
                self._look()
                job = self._jobs.lease(self.name, seconds=self._pace.lease)
                if job is not None:
                    ended.append((job.id, self._attempt(job)))
                elif once or (fresh and ended):
                    break
                else:
                    self.stop.wait(self._pace.poll)
        finally:
            self._crew.leave(self.name)
        return ended

    def close(self) -> None:
        """Give back what the queue holds open."""
        self._jobs.close()

    def _is_over(self) -> bool:
        if self._parent and os.getppid() != self._parent:
            self.stop.set()
        return self.stop.is_set()

    def _look(self) -> None:
        """Take back what dead workers held, order what schedules want, report being alive."""
        for lost in self._jobs.reap():
            log.warning("job taken back", extra={"job": lost.id, "kind": lost.kind, "state": lost.state})
            if lost.state == "dead":
                self._told(lost, "dead", JobError.__name__)
        try:
            for fired in Schedules(self._jobs).fire():
                log.info("job ordered by schedule", extra={"job": fired.id, "kind": fired.kind})
                self._told(fired, "ordered", "")
        except JobError as error:  # a full queue must not stop the one who empties it
            log.error("schedule not followed", extra={"reason": type(error).__name__})  # noqa: TRY400  # no trace wanted
        if time.monotonic() - self._reported >= self._pace.beat:
            self._reported = time.monotonic()
            self._crew.report(self.name, resident_mb())
        if time.monotonic() - self._swept >= HOUR:
            self._swept = time.monotonic()
            self._jobs.forget()

    def _attempt(self, job: Job) -> str:
        began = time.monotonic()
        about = {"job": job.id, "kind": job.kind, "attempt": job.attempt}
        log.info("job started", extra=about)
        hand = Hand(lambda progress: self._perform(job, progress))
        hand.start()
        while not hand.wait(self._pace.beat, self.stop):
            if self._is_over():
                self._wind_up(hand)
                break
            held = self._jobs.renew(job, hand.step, hand.fraction, seconds=self._pace.lease)
            self._crew.report(self.name, resident_mb())
            if held != "held":
                hand.halt()
        outcome, reason = self._settle(job, hand)
        ms = round((time.monotonic() - began) * 1000)
        log.info("job ended", extra={**about, "state": outcome, "reason": reason, "ms": ms})
        if outcome != "lost":
            self._told(job, outcome, reason)
        return outcome

    def _wind_up(self, hand: Hand) -> None:
        hand.halt()
        if not hand.wait(self._pace.grace):
            self.is_stuck = True

    def _settle(self, job: Job, hand: Hand) -> tuple[str, str]:
        """Tell the queue how the attempt ended; ("lost", ...) when the job is another worker's by now."""
        error = hand.error
        if hand.is_running or (isinstance(error, HaltError) and self.stop.is_set()):
            return ("released" if self._jobs.release(job) else "lost"), ""
        if isinstance(error, HaltError):
            return ("cancelled" if self._jobs.cancelled(job) else "lost"), ""
        if error is None:
            return ("done" if self._jobs.complete(job, hand.result) else "lost"), ""
        kind = type(error).__name__
        if not self._jobs.fail(job, _document(error), is_permanent=isinstance(error, PERMANENT)):
            return "lost", kind
        return self._jobs.find(job.id).state, kind


def _document(error: BaseException) -> dict[str, str]:
    if isinstance(error, KehuError):
        return error.as_dict()
    return {"error": type(error).__name__, "what": "the work broke off", "where": "", "fix": "Look at the worker's log"}
