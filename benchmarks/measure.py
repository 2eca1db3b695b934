"""What a command costs: seconds, CPU seconds, peak memory of the process and its children, bytes it leaves on disk.

Every scenario runs in a process of its own, so that nothing is warm and the memory is the scenario's own.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).resolve().parent
KEHU = (sys.executable, "-c", "from kehu.cli import main; main()")
TOOLS = str(HERE.parent / ".venv-bench" / "bin" / "python")  # what the comparison needs, apart from Kehu's own


@dataclass(frozen=True)
class Cost:
    """What one run of a command cost.

    Attributes
    ----------
    seconds, cpu_seconds : float
        By the clock on the wall, and user plus system time.
    memory_mb : float
        Peak resident memory: of the process, or of all its family at one time where that was seen to be more.
    answer : Any
        The JSON document it printed, or None.
    load : float
        The machine's load average when it ended: above the number of cores, seconds say little.
    """

    seconds: float
    cpu_seconds: float
    memory_mb: float
    answer: Any = None
    load: float = 0.0

    def as_dict(self) -> dict[str, float]:
        """Return the numbers alone."""
        return {name: round(value, 3) for name, value in asdict(self).items() if name != "answer"}


def cost(command: Sequence[str | Path], *, folder: Path | None = None, env: dict[str, str] | None = None) -> Cost:
    """Run a command to its end and return what it cost; a failed one ends the suite with its own words."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", str(HERE / "spawn.py"), str(writing), *map(str, command)],
            stdout=out, stderr=err, cwd=folder, start_new_session=True, env={**os.environ, **(env or {})},
            pass_fds=(writing,),
        )  # fmt: skip
        os.close(writing)
        with _Session(child.pid) as family, os.fdopen(reading, "rb") as report:
            used = _json(report.read().decode()) or {"status": "unknown"}
            child.wait()
        out.seek(0)
        said = out.read().decode()
        if used["status"] != 0:
            err.seek(0)
            shown = " ".join(map(str, command))
            raise SystemExit(
                f"{shown}\nended with status {used['status']}:\n{err.read().decode()[-3000:]}{said[-500:]}"
            )
    cpu, memory = max(used["cpu_seconds"], family.cpu_seconds), max(used["memory_mb"], family.memory_mb)
    return Cost(used["seconds"], cpu, memory, _json(said), os.getloadavg()[0])


def median(run: Callable[[int], Cost], times: int) -> Cost:
    """Return the run of the median seconds out of several; each is told its number."""
    costs = sorted((run(number) for number in range(times)), key=lambda one: one.seconds)
    middle = statistics.median_low([one.seconds for one in costs])
    return next(one for one in costs if one.seconds == middle)


def script(name: str, *arguments: str | Path, python: str = sys.executable) -> list[str]:
    """Return the command that runs one file of this folder."""
    return [python, str(HERE / name), *map(str, arguments)]


def disk_mb(folder: Path) -> float:
    """Return the size of all files below a folder; those that vanish meanwhile, and folders, count as gone."""
    total = 0
    for place, _, files in os.walk(folder):
        for file in files:
            with suppress(OSError):
                total += os.lstat(f"{place}/{file}").st_size
    return total / 2**20


class _Session:
    """Adds up memory and CPU time of a process and its family four times a second: Spark's work is its child's."""

    def __init__(self, session: int) -> None:
        self.memory_mb = self.cpu_seconds = 0.0
        self._session, self._done = session, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Session:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        page, tick = os.sysconf("SC_PAGE_SIZE") / 2**20, os.sysconf("SC_CLK_TCK")
        while not self._done.wait(0.25):
            # /proc/PID/stat behind the name: session is field 4, user and system ticks 12 and 13, resident pages 22
            family = [fields for pid, fields in _stats() if fields[3] == str(self._session) != pid]
            self.memory_mb = max(self.memory_mb, sum(int(fields[21]) for fields in family) * page)
            cpu = sum(int(fields[11]) + int(fields[12]) for fields in family) / tick
            self.cpu_seconds = max(self.cpu_seconds, cpu)


def _stats() -> list[tuple[str, list[str]]]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found.append((path.parent.name, path.read_text().rpartition(")")[2].split()))
        except OSError:  # it ended meanwhile
            continue
    return found


class DiskPeak:
    """Looks at a folder's size every two seconds while the block runs, and keeps the largest."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mb = folder, 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> DiskPeak:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(2):
            self.mb = max(self.mb, disk_mb(self.folder))


def require_disk(folder: Path, needed_gb: float) -> None:
    """End the suite before it starts when the disk has less free space than a run takes at its peak."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < needed_gb:
        raise SystemExit(f"{folder} has {free:.0f} GB free; a run of this size takes up to {needed_gb:.0f} GB")


def machine() -> dict[str, str]:
    """Return what the numbers were measured on, and which code."""
    root = HERE.parent
    commit = subprocess.run(["git", "-C", str(root), "rev-parse", "--short", "HEAD"], capture_output=True, check=False)
    changed = subprocess.run(
        ["git", "-C", str(root), "status", "--porcelain", "src"], capture_output=True, check=False
    ).stdout.strip()
    model = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = [int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")]
    return {
        "commit": commit.stdout.decode().strip() + (" with uncommitted changes" if changed else ""),
        "cpu": f"{os.cpu_count()} x {model[0] if model else 'unknown'}",
        "memory": f"{memory[0] / 2**20:.0f} GB" if memory else "unknown",
        "python": sys.version.split()[0],
        "load": f"{os.getloadavg()[0]:.1f} at the start",
    }


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def _json(text: str) -> Any:  # noqa: ANN401  # a command's own document
    try:
        return json.loads(text)
    except ValueError:
        return None
