"""How much memory this process holds."""

from __future__ import annotations

import resource
from pathlib import Path

STATUS = Path("/proc/self/statm")


def resident_mb() -> int:
    """Return the resident memory of this process in MB; its peak where the system tells no more."""
    if STATUS.exists():
        pages = int(STATUS.read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() // 10**6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
