"""Whether two ways to the same table gave the same rows: number and sum of row hashes, in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
from floor import MARTS

import kehu

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

Sums = tuple[object, ...]


def _hashed(columns: list[tuple[str, str]]) -> str:
    shown = ", ".join(f"round({name}, 9)" if kind == "DOUBLE" else name for name, kind in columns)
    return f"SELECT count(*), sum(CAST(hash({shown}) AS HUGEINT))"


def sums(project: Path) -> dict[str, Sums]:
    """Return number and hash sum of every table of a project that a mart or page reads."""
    workspace = kehu.open(project).workspace
    wanted = {*MARTS, "customer_360", "daily_metric", "customer_feature"}
    tables = {name: columns for name, columns in workspace.tables().items() if name in wanted}
    return {
        name: tuple(workspace.read(f"{_hashed(list(columns))} FROM {name}").rows[0]) for name, columns in tables.items()
    }


def unlike(project: Path, floor: Path) -> list[str]:
    """Return the marts whose rows differ from those the floor wrote, over the floor's columns."""
    workspace, wrong = kehu.open(project).workspace, []
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(floor / ".spill")}) as connection:
        for name in MARTS:
            rows = f"read_parquet('{floor}/{name}.parquet')"
            columns = [(row[0], row[1]) for row in connection.execute(f"DESCRIBE FROM {rows}").fetchall()]
            least = connection.execute(f"{_hashed(columns)} FROM {rows}").fetchall()[0]
            wrong += [] if tuple(workspace.read(f"{_hashed(columns)} FROM {name}").rows[0]) == least else [name]
    return wrong


def tidy(project: Path) -> None:
    """Give back the disk of former states, so that a run's peak is that of its work."""
    kehu.open(project).workspace.tidy()


def write_ids(project: Path, file: Path) -> None:
    """Write the ids that Kehu gave to the shop's customers, for the floor to use."""
    sql = "SELECT source_key AS customer_key, customer_id FROM customer_xref WHERE source = 'shop'"
    pq.write_table(kehu.open(project).workspace.arrow(sql), file)


def xref(project: Path) -> pa.Table:
    """Return the customer of every record."""
    return kehu.open(project).workspace.arrow("SELECT source, source_key, customer_id FROM customer_xref")
