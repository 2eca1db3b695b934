"""The demo company by the command line: collect, build and score of six real-looking systems, then its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pages
from measure import KEHU, Cost, cost

if TYPE_CHECKING:
    from suite import Bench

SECONDS, GIGABYTES, HELP_SECONDS = 90, 2.0, 1.0  # on two quiet cores


def measure(bench: Bench) -> None:
    """Make the demo in the bench's folder, keep its phases and memory, then time its pages over HTTP."""
    from suite import goal

    folder = bench.folder / "demo"
    found = cost([*KEHU, "demo", "--no-serve", "--json", "--dir", str(folder)])
    steps = {name: found.answer["seconds"][name] for name in ("collect", "build", "score")}
    work = Cost(sum(steps.values()), found.cpu_seconds, found.memory_mb, load=found.load)
    goals = [goal("seconds", work.seconds, SECONDS), goal("memory", found.memory_mb / 1024, GIGABYTES, " GB")]
    bench.keep("demo: collect, build and score", work, goals=goals, phases=steps)
    asked = cost([*KEHU, "--help"])
    bench.keep("kehu --help", asked, goals=[goal("seconds", asked.seconds, HELP_SECONDS)])
    for name, (p50, p95) in pages.measure(folder).items():
        shown = Cost(p95, 0.0, 0.0)
        bench.keep(
            f"demo: page {name} over HTTP, p95", shown, goals=[goal("p95", p95, pages.GOALS[name], " s")], p50=p50
        )
