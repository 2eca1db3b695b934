"""What the main job costs on this machine: collect, build and score of the whole demo company, then its pages,
the retail tables beside hand-written SQL, and how long the command line takes to answer at all.

Usage: python benchmarks/run.py [FOLDER] (default: a new temporary one, removed afterwards)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import floor
import pages

SECONDS, GIGABYTES, HELP_SECONDS = 90, 2.0, 1.0  # on two cores


def main(folder: Path) -> None:
    """Make the demo in ``folder`` by the command line, print its phases and memory, then time the pages."""
    command = [sys.executable, "-c", "from kehu.cli import main; main()", "demo", "--no-serve", "--json"]
    done = subprocess.run([*command, "--dir", str(folder)], stdout=subprocess.PIPE, check=True)
    report = json.loads(done.stdout)
    steps = {name: seconds for name, seconds in report["seconds"].items() if name in {"collect", "build", "score"}}
    for name, seconds in steps.items():
        print(f"{name:10} {seconds:6.1f} s")
    goal("all", sum(steps.values()), SECONDS, "s")
    goal("memory", report["peak_memory_gb"], GIGABYTES, "GB")
    start = time.monotonic()
    subprocess.run([*command[:3], "--help"], stdout=subprocess.DEVNULL, check=True)
    goal("help", time.monotonic() - start, HELP_SECONDS, "s")
    floor.main(folder)
    pages.main(folder)


def goal(name: str, found: float, most: float, unit: str) -> None:
    """Print one measured number beside its goal."""
    print(f"{name:10} {found:6.1f} {unit}   goal {most:.0f} {unit} {'met' if found <= most else 'MISSED'}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made) / "demo")
