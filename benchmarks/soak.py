"""Serves, reads pages, collects small increments, builds and tidies in a loop; says whether anything grows.

    .venv/bin/python benchmarks/soak.py --minutes 60

Prints memory of the served processes, Parquet files, bytes of files, catalog and write-ahead log while it runs, and at
the end how each grew in percent per hour (least squares over what follows the warm-up). The shop keeps growing by one
file per round: rows grow, the number of files must not.

What is measured is what the processes allocated. Pages of programs and libraries are told apart (``mapped_mb``): their
proportional share (PSS) falls by half as soon as any other process on the machine loads the same library, such as the
next build, and rises again when that ends: of one server 20 to 65 MB came and went that way.

The warm-up is for what is bounded and fills: 512 compiled queries (ten a build), three open snapshots, the allocator's
arenas. It takes about 100 builds.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from statistics import linear_regression

from crash import in_child, make, work, write_till

from kehu.cli.serve import HOST, free_port
from kehu.cli.user import set_password
from kehu.flow.project import open_project
from kehu.govern import users

NAME, PASSWORD = "soak", "a-long-enough-word-42"
PAGES = ("/", "/customers/", "/customers/?q=ann", "/scorers/", "/quarantine/", "/operations/")
TIDY_EVERY = 5  # rounds
PAGES_PER_ROUND = 30
WARM_UP = 15  # minutes


class Visitor:
    """A signed-in person with a browser that keeps cookies."""

    def __init__(self, port: int) -> None:
        self.root = f"http://{HOST}:{port}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(jar)
        self.read, self.failed = 0, 0

    def sign_in(self) -> None:
        page = self.get("/sign-in/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        fields = {"username": NAME, "password": PASSWORD, "csrfmiddlewaretoken": token.group(1) if token else ""}
        asked = urllib.request.Request(f"{self.root}/sign-in/", urllib.parse.urlencode(fields).encode())
        asked.add_header("Referer", f"{self.root}/sign-in/")
        with self.browser.open(asked, timeout=60) as answer:
            if "/sign-in/" in answer.url:
                sys.exit("the visitor cannot sign in")

    def get(self, path: str) -> str:
        self.read += 1
        try:
            with self.browser.open(self.root + path, timeout=60) as answer:
                return str(answer.read().decode())
        except OSError as error:
            self.failed += 1
            return f"{error}"


def prepare(shop: Path) -> None:
    make(shop)
    for step in ("collect", "build", "score"):
        if not in_child(lambda step=step: work(shop, step)):
            sys.exit(f"{step} failed")

    def user() -> None:
        users.add_user(open_project(shop).workspace.control, NAME, ["owner"])
        set_password(shop, NAME, PASSWORD)

    if not in_child(user):
        sys.exit("the user could not be made")


def family(pid: int) -> set[int]:
    """Return a process and all below it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):  # it has just ended
            continue
    found, fresh = {pid}, {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def memory(pid: int) -> dict[str, float]:
    """Return the megabytes that a process and all below it allocated, and those of files that each has mapped."""
    allocated = mapped = 0
    for one in family(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        held = {name: int(size) for name, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
        allocated += held["Pss_Anon"] + held["Pss_Shmem"] + held["SwapPss"]
        mapped += held["Rss"] - held["Anonymous"]
    return {"memory_mb": round(allocated / 1024, 1), "mapped_mb": round(mapped / 1024, 1)}


def sizes(shop: Path) -> dict[str, float]:
    lake = shop / "data" / "main"
    files = list((lake / "files").rglob("*.parquet"))
    wal = lake / "catalog.sqlite-wal"
    return {
        "files": len(files),
        "files_mb": round(sum(path.stat().st_size for path in files if path.exists()) / 1e6, 2),
        "catalog_mb": round((lake / "catalog.sqlite").stat().st_size / 1e6, 2),
        "wal_mb": round(wal.stat().st_size / 1e6, 2) if wal.exists() else 0.0,
    }


def slope(samples: list[dict[str, float]], name: str, after: float) -> float:
    """Return the growth in percent per hour of the samples taken ``after`` so many seconds."""
    later = [one for one in samples if one["seconds"] >= after]
    if len(later) < 3:
        return 0.0
    times, values = [one["seconds"] for one in later], [one[name] for one in later]
    fitted = linear_regression(times, values)
    return round(fitted.slope * 3600 / (sum(values) / len(values) or 1) * 100, 2)


def rounds(shop: Path, visitor: Visitor, server: int, minutes: float) -> tuple[list[dict[str, float]], int]:
    started, number, failed = time.monotonic(), 2, 0
    samples: list[dict[str, float]] = []
    while time.monotonic() - started < minutes * 60:
        number += 1
        write_till(shop, number)
        steps = ("collect", "build", "tidy") if number % TIDY_EVERY == 0 else ("collect", "build")
        for step in steps:
            failed += not in_child(lambda step=step: work(shop, step))
        for turn in range(PAGES_PER_ROUND):
            visitor.get(PAGES[turn % len(PAGES)])
        sample = {"seconds": time.monotonic() - started, **memory(server), **sizes(shop)}
        samples.append(sample)
        print(json.dumps({**sample, "seconds": round(sample["seconds"])}), file=sys.stderr, flush=True)
    return samples, failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help="minutes of these that count for no slope")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kehu-soak-") as folder:
        shop = Path(folder) / "shop"
        prepare(shop)
        port = free_port(18000)
        command = [sys.executable, "-m", "kehu.cli", "--dir", str(shop), "serve", "--port", str(port)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ}) as server:
            try:
                visitor = Visitor(port)
                for _ in range(240):
                    if "csrfmiddlewaretoken" in visitor.get("/sign-in/"):
                        break
                    time.sleep(0.5)
                visitor.read, visitor.failed = 0, 0
                visitor.sign_in()
                samples, failed = rounds(shop, visitor, server.pid, asked.minutes)
            finally:
                server.terminate()
                server.wait(60)
        names = ("memory_mb", "mapped_mb", "files", "catalog_mb", "wal_mb")
        report = {
            "minutes": asked.minutes,
            "warm_up": asked.warm_up,
            "pages": visitor.read,
            "pages_failed": visitor.failed,
            "steps_failed": failed,
            "percent_per_hour": {name: slope(samples, name, asked.warm_up * 60) for name in names},
            "first": samples[0],
            "last": samples[-1],
        }
    print(json.dumps(report, indent=2))
    sys.exit(bool(failed or visitor.failed))


if __name__ == "__main__":
    main()
