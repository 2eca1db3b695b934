"""A roof over the memory that typed SQL may take: what one expression allocates, DuckDB's own limit does not see."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUS = Path("/proc/self/statm")
_LOCK = Lock()
_UNDER: list[int] = []  # roofs of the queries that run now
_BEFORE: list[tuple[int, int]] = []  # the process's own limit while there is one


@contextmanager
def roof(room: int) -> Iterator[None]:
    """Let this process take at most ``room`` more bytes of address space while the block runs.

    DuckDB counts what operators keep, not what a function makes of one value: ``repeat(repeat(...))`` takes gigabytes
    between two looks at its limit. Under the roof the system refuses the allocation, DuckDB reports "out of memory",
    the query ends, and its memory is free again; the connection goes on. Where several run at once the highest of
    their roofs holds for all. Where the system tells no address space (not Linux) there is no roof.

    Parameters
    ----------
    room : int
        Bytes, threads' stacks and buffers included.
    """
    if not STATUS.exists():
        yield
        return
    top = _taken() + room
    with _LOCK:
        if not _UNDER:
            _BEFORE[:] = [resource.getrlimit(resource.RLIMIT_AS)]
        _UNDER.append(top)
        _set(max(_UNDER))
    try:
        yield
    finally:
        with _LOCK:
            _UNDER.remove(top)
            _set(max(_UNDER) if _UNDER else _BEFORE[0][0])


def _taken() -> int:
    return int(STATUS.read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def _set(top: int) -> None:
    soft, hard = _BEFORE[0]
    bounds = [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY]
    wanted = min([top, *bounds]) if top != resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
