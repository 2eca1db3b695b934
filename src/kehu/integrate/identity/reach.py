"""What a few records reach over pairs, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def reach(connection: duckdb.DuckDBPyConnection, table: str, pairs: str) -> None:
    """Add to a temporary table all that its records hang together with.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds both tables as temporary ones.
    table : str
        One column, ``record``.
    pairs : str
        Columns ``a`` and ``b``, both ``record``; every pair stands there once.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE frontier AS FROM temp.{table}")
    while connection.execute("SELECT 1 FROM temp.frontier LIMIT 1").fetchone():
        connection.execute(f"""
          CREATE OR REPLACE TEMP TABLE frontier AS
          SELECT record FROM (
            SELECT b AS record FROM temp.{pairs} SEMI JOIN temp.frontier ON record = a
            UNION SELECT a FROM temp.{pairs} SEMI JOIN temp.frontier ON record = b
          ) ANTI JOIN temp.{table} USING (record)
        """)
        connection.execute(f"INSERT INTO temp.{table} FROM temp.frontier")
    connection.execute("DROP TABLE temp.frontier")
