"""One writer at a time: an advisory lock on a file that names who holds it."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kehu.base import clock
from kehu.base.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def exclusive(path: Path, job: str, seconds: float) -> Iterator[None]:
    """Hold the lock file ``path`` while the block runs; the system frees it when the process dies.

    Raises
    ------
    LakeError
        When another process or thread still holds it after ``seconds``; it names that holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _acquire(file.fileno(), path, time.monotonic() + seconds)
        file.truncate(0)
        file.write(f"process {os.getpid()} since {clock.now():%Y-%m-%d %H:%M:%S} UTC: {job}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def holder(path: Path) -> str:
    """Return who holds the lock file ``path``, empty when nobody does; asking holds nobody up."""
    try:
        with path.open("r", encoding="utf-8") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return ""
    except BlockingIOError:
        return path.read_text(encoding="utf-8") or "another process"
    return ""


def _acquire(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = path.read_text(encoding="utf-8") or "another process"
                fix = "Wait for that job to end, then try again"
                raise LakeError(f"the lake is being written by {holder}", where=str(path), fix=fix) from None
            time.sleep(0.05)
        else:
            return
