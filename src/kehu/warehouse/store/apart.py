"""What only SQLite itself can do with a SQLite file, done in a process of its own.

Two SQLite libraries in one process drop each other's locks (DuckDB brings its own), so Python's never opens a lake's
catalog here. A child process is one more user of the file, which SQLite is made for.
"""

from __future__ import annotations

import subprocess
import sys
from ast import literal_eval
from typing import TYPE_CHECKING, Any

from kehu.base.errors import LakeError

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 600
WITH_PARENT = """
import ctypes, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL: never work on when the lock is gone with the parent
"""
COPY = """
import sqlite3, sys
source, target = sqlite3.connect(f"file:{sys.argv[1]}?mode=rw", uri=True, timeout=60), sqlite3.connect(sys.argv[2])
source.backup(target)
target.execute("PRAGMA journal_mode = DELETE")
print([target.execute(sql).fetchall() for sql in sys.argv[3:]])  # to import json here would take as long as the copy
target.close()
"""
VACUUM = """
import sqlite3, sys
held = sqlite3.connect(f"file:{sys.argv[1]}?mode=rw", uri=True, timeout=60, isolation_level=None)
free, pages = (held.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
if free * 4 > pages:
    held.execute("VACUUM")
held.execute("PRAGMA wal_checkpoint(TRUNCATE)")
"""
DAMAGE = """
import sqlite3, sys
try:
    held = sqlite3.connect(f"file:{sys.argv[1]}?mode=rw", uri=True, timeout=60)
    found = [row[0] for row in held.execute("PRAGMA integrity_check(5)")]
except sqlite3.DatabaseError as error:
    found = [str(error)]
print("" if found == ["ok"] else "; ".join(found))
"""


def copy(path: Path, target: Path, *questions: str) -> list[list[tuple[Any, ...]]]:
    """Copy a SQLite file as one consistent state, whoever writes to it meanwhile; the copy is one file.

    Returns
    -------
    list
        The rows that each of ``questions``, SQL of SQLite's, finds in the copy.
    """
    answers: list[list[tuple[Any, ...]]] = literal_eval(_run(COPY, path, target, *questions))
    return answers


def vacuum(path: Path) -> None:
    """Give a SQLite file's free pages back (when they are a quarter of it) and fold its write-ahead log in."""
    _run(VACUUM, path)


def damage(path: Path) -> str:
    """Return what SQLite's own integrity check finds wrong with a file; empty when it is sound."""
    return _run(DAMAGE, path)


def _run(code: str, path: Path, *words: Path | str) -> str:
    command = [sys.executable, "-I", "-S", "-c", WITH_PARENT + code, str(path), *map(str, words)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  # own code
    except subprocess.TimeoutExpired as error:
        fix = "End the process that keeps it busy, then try again"
        raise LakeError("the catalog was busy too long", where=str(path), fix=fix) from error
    if done.returncode:
        last = (done.stderr.strip() or f"status {done.returncode}").splitlines()[-1]
        fix = "Check free space and rights; 'kehu doctor' looks for damage"
        raise LakeError(f"SQLite cannot work on it: {last}", where=str(path), fix=fix)
    return done.stdout.strip()
