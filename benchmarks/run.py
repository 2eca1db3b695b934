"""What Kehu costs on this machine, beside the least it could cost and beside what else one would use.

Usage: make bench [ARGS="--lines 10000000 --repeats 3 ..."], or python benchmarks/run.py --help
Writes what it measured to benchmarks/results.json, and RESULTS.md with its picture from all sizes measured so far.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import company
import compare
import generate
import keep
import report
import suite
from measure import TOOLS, DiskPeak, machine, require_disk

LINES = ("collect", "csv", "build", "increments", "score", "reading", "others", "backup")
SCENARIOS = (*LINES, "identity", "customers", "demo")
BYTES_PER_LINE = 250  # at the peak: raw files, the lake with its former state, the floor's output, spilled sorts


def main() -> None:
    """Run the scenarios asked for."""
    given = options()
    place = tempfile.TemporaryDirectory() if given.folder is None else None
    folder = Path(place.name) if place else given.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    require_disk(folder, max(3.0, given.lines * BYTES_PER_LINE / 1e9, given.customers * 1500 / 1e9))
    memory = given.memory or ("500MB" if given.lines <= 10_000_000 and given.customers <= 1_000_000 else "2500MB")
    bench = suite.Bench(folder, given.lines, given.repeats, memory, given.threads)
    about = {**machine(), "memory_limit": memory, "threads": given.threads, "repeats": given.repeats}
    with DiskPeak(folder) as disk:
        bench.after = lambda row: report.keep([row], about, lines=given.lines)
        run(bench, given)
    print(f"peak disk {disk.mb / 1024:.1f} GB, goal <= 25 GB")
    report.keep(bench.rows, {**about, "peak_disk_gb": round(disk.mb / 1024, 2)}, lines=given.lines)
    if place:
        place.cleanup()


def run(bench: suite.Bench, given: argparse.Namespace) -> None:
    """Run each scenario wanted, in the order in which one needs the other."""
    wanted = set(given.only or SCENARIOS)
    if wanted & set(LINES):
        lines(bench, given, wanted)
    if "identity" in wanted:
        suite.identity(bench, given.people)
    if "customers" in wanted:
        suite.many_customers(bench, given.customers)
    if "demo" in wanted:
        company.measure(bench)


def lines(bench: suite.Bench, given: argparse.Namespace, wanted: set[str]) -> None:
    """Run the scenarios on order lines."""
    raw = bench.folder / f"raw-{given.lines}"
    if not (raw / "made.txt").is_file() or ("csv" in wanted and not (raw / "csv").is_dir()):
        generate.write(raw, lines=given.lines, csv="csv" in wanted)
    made = int(dict(word.split("=") for word in (raw / "made.txt").read_text().split())["lines"])
    project = suite.collect(bench, raw, made, "lines")
    if "csv" in wanted:
        suite.collect(bench, raw, made, "csv")
    if not wanted & set(LINES[2:]):
        return
    full = suite.build(bench, project, raw, made)
    tools = tuple(compare.TOOLS) if Path(TOOLS).is_file() else ()
    steps = {
        "others": lambda: suite.others(bench, raw, tools),
        "reading": lambda: suite.reading(bench, project, f"{made:,} lines", judged=made >= 10 * suite.TEN_MILLION),
        "increments": lambda: suite.increments(bench, project, raw, full, prove=not given.trust),
        "backup": lambda: keep.backup(bench, project, raw),
        "score": lambda: suite.score(bench, project),
    }
    for name, step in steps.items():
        if name in wanted:
            step()


def options() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description="What Kehu costs on this machine.")
    parser.add_argument("--lines", type=int, default=1_000_000, help="order lines (default 1 million)")
    parser.add_argument("--people", type=int, default=20_000, help="persons of the identity scenario")
    parser.add_argument("--customers", type=int, default=100_000, help="customers of the counting scenario")
    parser.add_argument("--folder", type=Path, help="where to work, kept afterwards; default a temporary folder")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each command; the median counts")
    parser.add_argument("--memory", default="", help="Kehu's memory_limit and the floor's (500MB; 2500MB for big sets)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--trust", action="store_true", help="no full build after the increments to compare with")
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, help="only these scenarios")
    return parser.parse_args()


if __name__ == "__main__":
    main()
