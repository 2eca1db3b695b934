"""Runs one command from a small process and tells what it cost.

Linux counts for a command the peak memory of the process that started it, up to the moment the command's program took
its place: started by a suite that has sorted 100 million lines in DuckDB, ``true`` has taken 1.6 GB.

Usage: python -I -S benchmarks/spawn.py DESCRIPTOR COMMAND... (the cost is written to the descriptor as JSON)
"""

import json
import os
import sys
import time


def main() -> None:
    """Run the command to its end."""
    report = int(sys.argv[1])
    os.set_inheritable(report, False)
    started = time.monotonic()
    child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
    _, status, used = os.wait4(child, 0)
    found = {
        "seconds": time.monotonic() - started,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "memory_mb": used.ru_maxrss / 1024,
        "status": os.waitstatus_to_exitcode(status),
    }
    os.write(report, json.dumps(found).encode())


if __name__ == "__main__":
    main()
