"""How much memory this process holds, and how much of the machine's it may take."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

STATUS = Path("/proc/self/statm")
GROUP = Path("/sys/fs/cgroup/memory.max")  # a container's limit (control groups, version 2)
LEAST_MB, MOST_MB = 1000, 2500  # of DuckDB; a process takes more: with 2500 a million persons took 7 GB


def resident_mb() -> int:
    """Return the resident memory of this process in MB; its peak where the system tells no more."""
    if STATUS.exists():
        pages = int(STATUS.read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() // 10**6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000


def share(group: Path = GROUP) -> str:
    """Return a quarter of what the machine, or this process's control group, has: from 1000MB to 2500MB.

    Parameters
    ----------
    group : Path
        Says the group's limit in bytes, or ``max``.
    """
    has = os.sysconf("SC_PHYS_PAGES") * resource.getpagesize()
    limit = group.read_text(encoding="ascii").strip() if group.is_file() else ""
    if limit.isdigit():
        has = min(has, int(limit))
    return f"{min(max(has // 4 // 10**6, LEAST_MB), MOST_MB)}MB"


def give_back() -> None:
    """Give the system back what this process no longer uses; C's and Arrow's allocators keep it for later.

    After comparing two million records more than a gigabyte, which whatever follows then need not find elsewhere.
    """
    if arrow := sys.modules.get("pyarrow"):
        arrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):  # glibc's word for it; other C libraries have none
        ctypes.CDLL(None).malloc_trim(0)
