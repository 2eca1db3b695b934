"""The control store: who may do what, and the record of who did."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kehu.base.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS actor (
  name TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  email TEXT NOT NULL DEFAULT '',
  roles TEXT NOT NULL,
  locale TEXT NOT NULL DEFAULT 'en',
  created_at TEXT NOT NULL,
  disabled_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  body TEXT NOT NULL,
  mac TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS waiting_decision (
  seq INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  decision_id TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
"""
PAGES_KB = 256  # of the file kept in memory; by default 2 MB, which the audit log fills with lines nobody reads again


class Control:
    """One SQLite file (WAL), safe for several threads and processes.

    Parameters
    ----------
    path : Path
        Usually ``data/control.sqlite`` of the project; made when absent, readable by its owner only.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                path, timeout=10, isolation_level=None, check_same_thread=False, cached_statements=64
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(f"PRAGMA cache_size = -{PAGES_KB}")
            self._connection.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            fix = "Check the folder's permissions and free space"
            raise LakeError(f"the control store cannot be opened: {error}", where=str(path), fix=fix) from error

    def rows(self, sql: str, params: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of one statement."""
        with self._lock:
            return self._connection.execute(sql, params).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the store's only write lock; commit at the end, roll back on an error."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
