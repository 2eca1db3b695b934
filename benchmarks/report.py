"""Keeps results (`results.json`), and tells them: `RESULTS.md` and `cost.svg`, cost against size.

Usage: python benchmarks/report.py (writes both again from results.json)
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS, TOLD, PICTURE = HERE / "results.json", HERE / "RESULTS.md", HERE / "cost.svg"
DRAWN = {  # scenario: its color, that of its floor (dashed)
    "the floor's marts in a full build": ("#2563eb", "#2563eb"),
    "full build of all tables": ("#7c3aed", ""),
    "collect Parquet": ("#059669", "#059669"),
    "incremental build, 1 % of the customers": ("#d97706", ""),
    "incremental build, 0.1 % of the customers": ("#dc2626", ""),
}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 470, 70, 330, 40, 50
HEAD = """# What Kehu costs

Every number was measured by `make bench` on the machine and the commit named above its table, each command in a process
of its own, started cold; the median of the repeats counts. A **floor** is the least the same result could cost,
measured in the same run: plain hand-written DuckDB SQL over the same raw Parquet with the same columns, order,
compression, threads and memory limit (`floor.py`), DuckDB's own COPY, bare calls to Splink and LightGBM (`bare.py`).
Rows are compared before any time is believed. Where the load is above the number of cores, others used the machine too:
then seconds are too long, and CPU seconds and ratios say more. A goal that was not reached is called MISSED; a goal set
for a larger size has no verdict at a smaller one.

![Seconds against order lines, both axes logarithmic; dashed: the floor](cost.svg)
"""


def keep(rows: list[dict[str, Any]], about: dict[str, Any], *, lines: int) -> None:
    """Add a run's rows to the results; a scenario measured again at the same size takes the place of the former."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    size = results.setdefault(str(lines), {})
    for row in rows:
        size[row["scenario"]] = {**row, "about": about}
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    tell(results)


def tell(results: dict[str, dict[str, Any]]) -> None:
    """Write the page and its picture."""
    parts = [HEAD]
    for size in sorted(results, key=int):
        parts += [
            f"## {int(size):,} order lines\n",
            *_about(results[size]),
            _table(results[size]),
            _slowest(results[size]),
        ]
    TOLD.write_text("\n".join(parts), encoding="utf-8")
    PICTURE.write_text(picture(results), encoding="utf-8")


def _about(scenarios: dict[str, Any]) -> list[str]:
    runs = {json.dumps(row["about"], sort_keys=True): row["about"] for row in scenarios.values()}
    return [
        "- " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in run.items()) for run in runs.values()
    ]


def _table(scenarios: dict[str, Any]) -> str:
    head = (
        "scenario",
        "seconds",
        "CPU s",
        "load",
        "rows/s",
        "memory MB",
        "disk MB",
        "floor s",
        "ratio",
        "CPU ratio",
        "goals, notes",
    )
    lines = ["", f"| {' | '.join(head)} |", f"|---|{'---:|' * 9}---|"]
    for name, row in scenarios.items():
        cpu = row["cpu_seconds"] / row["floor_cpu"] if row.get("floor_cpu") else 0
        notes = [*row["goals"], *_notes(row)]
        cells = (
            name, _number(row["seconds"], 3), _number(row["cpu_seconds"], 1), _number(row.get("load"), 1),
            _number(row.get("rows_per_second")), _number(row["memory_mb"]), _number(row.get("disk_mb")),
            _number(row.get("floor_seconds"), 2), _number(row.get("ratio"), 2), _number(cpu, 2), "<br>".join(notes),
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _notes(row: dict[str, Any]) -> list[str]:
    words = {
        "agreement": "{}", "pairs": "{:,} pairs", "boosters": "{} boosters", "p50": "p50 {:.4f} s",
        "cold": "cold {:.3f} s", "cpu_share": "{:.1f} % of the full build's CPU", "collect_seconds": "collect {} s",
    }  # fmt: skip
    return [words[name].format(row[name]) for name in words if name in row]


def _number(value: float | None, places: int = 0) -> str:
    return f"{value:,.{places}f}" if value else ""


def _slowest(scenarios: dict[str, Any]) -> str:
    told = [
        f"- {name}: " + ", ".join(f"{table} {seconds:.2f} s" for table, seconds in row["tables"].items())
        for name, row in scenarios.items()
        if row.get("tables")
    ]
    return "Slowest tables of each build:\n\n" + "\n".join(told) + "\n" if told else ""


def picture(results: dict[str, dict[str, Any]]) -> str:
    """Return the SVG of seconds against lines, both logarithmic; a dashed line is a floor."""
    curves: list[tuple[str, str, bool, list[tuple[int, float]]]] = []
    for name, (color, of_floor) in DRAWN.items():
        rows = [(int(size), scenarios[name]) for size, scenarios in results.items() if name in scenarios]
        curves.append((name, color, False, sorted((size, row["seconds"]) for size, row in rows)))
        if of_floor:
            least = sorted((size, row["floor_seconds"]) for size, row in rows if row.get("floor_seconds"))
            curves.append((f"{name}: floor", of_floor, True, least))
    curves = [curve for curve in curves if curve[3]]
    points = [point for *_, found in curves for point in found]
    if not points:
        return "<svg xmlns='http://www.w3.org/2000/svg'/>\n"
    x = _scale([size for size, _ in points], LEFT, WIDTH - RIGHT)
    y = _scale([seconds for _, seconds in points], HEIGHT - BOTTOM, TOP)
    shapes = [*_grid(x, y)]
    ends = sorted((y(found[-1][1]), name, color) for name, color, _, found in curves)
    for name, color, dashed, found in curves:
        path = " ".join(f"{x(size):.1f},{y(seconds):.1f}" for size, seconds in found)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        shapes.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2.2"{dash}/>')
        shapes += [
            f'<circle cx="{x(size):.1f}" cy="{y(seconds):.1f}" r="3.6" fill="{color}">'
            f"<title>{_escaped(name)}: {size:,} lines, {seconds:.2f} s</title></circle>"
            for size, seconds in found
        ]
    last = -math.inf
    for place, name, color in ends:
        last = max(place, last + 17)  # labels never lie on each other
        shapes.append(f'<text x="{WIDTH - RIGHT + 12}" y="{last + 4:.1f}" fill="{color}">{_escaped(name)}</text>')
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" '
        f'font-size="12"><title>Seconds against order lines</title><rect width="100%" height="100%" fill="#fff"/>\n'
        f"{body}\n</svg>\n"
    )


class _scale:  # noqa: N801  # used as a function that also knows its ends
    """A logarithmic axis over whole powers of ten."""

    def __init__(self, values: list[float] | list[int], start: float, end: float) -> None:
        self.low, self.high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        self.high = max(self.high, self.low + 1)
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)


def _grid(x: _scale, y: _scale) -> list[str]:
    shapes = []
    for power in range(y.low, y.high + 1):
        place, text = y(10**power), f"{10**power:,} s" if power >= 0 else f"{10**power:g} s"
        shapes.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{place:.1f}" y2="{place:.1f}" stroke="#e5e7eb"/>')
        shapes.append(f'<text x="{LEFT - 8}" y="{place + 4:.1f}" text-anchor="end" fill="#374151">{text}</text>')
    for power in range(x.low, x.high + 1):
        place = x(10**power)
        shapes.append(f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#e5e7eb"/>')
        where = f'x="{place:.1f}" y="{HEIGHT - BOTTOM + 20}"'
        shapes.append(f'<text {where} text-anchor="middle" fill="#374151">{_lines(10**power)}</text>')
    return shapes


def _lines(number: int) -> str:
    return f"{number // 1_000_000:,} million lines" if number >= 1_000_000 else f"{number:,}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


if __name__ == "__main__":
    tell(json.loads(RESULTS.read_text(encoding="utf-8")))
