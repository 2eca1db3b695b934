"""How well persons are found: precision, recall and F1 of the final customers of a generated set, and what it took.

Runs the tables of identity alone, records to matches to clusters, without a project around them.

Usage: python benchmarks/identity.py [--set people|chinese] [--people 20000] [--seed 1]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import chinese
import duckdb
import numpy as np
import people as western
import pyarrow as pa

import kehu.tables
from kehu.base.progress import silent
from kehu.base.settings import Settings
from kehu.integrate.identity import block, cluster, link, record_cluster, train
from kehu.integrate.identity.agreement import Agreement, agreement
from kehu.integrate.telephone import bare_number, telephone
from kehu.warehouse.table import Inputs, load_table

TABLES = Path(kehu.tables.__file__).parent
SETS = {"people": (western, "US"), "chinese": (chinese, "CN")}
BEFORE = (
    "entity/name_part.py", "entity/address_part.py", "entity/organization_part.py",
    "entity/customer_record.sql", "entity/blocked_value.py", "entity/match_record.sql",
    "entity/match_key.py",
)  # fmt: skip


def stage(connection: duckdb.DuckDBPyConnection, rows: str, region: str = "US") -> None:
    """Make the tables that matching reads from the rows of a source, all in one select.

    Parameters
    ----------
    rows : str
        Select of source, source_key and any columns of ``stg_customer_record``, as text or typed.
    """
    connection.execute(f"CREATE TABLE raw AS {rows}")
    given = {row[0] for row in connection.execute("DESCRIBE raw").fetchall()}
    for path in sorted((TABLES / "staging").glob("stg_*.sql")):
        table = load_table(path)
        columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
    cleaned = {name: name for name in given} | {"row_id": "source_key"}
    if "phone" in given:
        cleaned["phone"] = telephone(f"({bare_number('phone')})", region)
    if "email" in given:
        cleaned["email"] = "lower(email)"
    connection.execute(
        f"INSERT INTO stg_customer_record ({', '.join(cleaned)}) SELECT {', '.join(cleaned.values())} FROM raw"
    )
    for file in BEFORE:
        table = load_table(TABLES / file)
        if table.compute:
            made = table.compute(Inputs(connection, Settings(Path()), silent, lambda _: True))
            connection.register("built", made)
            connection.execute(f"CREATE TABLE {table.name} AS FROM built")
            connection.unregister("built")
        else:
            connection.execute(f"CREATE TABLE {table.name} AS {table.sql}")


def resolved(connection: duckdb.DuckDBPyConnection, settings: Settings) -> tuple[Any, Any, dict[str, float]]:
    """Return the compared records, their pairs, the cluster of each record and seconds per step."""
    clock = [time.monotonic()]
    people = block.records(connection)
    clock.append(time.monotonic())
    parameters = train.train(people, settings)
    clock.append(time.monotonic())
    connection.register("linked", link.links(connection, settings, parameters))
    connection.execute("CREATE OR REPLACE TABLE record_link AS FROM linked")
    clock.append(time.monotonic())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE numbered AS {record_cluster.NUMBERED.format(only='')}")
    pairs = connection.sql(record_cluster.PAIRS).to_arrow_table()
    labels = cluster.clusters(people.num_rows, pairs, match_at=settings.match_at)
    clock.append(time.monotonic())
    steps = ("records", "train", "score", "cluster")
    people = people.append_column("cluster", pa.array(labels))
    return people, pairs, dict(zip(steps, np.diff(clock).tolist(), strict=True))


def judged(people: pa.Table, truth: dict[Any, Any]) -> Agreement:
    """Return how well the clusters agree with the truth."""
    rows = people.select(["source", "source_key", "cluster"]).to_pylist()
    return agreement({(row["source"], row["source_key"]): row["cluster"] for row in rows}, truth)


def truth_of(folder: Path) -> dict[Any, Any]:
    """Return the person of each record that a generator wrote."""
    rows = duckdb.sql(f"SELECT source, source_key, person FROM '{folder}/truth.parquet'").fetchall()
    return {(source, key): person for source, key, person in rows}


def union(folder: Path) -> str:
    """Return the select of all sources that a generator wrote."""
    return " UNION ALL BY NAME ".join(
        f"SELECT * EXCLUDE (record_id), record_id AS source_key, '{source}' AS source "
        f"FROM '{folder}/{source}/{source}.parquet'"
        for source in ("crm", "shop", "pos")
    )


def main() -> None:
    """Make one set, resolve it, print how well."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--set", choices=sorted(SETS), default="people")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    generator, region = SETS[given.set]
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as connection:
        folder = Path(name)
        generator.write(folder, people=given.people, seed=given.seed)
        connection.execute("SET enable_progress_bar = false")
        stage(connection, union(folder), region)
        people, pairs, seconds = resolved(connection, Settings(folder))
        found = judged(people, truth_of(folder))
    print(f"{found.records:,} records, {pairs.num_rows:,} pairs kept, {found.true_pairs:,} true pairs")
    print(f"pairwise  precision {found.precision:.4f}  recall {found.recall:.4f}  f1 {found.f1:.4f}")
    print(f"B-cubed   precision {found.b_cubed_precision:.4f}  recall {found.b_cubed_recall:.4f}  "
          f"f1 {found.b_cubed_f1:.4f}; largest {found.largest}, true {found.true_largest}")  # fmt: skip
    print(", ".join(f"{step} {value:.1f} s" for step, value in seconds.items()))


if __name__ == "__main__":
    main()
