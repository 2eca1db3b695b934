"""What it costs to part two customers, to bring new records, and whether ids of others stay.

    .venv/bin/python benchmarks/unmerge.py --customers 1000000
    .venv/bin/python benchmarks/unmerge.py --customers 1000000 --households
    .venv/bin/python benchmarks/unmerge.py --customers 100000 --sequences 1000

Makes a project of so many customers, joins two, parts them by ``kehu customer unmerge``, then brings 10,000 records,
half of them of customers that are there. With ``--households`` they are the people of people.py in three sources, who
resemble each other, marry, move and mistype; without, nobody resembles anybody. With ``--sequences``, so many random
sequences of joining, changing and parting follow in another project of as many customers, most of whom stand by
(tests/flow/towns.py): in how many rows differs it from one never joined?
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import people

from kehu.flow import identity, pipeline
from kehu.flow.project import init, open_project
from kehu.flow.source import propose, write
from kehu.warehouse.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.append(str(Path(__file__).parents[1] / "tests" / "flow"))
SETTINGS = 'name = "Many"\ntime_zone = "UTC"\ncurrency = "EUR"\nregion = "US"\n'
RECORDS = """
COPY (
  SELECT '{file}-' || i AS "contact id", g || '@' || f || '.com' AS email, '+1415' || (2000000 + i) AS phone,
    upper(left(g, 1)) || substr(g, 2, 6) || ' ' || upper(left(f, 1)) || substr(f, 2, 6) AS name
  FROM (
    SELECT i, translate(md5('g' || i), '0123456789', 'ghijklmnop') AS g,
      translate(md5('f' || i), '0123456789', 'qrstuvwxyz') AS f FROM range({first}, {last}) AS t(i)
  )
) TO '{path}' (HEADER)
"""
AGAIN = """
COPY (
  SELECT * REPLACE ('again-{number}-' || record_id AS record_id)
  FROM (FROM '{first}' ORDER BY hash(record_id) LIMIT {size}) UNION ALL
  SELECT * REPLACE ('other-{number}-' || record_id AS record_id)
  FROM (FROM '{other}' ORDER BY hash(record_id) LIMIT {size})
) TO '{path}' (FORMAT parquet)
"""
IDS = "SELECT source || '/' || source_key, customer_id FROM customer_xref"
NEW = 10_000  # records


def files(folder: Path, number: int, first: int, last: int) -> None:
    """Write one file of records, one of each customer from ``first`` to ``last``."""
    folder.mkdir(parents=True, exist_ok=True)
    duckdb.sql(RECORDS.format(file=number, first=first, last=last, path=folder / f"crm-{number}.csv"))


def strangers(home: Path, folder: Path, customers: int) -> Callable[[], None]:
    """Write customers of whom none resembles another, as a source; return what writes the new records."""
    files(folder, 1, 0, customers)
    files(folder, 2, 0, 2)
    add_source(home, "crm", folder)
    return lambda: files(folder, 3, customers - NEW // 2, customers + NEW // 2)


def households(home: Path, folder: Path, customers: int) -> Callable[[], None]:
    """Write the people of people.py, as sources; return what writes records of some of them anew, and of others."""
    people.write(folder, people=customers, seed=5)
    people.write(folder / "other", people=NEW, seed=6)
    crm, other = folder / "crm", folder / "other" / "crm" / "crm.parquet"
    first = (crm / "crm.parquet").rename(crm / "crm-1.parquet")

    def more(number: int, size: int) -> None:
        path = crm / f"crm-{number}.parquet"
        duckdb.sql(AGAIN.format(first=first, other=other, number=number, size=size, path=path))

    more(2, 1)
    for source in people.SOURCES:
        add_source(home, source, folder / source)
    return lambda: more(3, NEW // 2)


def add_source(home: Path, name: str, folder: Path) -> None:
    """Describe a folder of customers as a source."""
    write(open_project(home), propose(open_project(home), name, folder, entity="customer_record"))


def ids(home: Path) -> dict[str, str]:
    """Return the customer of every record."""
    return dict(Lake(home / "data/main").reader().execute(IDS).rows)


def churn(before: dict[str, str], after: dict[str, str]) -> str:
    """Say how many ids moved, and of how many customers who have no new record and got none's id."""
    moved = {(was, after[key]) for key, was in before.items() if after[key] != was}
    reached = {customer for key, customer in after.items() if key not in before}
    untouched = {was for was, now in moved if was not in reached and now not in reached}
    every = {was for was, _ in moved}
    return f"ids that are not as before: {len(every)}, of customers without a new record: {len(untouched)}"


def kehu(home: Path, *words: str) -> tuple[float, dict[str, object]]:
    """Run a command in a process of its own; return its seconds and what it said."""
    code = "from kehu.cli import main; main()"
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code, *words, "--json"], cwd=home, capture_output=True, check=True)
    return time.monotonic() - started, json.loads(done.stdout)


def costs(folder: Path, customers: int, town: Callable[[Path, Path, int], Callable[[], None]]) -> None:
    """Print seconds and churn of one joining, its parting and of new records."""
    home = init(folder / "project", settings=SETTINGS)
    bring = town(home, folder / "files", customers)
    pipeline.collect(open_project(home))
    pipeline.build(open_project(home))
    before = ids(home)
    into, other = sorted(set(before.values()))[:2]
    joined, _ = kehu(home, "customer", "merge", into, other)
    sql = f"SELECT merge_id FROM merge_event WHERE rule = 'decided' AND customer_id = '{into}'"
    ((merge_id,),) = Lake(home / "data/main").reader().execute(sql).rows
    parted, said = kehu(home, "customer", "unmerge", merge_id)
    print(f"merge {joined:.1f} s, unmerge {parted:.1f} s by command (build {said['seconds']:.1f} s)")
    print(churn(before, ids(home)))
    bring()
    collected, _ = kehu(home, "collect")
    built, _ = kehu(home, "build")
    print(f"{NEW:,} new records: {collected + built:.1f} s by command (build {built:.1f} s)")
    print(churn(before, ids(home)))
    assert not identity.waiting(open_project(home))


def sequences(folder: Path, customers: int, count: int, steps: int, seed: int) -> None:
    """Print in how many rows a project differs from one in which nobody was ever joined."""
    from towns import PEOPLE, Towns

    towns = Towns(folder, random.Random(seed), count, bystanders=max(customers - PEOPLE * count, 0))
    for step in range(steps):
        towns.step(is_last=step == steps - 1)
        print(f"step {step + 1}: {count} sequences, {len(towns.apart_from_twin())} differences", flush=True)


def main() -> None:
    """Measure, in a folder that is gone afterwards."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--households", action="store_true")
    parser.add_argument("--sequences", type=int, default=0)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        costs(Path(name) / "many", given.customers, households if given.households else strangers)
        if given.sequences:
            sequences(Path(name) / "towns", given.customers, given.sequences, given.steps, given.seed)


if __name__ == "__main__":
    main()
