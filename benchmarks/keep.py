"""What a first backup costs, and the one after little has changed: by the command, its start included."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import generate
from measure import Cost, disk_mb, median
from suite import TEN_MILLION, Bench, goal

if TYPE_CHECKING:
    from pathlib import Path


def backup(bench: Bench, project: Path, raw: Path) -> None:
    """Back the project up, change 1 % of its customers, back it up again; each as often as is asked."""
    kept, place = bench.folder / "backups-kept", bench.folder / "backups"

    def create(_: int, before: Path | None = None) -> Cost:
        shutil.rmtree(place, ignore_errors=True)
        if before:
            shutil.copytree(before, place, copy_function=os.link)
        return bench.kehu(project, "backup", "create", str(place))

    first = median(create, bench.repeats)
    shutil.rmtree(kept, ignore_errors=True)
    place.rename(kept)
    made = generate.increment(raw, "new-backup", share=0.01)
    for word in ("collect", "build"):
        bench.kehu(project, word)
    second = median(lambda number: create(number, kept), bench.repeats)
    share, judged = 100 * second.seconds / first.seconds, bench.lines >= TEN_MILLION
    cpu = f"share of the first's CPU: {100 * second.cpu_seconds / first.cpu_seconds:.3g}%"
    bench.keep("backup, the first", first, disk_mb=disk_mb(kept))
    bench.keep("backup, 1 % of the customers changed", second, rows=made,
               goals=[goal("share of the first", share, 10, " %", judged=judged), cpu])  # fmt: skip
    for folder in (kept, place):
        shutil.rmtree(folder)
