"""Where the queue is kept: a small Protocol, and the SQLite file that is the default."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from kehu.base.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS job (
  id {number},
  workspace TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL, requester TEXT NOT NULL,
  key TEXT NOT NULL, lane TEXT NOT NULL, state TEXT NOT NULL,
  attempt INTEGER NOT NULL, failures INTEGER NOT NULL,
  run_at TEXT NOT NULL, created_at TEXT NOT NULL, leased_until TEXT, worker TEXT NOT NULL, finished_at TEXT,
  step TEXT NOT NULL, fraction REAL, result TEXT, error TEXT, is_stopping INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS job_key ON job (workspace, key) WHERE key <> '';
CREATE INDEX IF NOT EXISTS job_due ON job (workspace, state, run_at);
CREATE TABLE IF NOT EXISTS schedule (
  workspace TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL, requester TEXT NOT NULL,
  cron TEXT NOT NULL, zone TEXT NOT NULL, catch_up TEXT NOT NULL, created_at TEXT NOT NULL, fired_at TEXT NOT NULL,
  PRIMARY KEY (workspace, name)
);
CREATE TABLE IF NOT EXISTS worker (
  workspace TEXT NOT NULL, name TEXT NOT NULL, seen_at TEXT NOT NULL, memory_mb INTEGER NOT NULL,
  PRIMARY KEY (workspace, name)
);
"""


class Execute(Protocol):
    """Runs one statement with ``?`` placeholders and returns its rows."""

    def __call__(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows; none for a statement that gives none."""


class Store(Protocol):
    """A database of jobs: its transactions, and how waiting jobs are handed out."""

    def transaction(self) -> AbstractContextManager[Execute]:
        """Commit all at the end, or nothing."""

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of one statement that only reads."""

    def announce(self, execute: Execute, job: int, run_at: datetime, workspace: str) -> None:
        """Let workers know of a waiting job, in the transaction that made it wait."""

    def pick(self, execute: Execute, now: datetime, workspace: str) -> int | None:
        """Return a waiting job that is due and whose lane is free, locked for this transaction; None without any."""

    def dismiss(self, execute: Execute, job: int) -> None:
        """Forget that a job waits or runs, in the transaction that changes its state."""

    def close(self) -> None:
        """Give back what the store holds open."""


DUE = """
SELECT id FROM job WHERE workspace = ? AND state = 'waiting' AND run_at <= ? AND (lane = '' OR lane NOT IN (
  SELECT lane FROM job WHERE workspace = ? AND state = 'running'
)) ORDER BY run_at, id LIMIT 1
"""


class SqliteStore:
    """One SQLite file (WAL, every commit synced to disk), safe for several threads and processes.

    Parameters
    ----------
    path : Path
        Usually ``data/jobs.sqlite`` of the project; made when absent, readable by its owner only.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            if not self.rows("SELECT 1 FROM sqlite_master WHERE name = 'worker'"):
                self._connection.executescript(SCHEMA.format(number="INTEGER PRIMARY KEY AUTOINCREMENT"))
        except (sqlite3.Error, OSError) as error:
            raise self._explained(error) from error

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of one statement."""
        try:
            with self._lock:
                return self._connection.execute(sql, tuple(params)).fetchall()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """Hold the file's only write lock; commit at the end, roll back on an error."""
        with self._lock:
            self.rows("BEGIN IMMEDIATE")
            try:
                yield self.rows
                self.rows("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def announce(self, execute: Execute, job: int, run_at: datetime, workspace: str) -> None:
        """Do nothing: workers look into the table."""

    def pick(self, execute: Execute, now: datetime, workspace: str) -> int | None:
        """Return the job that waits longest."""
        rows = execute(DUE, (workspace, now.isoformat(timespec="microseconds"), workspace))
        return rows[0][0] if rows else None

    def dismiss(self, execute: Execute, job: int) -> None:
        """Do nothing: the table says all."""

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _explained(self, error: Exception) -> LakeError:
        fix = "Check the folder's permissions and free space"
        return LakeError(f"the queue of jobs cannot be used: {error}", where=str(self._path), fix=fix)
