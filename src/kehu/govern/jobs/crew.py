"""Which workers live: each reports itself now and then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kehu.govern.jobs.job import stamp

if TYPE_CHECKING:
    from kehu.govern.jobs.queue import Jobs

LATELY = timedelta(seconds=60)
PUT = """
INSERT INTO worker (workspace, name, seen_at, memory_mb) VALUES (?, ?, ?, ?)
ON CONFLICT (workspace, name) DO UPDATE SET seen_at = excluded.seen_at, memory_mb = excluded.memory_mb
"""


@dataclass(frozen=True)
class Seen:
    """A worker as it last reported itself: its name, the time in UTC, and its resident memory."""

    name: str
    seen_at: datetime
    memory_mb: int


class Crew:
    """The workers of one workspace.

    Parameters
    ----------
    jobs : Jobs
        The queue they work for.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def report(self, worker: str, memory_mb: int) -> None:
        """Keep that a worker lives, and what memory it holds."""
        jobs = self._jobs
        with jobs.store.transaction() as execute:
            execute(PUT, (jobs.workspace, worker, stamp(jobs.now()), memory_mb))

    def leave(self, worker: str) -> None:
        """Forget a worker that ends, and those that ended without a word a day ago."""
        jobs = self._jobs
        sql = "DELETE FROM worker WHERE workspace = ? AND (name = ? OR seen_at < ?)"
        with jobs.store.transaction() as execute:
            execute(sql, (jobs.workspace, worker, stamp(jobs.now() - timedelta(days=1))))

    def seen(self) -> list[Seen]:
        """Return the workers that reported in the last minute."""
        jobs = self._jobs
        sql = "SELECT name, seen_at, memory_mb FROM worker WHERE workspace = ? AND seen_at >= ? ORDER BY name"
        rows = jobs.store.rows(sql, (jobs.workspace, stamp(jobs.now() - LATELY)))
        return [Seen(name, datetime.fromisoformat(at), memory) for name, at, memory in rows]
