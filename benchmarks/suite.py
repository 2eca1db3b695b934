"""The scenarios: what Kehu's commands cost on a set of a given size, each beside its floor in the same run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import check
import compare
import generate
import people
from measure import KEHU, TOOLS, Cost, cost, disk_mb, median, script
from parts import parts_of, slowest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

TEN_MILLION = 10_000_000
MANY_PEOPLE = 100_000
MATCHING = ("match_parameter", "record_link", "record_cluster")
INCREMENTS = (("0.1 % of the customers", 0.001, 3.0), ("1 % of the customers", 0.01, 8.0), ("a new day", 0.0, 30.0))
SETTINGS = """
name = "bench"
time_zone = "America/New_York"
memory_limit = "{memory}"
threads = {threads}
read_seconds = 3600.0
keep_days = 0.0
"""


@dataclass
class Bench:
    """One run over one size: where it works, its limits, and the results so far.

    Attributes
    ----------
    folder : Path
        Holds the raw files, the projects and the floor's output; all of it may be deleted.
    lines : int
        The size asked for.
    repeats : int
        Runs of each command; the median counts.
    memory, threads
        Kehu's settings and the floor's limits.
    rows : list of dict
        One per scenario, in the order they ran.
    after : callable
        Told of each result, so that a run that is stopped has kept what it found.
    """

    folder: Path
    lines: int
    repeats: int
    memory: str
    threads: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    after: Callable[[dict[str, Any]], None] = lambda _row: None

    def keep(  # one result has these parts
        self,
        scenario: str,
        found: Cost,
        *,
        rows: int = 0,
        floor: float = 0.0,
        goals: Sequence[str] = (),
        **more: object,
    ) -> dict[str, Any]:
        """Keep and print one result; a goal is text that ends in "met" or "MISSED"."""
        row: dict[str, Any] = {"scenario": scenario, **found.as_dict()}
        row |= {"rows": rows, "rows_per_second": round(rows / found.seconds)} if rows else {}
        row |= {"floor_seconds": round(floor, 3), "ratio": round(found.seconds / floor, 2)} if floor else {}
        row |= {"goals": list(goals), **more}
        self.rows.append(row)
        self.after(row)
        beside = f"  {row['ratio']:.2f}x of its floor ({floor:.2f} s)" if floor else ""
        print(
            f"{scenario:46} {found.seconds:9.2f} s {found.cpu_seconds:9.2f} cpu {found.memory_mb:7.0f} MB{beside}",
            flush=True,
        )
        for goal in goals:
            print(f"{'':46} {goal}", flush=True)
        return row

    def kehu(self, project: Path, *words: str) -> Cost:
        """Run one command of Kehu in a project."""
        return cost([*KEHU, *words, "--json"], folder=project)

    def project(self, name: str, sources: dict[str, tuple[Path, str]]) -> Path:
        """Make an empty project with the sources (name: path and entity) and return its folder."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        self.kehu(self.folder, "init", name)
        (folder / "kehu.toml").write_text(SETTINGS.format(memory=self.memory, threads=self.threads), encoding="utf-8")
        for source, (path, entity) in sources.items():
            self.kehu(folder, "source", "add", source, str(path), "--entity", entity, "--yes")
        return folder

    def floor(self, *words: str | Path) -> Cost:
        """Run the floor with the project's limits."""
        limits = ("--memory", self.memory, "--threads", str(self.threads))
        return cost(script("floor.py", *words, *limits))


def goal(what: str, found: float, most: float, unit: str = "", *, judged: bool = True) -> str:
    """Return one goal with its verdict; without one where the goal is set for a larger size."""
    verdict = ("met" if found <= most else "MISSED") if judged else "set for a larger size"
    return f"{what}: {found:.3g}{unit}, goal <= {most:.3g}{unit}: {verdict}"


def collect(bench: Bench, raw: Path, lines: int, kind: str) -> Path:
    """Land the raw files (``lines`` or ``csv``) in a new project and return it; the floor is DuckDB's own COPY."""
    sources = {"shop": (raw / kind, "order_line"), "erp": (raw / "products", "product")}
    made: list[Path] = []

    def land(_: int) -> Cost:
        made[:] = [bench.project(f"project-{kind}", sources)]
        return bench.kehu(made[0], "collect", "shop")

    pattern = f"{raw / kind}/*.{'csv' if kind == 'csv' else 'parquet'}"
    found = median(land, bench.repeats)
    least = median(lambda _: bench.floor(pattern, "none", bench.folder / "floor", "--copy"), bench.repeats)
    judged = lines >= TEN_MILLION
    goals = (
        goal("ratio to COPY", found.seconds / least.seconds, 2.0, judged=judged),
        goal("memory", found.memory_mb / 1024, 1.5, " GB", judged=judged),
    )
    name = "collect CSV" if kind == "csv" else "collect Parquet"
    bench.keep(name, found, rows=lines, floor=least.seconds, goals=goals, disk_mb=disk_mb(made[0] / "data"),
               floor_cpu=least.cpu_seconds, floor_memory_mb=least.memory_mb)  # fmt: skip
    return made[0]


def build(bench: Bench, project: Path, raw: Path, lines: int) -> Cost:
    """Build everything, beside the floor; return the cost. The floor's marts are judged, all beyond is printed apart.

    The floor has its ids given, refuses nothing and keeps no history: staging (typing every raw row, refusing faulty
    and repeated ones, with row and batch of each), identity and the other marts are what Kehu's tables add.
    """
    bench.kehu(project, "collect", "erp")
    ids, out = bench.folder / "ids.parquet", bench.folder / "floor"
    pairs = []
    for number in range(bench.repeats):
        if number:
            check.tidy(project)  # else the disk keeps every build for a week
        full = bench.kehu(project, "build", "--full")
        check.write_ids(project, ids)
        pairs.append((full, bench.floor(raw / "lines", ids, out)))
    wrong = check.unlike(project, out)
    if wrong:
        raise SystemExit(f"Kehu's {', '.join(wrong)} are not the floor's: no time is worth anything")
    full, least = sorted(pairs, key=lambda pair: pair[0].seconds)[(len(pairs) - 1) // 2]
    parts = parts_of(full)
    judged = lines >= TEN_MILLION
    goals = [goal("ratio to the floor", parts["marts"] / least.seconds, 1.5, judged=judged),
             goal("memory", full.memory_mb / 1024, 4, " GB", judged=judged)]  # fmt: skip
    marts = Cost(parts["marts"], full.cpu_seconds * parts["marts"] / full.seconds, full.memory_mb, load=full.load)
    bench.keep("the floor's marts in a full build", marts, rows=lines, floor=least.seconds, goals=goals,
               floor_cpu=least.cpu_seconds, floor_memory_mb=least.memory_mb, floor_tables=least.answer,
               beyond=parts)  # fmt: skip
    shown = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts.items())
    bench.keep("full build of all tables", full, rows=lines, goals=[shown], disk_mb=disk_mb(project / "data"),
               tables=slowest(full))  # fmt: skip
    return full


def increments(bench: Bench, project: Path, raw: Path, full: Cost, *, prove: bool = True) -> None:
    """Land new lines and build what they change; the floor is the full build. At the end compare with a full build."""
    for name, share, most in INCREMENTS:
        costs = []
        for number in range(bench.repeats if share else 1):
            file = f"new-{share:g}-{number}"
            made = generate.increment(raw, file, share=share)
            landed = bench.kehu(project, "collect", "shop")
            costs.append((bench.kehu(project, "build"), made, landed))
        found, made, landed = sorted(costs, key=lambda one: one[0].seconds)[(len(costs) - 1) // 2]
        share_of = 100 * found.seconds / full.seconds
        goals = [goal("share of the full build", share_of, most, " %", judged=bench.lines >= 10 * TEN_MILLION)]
        more = {"collect_seconds": round(landed.seconds, 2), "cpu_share": 100 * found.cpu_seconds / full.cpu_seconds}
        bench.keep(f"incremental build, {name}", found, rows=made, goals=goals, tables=slowest(found), **more)
    reading(bench, project, "after the increments", judged=False)
    if not prove:
        return
    before = check.sums(project)
    again = bench.kehu(project, "build", "--full")
    wrong = [table for table, found in check.sums(project).items() if found != before[table]]
    if wrong:
        raise SystemExit(f"after the increments {', '.join(wrong)} were not what a full build gives")
    bench.keep("full build after the increments (rows equal)", again)
    for path in (raw / "lines").glob("new-*"):
        path.unlink()


def score(bench: Bench, project: Path) -> None:
    """Run the scorers, beside the same LightGBM calls without anything around them."""
    found = median(lambda _: bench.kehu(project, "score"), bench.repeats)
    bare = cost(script("bare.py", "lightgbm", project)).answer
    bench.keep("score (churn and value, with their cards)", found, rows=bare["rows"], floor=bare["seconds"],
               boosters=bare["boosters"])  # fmt: skip


def reading(bench: Bench, project: Path, of: str, *, judged: bool) -> None:
    """Ask a count by a filter, the customer page's questions and the overview's."""
    limits = {"count": ("p95", 1.0), "customer": ("p95", 0.05), "overview": ("cold", 1.0)}
    names = {"count": "count by a filter", "customer": "customer page's queries", "overview": "overview page's queries"}
    for name, (which, most) in limits.items():
        found = cost(script("reading.py", project, name))
        seconds = found.answer[name]
        shown = Cost(seconds[which], found.cpu_seconds, found.memory_mb, load=found.load)
        bench.keep(
            f"{names[name]}, {of}", shown, goals=[goal(which, seconds[which], most, " s", judged=judged)], **seconds
        )


def others(bench: Bench, raw: Path, tools: Sequence[str]) -> None:
    """Let other tools make the floor's marts, and compare; their rows are checked against the floor's first."""
    ids, out = bench.folder / "ids.parquet", bench.folder / "floor"
    marts = next(row for row in bench.rows if row["scenario"] == "the floor's marts in a full build")
    for tool in tools:
        target = bench.folder / f"by-{tool}"
        words = (tool, raw / "lines", ids, target, "--memory", bench.memory)
        command = script("compare.py", *words, python=TOOLS)
        found = median(lambda _, run=command: cost(run), 1 if tool == "spark" else bench.repeats)  # type: ignore[misc]  # a default argument binds the loop's value
        wrong = compare.same(out, target)
        if wrong:
            raise SystemExit(f"{tool}'s {', '.join(wrong)} are not the floor's: no time is worth anything")
        goals = _against(tool, marts, found, judged=bench.lines >= TEN_MILLION)
        bench.keep(f"the same marts by {tool}", found, goals=goals, rows=marts["rows"])
        shutil.rmtree(target, ignore_errors=True)


def _against(tool: str, marts: dict[str, Any], found: Cost, *, judged: bool) -> list[str]:
    """Return Kehu's goals against one tool: seconds of Kehu in those of the tool."""
    most = {"dbt": 1.0, "pandas": 1 / 1.5, "polars": 1.3, "spark": 1 / 5}[tool]
    goals = [goal(f"Kehu's seconds / {tool}'s", marts["seconds"] / found.seconds, most, judged=judged)]
    if tool == "pandas":
        goals.append(goal("Kehu's memory / pandas'", marts["memory_mb"] / found.memory_mb, 1 / 3, judged=judged))
    return goals


def identity(bench: Bench, number: int) -> None:
    """Resolve invented persons of three sources, beside a bare Splink run with the same comparisons."""
    made = people.write(bench.folder / "people", people=number)
    raw = bench.folder / "people"
    project = bench.project(
        "project-people", {name: (raw / name, "customer_record") for name in ("crm", "shop", "pos")}
    )
    landed = bench.kehu(project, "collect")
    bench.keep(f"collect {made['records']:,} records of persons", landed, rows=made["records"])
    found = bench.kehu(project, "build", "--full", "customer")
    bare = cost(script("bare.py", "splink", project)).answer
    agreed = people.f1(check.xref(project), raw / "truth.parquet")
    words = ", ".join(f"{name} {value:.3f}" for name, value in agreed.items())
    seconds = sum(run["seconds"] for run in found.answer["tables"] if run["name"] in MATCHING)
    matching = Cost(seconds, found.cpu_seconds * seconds / found.seconds, found.memory_mb, load=found.load)
    of_bare = goal("ratio to bare Splink", seconds / bare["seconds"], 1.5, judged=number >= MANY_PEOPLE)
    bench.keep(f"matching of {number:,} persons: learn, score, cluster", matching, rows=made["records"],
               floor=bare["seconds"], pairs=bare["pairs"], agreement=words, goals=[of_bare])  # fmt: skip
    bench.keep(f"identity of {number:,} persons, to customers", found, rows=made["records"], floor=bare["seconds"],
               tables=slowest(found))  # fmt: skip


def many_customers(bench: Bench, number: int) -> None:
    """Build so many customers with few lines each, and ask them."""
    raw = bench.folder / "few"
    if not (raw / "made.txt").is_file():
        generate.write(raw, customers=number)
    lines = int(dict(word.split("=") for word in (raw / "made.txt").read_text().split())["lines"])
    project = bench.project(
        "project-few", {"shop": (raw / "lines", "order_line"), "erp": (raw / "products", "product")}
    )
    landed = bench.kehu(project, "collect")
    bench.keep(f"collect {lines:,} lines of {number:,} customers", landed, rows=lines)
    full = bench.kehu(project, "build", "--full")
    bench.keep(f"full build, {number:,} customers", full, rows=lines, disk_mb=disk_mb(project / "data"),
               goals=[goal("memory", full.memory_mb / 1024, 4, " GB")], tables=slowest(full))  # fmt: skip
    reading(bench, project, f"{number:,} customers", judged=number >= TEN_MILLION)
