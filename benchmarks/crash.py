"""Kills collect, build, score, tidy and backup at random moments and looks whether anything was lost.

    .venv/bin/python benchmarks/crash.py --kills 500

A worker does one step of the main job and is killed with SIGKILL somewhere in it. After every kill another process
reads the whole newest published snapshot (it must be what it was, or the next one whole) and every raw row (all files
whose collect had answered, each row once). Every few kills, and at the end, an undisturbed run follows; at the end all
tables are compared, by a hash of their rows, with those of a project that got the same files and was never disturbed,
and the newest backup is verified and restored. Exit status 0 only when nothing was lost, doubled or unreadable.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from children import answer, in_child, killed

from kehu.flow import pipeline, source
from kehu.flow.backup import create, verify
from kehu.flow.project import init, open_project
from kehu.flow.restore import restore

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.warehouse.session.reader import Reader

PEOPLE = "id,name,email,phone,city,birthday\n" + "".join(
    f"{number},Ann Lee {number},ann{number}@example.com,(206) 555-01{number:02d},Seattle,1980-02-{number % 28 + 1}\n"
    for number in range(1, 41)
)
SETTINGS = 'name = "Acme"\ntime_zone = "UTC"\ncurrency = "EUR"\nthreads = 1\nmemory_limit = "500MB"\nkeep_days = 0.0\n'
STEPS = ("collect", "build", "score", "tidy", "backup")
ROWS = 20  # of every file that lands
MOST_SECONDS = 900
SKIPPED = {"score_run", "build_state"}  # they count runs
TIMES = {
    "_landed_at",
    "landed_at",
    "built_at",
    "scored_at",
    "merged_at",
    "ended_at",
    "founded_at",
    "trained_at",
}  # of the run, not of the rows


class Harness:
    """One project that is worked on, and what is known to be in it."""

    def __init__(self, folder: Path, seed: int, look_every: int, run_every: int) -> None:
        self.folder, self.shop = folder, folder / "shop"
        self.random = random.Random(seed)
        self.look_every, self.run_every = look_every, run_every
        self.files = 0
        self.acknowledged = 0  # files whose collect had answered
        self.usual = dict.fromkeys(STEPS, 1.0)  # seconds of a step
        self.seen: dict[int, str] = {}  # published snapshot -> hash of all its rows
        self.killed: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def kills(self) -> int:
        """Return how many steps were killed."""
        return sum(self.killed.values())

    def start(self) -> None:
        make(self.shop)
        self.files = 2
        for step in STEPS:
            started = time.monotonic()
            self.done(step, lambda step=step: work(self.shop, step))
            self.usual[step] = time.monotonic() - started
        self.acknowledged = self.files
        self.check("start")

    def add_file(self) -> None:
        self.files += 1
        write_till(self.shop, self.files)

    def strike(self, number: int) -> None:
        """Start a step, kill it, look."""
        step = self.random.choice(STEPS)
        if step == "collect":
            self.add_file()
        files, after = self.files, self.random.uniform(0, self.usual[step] * 1.05)
        started = time.monotonic()
        end = killed(lambda: work(self.shop, step), after)
        if end == "answered":
            self.usual[step] = time.monotonic() - started  # quicker than thought
        if end == "failed":
            self.problems.append(f"{step} {number} failed by itself")
        self.killed[step] += end == "killed"
        if end == "answered" and step == "collect":
            self.acknowledged = files
        if number % self.look_every == 0:
            self.check(f"kill {number} of {step} after {after:.2f} s")
        if number % self.run_every == 0:
            self.recover(f"the run after kill {number}")

    def recover(self, when: str) -> None:
        """Run undisturbed: everything must be there, once, and published."""
        for step in ("collect", "build", "tidy"):
            self.done(step, lambda step=step: work(self.shop, step))
        self.acknowledged = self.files
        found = self.check(when)
        if found.get("lines") != self.files * ROWS:
            self.problems.append(f"{when}: {found.get('lines')} order lines, {self.files * ROWS} were given")

    def check(self, when: str) -> dict[str, Any]:
        """Read everything in a process of its own and compare it with what is known."""
        found = answer(lambda: look(self.shop))
        if "error" in found:
            self.problems.append(f"{when}: {found['error']}")
            return found
        digest = self.seen.setdefault(found["snapshot"], found["digest"])
        if digest != found["digest"]:
            self.problems.append(f"{when}: snapshot {found['snapshot']} is not what it was")
        if found["snapshot"] < max(self.seen):
            self.problems.append(f"{when}: snapshot {max(self.seen)} is gone")
        missing = [number for number in range(1, self.acknowledged + 1) if till(number) not in found["landed"]]
        if missing:
            self.problems.append(f"{when}: acknowledged files {missing} are lost")
        wrong = {file: counts for file, counts in found["landed"].items() if counts != [ROWS, ROWS]}
        if wrong:
            self.problems.append(f"{when}: rows of a file lost or doubled: {wrong}")
        return found

    def finish(self) -> None:
        """Compare with a project that was never disturbed, and restore the last backup."""
        self.recover("the last run")
        self.done("backup", lambda: work(self.shop, "backup"))
        twin, again = self.folder / "twin", self.folder / "again"
        self.done("twin", lambda: self.undisturbed(twin))
        self.done("verify", lambda: verify(self.folder / "backups"))
        self.done("restore", lambda: restore(self.folder / "backups", again))
        ours, theirs, restored = (answer(lambda place=place: look(place)) for place in (self.shop, twin, again))
        for name, other in (("an undisturbed project", theirs), ("the restored one", restored)):
            different = differences(ours, other)
            if different:
                self.problems.append(f"tables differ from {name}: {different}")

    def undisturbed(self, twin: Path) -> None:
        make(twin)
        key = Path("data/main/id.key")
        (twin / key).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.shop / key, twin / key)
        for number in range(1, self.files + 1):
            write_till(twin, number)
        for step in ("collect", "build"):
            work(twin, step)

    def done(self, step: str, run: Callable[[], object]) -> None:
        if killed(run, MOST_SECONDS) != "answered":
            self.problems.append(f"{step} did not succeed undisturbed")


def make(folder: Path) -> None:
    init(folder, settings=SETTINGS)
    (folder / "till").mkdir()
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    for number in (1, 2):
        write_till(folder, number)
    if not in_child(lambda: propose(folder)):
        sys.exit("the project could not be made")


def propose(folder: Path) -> None:
    project = open_project(folder)
    source.write(project, source.propose(project, "people", folder / "people.csv", entity="customer_record"))
    source.write(project, source.propose(project, "till", folder / "till"))


def till(number: int) -> str:
    return f"sales-{number:05d}.csv"


def write_till(folder: Path, number: int) -> None:
    lines = ["order no;line;customer;date;product;quantity;amount;currency"]
    for row in range(ROWS):
        day = f"2026-0{row % 9 + 1}-{number % 28 + 1:02d} 10:00"
        lines.append(f"T{number}-{row};1;{(number + row) % 40 + 1};{day};P{row % 7};1;{row + 1},50;EUR")
    part = folder / f".{till(number)}"
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(folder / "till" / till(number))


def work(folder: Path, step: str) -> None:
    """Do one step of the main job."""
    project = open_project(folder)
    if step == "tidy":
        project.workspace.tidy()
    elif step == "backup":
        create(project.settings, folder.parent / "backups", access=project.workspace.access, keep=3)
    else:
        getattr(pipeline, step)(project)


def look(folder: Path) -> dict[str, Any]:
    """Read every row there is."""
    project = open_project(folder)
    lake = project.workspace._shared.lake  # noqa: SLF001  # landed rows are for nobody yet
    reader, latest = lake.reader(), lake.latest()
    tables = {table: digest(reader, table, columns) for table, columns in reader.tables().items()}
    raw = lake.reader(latest.id)
    sql = "SELECT _file, count(*), count(DISTINCT (_batch_id, _line)) FROM raw_till_till GROUP BY ALL"
    name = next(table for table in raw.tables() if table.startswith("raw_till"))
    landed = {
        Path(file).name: [rows, keys] for file, rows, keys in raw.execute(sql.replace("raw_till_till", name)).rows
    }
    lines = reader.execute("SELECT count(*) FROM order_line").value() if "order_line" in tables else 0
    whole = json.dumps(tables, sort_keys=True)
    return {"snapshot": reader.snapshot, "tables": tables, "digest": whole, "landed": landed, "lines": lines}


def digest(reader: Reader, table: str, columns: tuple[tuple[str, str], ...]) -> list[int]:
    kept = ", ".join(f'"{column}"' for column, _ in columns if column not in TIMES)
    row = reader.execute(f'SELECT count(*), coalesce(sum(hash(row({kept}))::HUGEINT), 0) FROM "{table}"').rows[0]
    return [int(row[0]), int(row[1])]


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    if "error" in theirs or "error" in ours:
        return [str(theirs.get("error") or ours.get("error"))]
    mine, other = ours["tables"], theirs["tables"]
    names = (mine.keys() | other.keys()) - SKIPPED
    return sorted(
        f"{name} {mine.get(name, [0])[0]}/{other.get(name, [0])[0]}"
        for name in names
        if mine.get(name) != other.get(name) and (mine.get(name, [0])[0] or other.get(name, [0])[0])
    )


def load_unchecked() -> None:
    """Load DuckDB's extensions without checking their signature: it costs .4 s of each lake opened."""
    real = duckdb.connect

    def connect(*place: Any, config: dict[str, Any] | None = None, **others: Any) -> duckdb.DuckDBPyConnection:  # noqa: ANN401
        return real(*place, config={**(config or {}), "allow_unsigned_extensions": True}, **others)

    duckdb.connect = connect


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--look-every", type=int, default=1, help="kills between two looks")
    parser.add_argument("--run-every", type=int, default=10, help="kills between two undisturbed runs")
    asked = parser.parse_args()
    load_unchecked()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kehu-crash-") as folder:
        harness = Harness(Path(folder), asked.seed, asked.look_every, asked.run_every)
        harness.start()
        done = 0
        while harness.kills < asked.kills and time.monotonic() - started < asked.minutes * 60 and not harness.problems:
            done += 1
            harness.strike(done)  # a step that was quicker was not killed
            if not asked.json:
                print(f"\r{harness.kills} kills, {len(harness.problems)} problems", end="", file=sys.stderr, flush=True)
        harness.finish()
    report = {
        "kills": harness.kills,
        "strikes": done,
        "killed": dict(harness.killed),
        "files": harness.files,
        "usual_seconds": {step: round(seconds, 2) for step, seconds in harness.usual.items()},
        "seconds": round(time.monotonic() - started, 1),
        "problems": harness.problems,
    }
    print(json.dumps(report, indent=None if asked.json else 2))
    sys.exit(bool(harness.problems))


if __name__ == "__main__":
    main()
