"""The same tables by what a user would pick instead: dbt-duckdb, pandas, Polars, Spark on one machine.

Each tool reads the raw Parquet and the ids that `floor.py` reads and writes the same four Parquet files; `same` proves
that they hold the same rows before any time is believed. Money is DECIMAL where the tool can add it up, else float
rounded to cents. Each runs in a process of its own, start-up included.

Usage: python benchmarks/compare.py pandas|polars|spark|dbt RAW IDS OUT [--memory 1GB]   (with .venv-bench)
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import by_frames
import by_sql
import floor

TOOLS = {"polars": by_frames.polars, "pandas": by_frames.pandas, "dbt": by_sql.dbt, "spark": by_sql.spark}


def same(out: Path, other: Path) -> list[str]:
    """Return the tables of ``other`` whose rows are not those of ``out``; the order of rows does not count."""
    import duckdb

    wrong = []
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(out / ".spill")}) as connection:
        for name in floor.MARTS:
            mine = f"read_parquet('{out}/{name}.parquet')"
            path = other / f"{name}.parquet"
            theirs = f"read_parquet('{path / '*.parquet' if path.is_dir() else path}')"
            columns = connection.execute(f"DESCRIBE FROM {mine}").fetchall()
            shown = ", ".join(_comparable(column, kind) for column, kind, *_ in columns)
            answers = {
                connection.execute(f"SELECT count(*), sum(hash({shown})::HUGEINT) FROM {rows}").fetchall()[0]
                for rows in (mine, theirs)
            }
            wrong += [name] if len(answers) > 1 else []
    return wrong


def _comparable(column: str, kind: str) -> str:
    if kind.startswith("DECIMAL") or kind == "DOUBLE":
        return f"CAST(round(CAST({column} AS DOUBLE), {6 if kind == 'DOUBLE' else 2}) AS DECIMAL(18, 6))"
    return f"CAST({column} AS {kind})"


def main() -> None:
    """Make the tables by one tool and print its seconds without start-up as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tool", choices=TOOLS)
    parser.add_argument("raw")
    parser.add_argument("ids")
    parser.add_argument("out", type=Path)
    parser.add_argument("--memory", default="1GB")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    TOOLS[given.tool](given.raw, given.ids, given.out, given.memory)
    print(json.dumps({"seconds": time.monotonic() - started}))


if __name__ == "__main__":
    main()
