"""Direct views: the tables of one pinned snapshot as views over their Parquet files.

DuckLake asks its catalog for files and statistics at every scan, some milliseconds a table even when the table is tiny.
The files of a pinned snapshot never change, so a reader asks once. A page of six queries takes a third of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from kehu.warehouse.engine import name, quoted

if TYPE_CHECKING:
    from kehu.warehouse.place import Place

STORE = "store"  # the alias of the DuckLake itself; people cannot name it, the gate knows bare names only
# Files of a table that need nothing of DuckLake: no deleted rows, every column as old as the oldest file, and no merged
# file that holds rows of a later snapshot too (partial_max is the newest one in it).
FILES = """
WITH held AS (
  SELECT t.table_id, t.table_name, s.path AS s_path, s.path_is_relative AS s_relative, t.path AS t_path,
    t.path_is_relative AS t_relative
  FROM {m}.ducklake_table AS t JOIN {m}.ducklake_schema AS s USING (schema_id)
  WHERE t.begin_snapshot <= {n} AND (t.end_snapshot IS NULL OR t.end_snapshot > {n}) AND s.schema_name = 'main'
), file AS (
  SELECT * FROM {m}.ducklake_data_file WHERE begin_snapshot <= {n} AND (end_snapshot IS NULL OR end_snapshot > {n})
)
SELECT h.table_name, h.s_path, h.s_relative, h.t_path, h.t_relative, f.path, f.path_is_relative
FROM held AS h JOIN file AS f USING (table_id)
WHERE h.table_id NOT IN (
    SELECT table_id FROM {m}.ducklake_delete_file
    WHERE begin_snapshot <= {n} AND (end_snapshot IS NULL OR end_snapshot > {n})
  )
  AND h.table_id NOT IN (SELECT table_id FROM file WHERE partial_max > {n})
  AND h.table_id NOT IN (
    SELECT c.table_id FROM {m}.ducklake_column AS c JOIN file AS f USING (table_id)
    WHERE c.begin_snapshot <= {n}
      AND (c.begin_snapshot > f.begin_snapshot OR c.end_snapshot IS NOT NULL OR f.encryption_key IS NOT NULL)
  )
ORDER BY h.table_name, f.data_file_id
"""
COLUMNS = """
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE database_name = 'store' AND schema_name = 'main' ORDER BY table_name, column_index
"""


def show_tables(connection: duckdb.DuckDBPyConnection, place: Place, snapshot: int) -> None:
    """Make database ``lake`` hold a view per table of the attached store, and use it.

    A table whose files cannot be read as they stand (deleted rows, a column that came later, a missing file) is a view
    over DuckLake's own table.
    """
    connection.execute("ATTACH ':memory:' AS lake")
    connection.execute("SET parquet_metadata_cache = true")
    files: dict[str, list[str]] = {}
    sql = FILES.format(m=f"__ducklake_metadata_{STORE}.main", n=int(snapshot))
    for table, *parts in connection.execute(sql).fetchall():
        files.setdefault(table, []).append(_placed(place, parts))
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in connection.execute(COLUMNS).fetchall():
        columns.setdefault(table, []).append((column, kind))
    for table, held in columns.items():
        _show(connection, table, held, files.get(table, []))
    connection.execute("USE lake")


def _show(connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, str]], files: list[str]) -> None:
    view = f"CREATE VIEW lake.main.{name(table)} AS SELECT"
    if files:
        cells = ", ".join(f"CAST({name(column)} AS {kind}) AS {name(column)}" for column, kind in columns)
        paths = ", ".join(map(quoted, files))
        try:
            connection.execute(f"{view} {cells} FROM read_parquet([{paths}], hive_partitioning = false)")
        except duckdb.Error:
            files = []
    if not files:
        connection.execute(f"{view} * FROM {STORE}.main.{name(table)}")


def _placed(place: Place, parts: list[str | bool]) -> str:
    path = place.root
    for step, is_relative in zip(parts[::2], parts[1::2], strict=True):
        path = f"{path.rstrip('/')}/{step}" if is_relative else str(step)
    return path
