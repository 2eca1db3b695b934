"""Direct views: the tables of one pinned snapshot as views over their Parquet files.

DuckLake asks its catalog for files and statistics at every scan, some milliseconds a table even when the table is tiny.
The files of a pinned snapshot never change, so a reader asks once. A page of six queries takes a third of the time. A
view is made when SQL first mentions its table: making them all would take longer than most commands' queries.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING

import duckdb

from kehu.warehouse.store.engine import name, quoted

if TYPE_CHECKING:
    from kehu.warehouse.store.place import Place

HOLES = 100_000  # deleted rows of a table that its direct view may leave out; with more, DuckLake's own scan is faster
STORE = "store"  # the alias of the DuckLake itself; people cannot name it, the gate knows bare names only
# Files of a table that need nothing of DuckLake, each with the file of its deleted rows: few such rows, every column as
# old as the oldest file, and no merged file that holds what a later snapshot did too (partial_max is the newest in it).
FILES = """
WITH held AS (
  SELECT t.table_id, t.table_name, s.path AS s_path, s.path_is_relative AS s_relative, t.path AS t_path,
    t.path_is_relative AS t_relative
  FROM {m}.ducklake_table AS t JOIN {m}.ducklake_schema AS s USING (schema_id)
  WHERE t.begin_snapshot <= {n} AND (t.end_snapshot IS NULL OR t.end_snapshot > {n}) AND s.schema_name = 'main'
), file AS (
  SELECT * FROM {m}.ducklake_data_file WHERE begin_snapshot <= {n} AND (end_snapshot IS NULL OR end_snapshot > {n})
), hole AS (
  SELECT * FROM {m}.ducklake_delete_file WHERE begin_snapshot <= {n} AND (end_snapshot IS NULL OR end_snapshot > {n})
)
SELECT h.table_name, h.s_path, h.s_relative, h.t_path, h.t_relative, f.path, f.path_is_relative, d.path,
  d.path_is_relative, d.partial_max > {n}
FROM held AS h JOIN file AS f USING (table_id) LEFT JOIN hole AS d USING (data_file_id)
WHERE h.table_id NOT IN (
    SELECT table_id FROM hole GROUP BY table_id HAVING sum(delete_count) > {most}
      OR bool_or(format <> 'parquet' OR encryption_key IS NOT NULL)
  )
  AND h.table_id NOT IN (SELECT table_id FROM file WHERE partial_max > {n})
  AND h.table_id NOT IN (
    SELECT c.table_id FROM {m}.ducklake_column AS c JOIN file AS f USING (table_id)
    WHERE c.begin_snapshot <= {n}
      AND (c.begin_snapshot > f.begin_snapshot OR c.end_snapshot IS NOT NULL OR f.encryption_key IS NOT NULL)
  )
ORDER BY h.table_name, f.data_file_id
"""
EMPTY = """
SELECT t.table_name FROM {m}.ducklake_table AS t
WHERE t.begin_snapshot <= {n} AND (t.end_snapshot IS NULL OR t.end_snapshot > {n})
  AND t.table_id NOT IN (
    SELECT table_id FROM {m}.ducklake_data_file
    WHERE begin_snapshot <= {n} AND (end_snapshot IS NULL OR end_snapshot > {n})
  )
"""
COLUMNS = """
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE database_name = '{database}' AND schema_name = 'main' ORDER BY table_name, column_index
"""
WORD = re.compile(r"\w+")

File = tuple[str, str]  # a data file, and the SELECT of its deleted rows' positions (empty when it has none)


class DirectViews:
    """A database ``lake`` that holds a view per table of the attached store, once somebody mentions the table.

    A table whose files cannot be read as they stand (many deleted rows, a column that came later, a missing file) is a
    view over DuckLake's own table.

    Parameters
    ----------
    connection : DuckDBPyConnection
        With the lake attached as ``STORE`` at the snapshot.
    place : Place
        Where its files are.
    snapshot : int
        The pinned snapshot.

    Attributes
    ----------
    columns : dict
        Every table with its (column, type) pairs, in order.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, place: Place, snapshot: int) -> None:
        connection.execute("ATTACH ':memory:' AS lake")
        connection.execute("ATTACH ':memory:' AS holes")  # positions of deleted rows, a table per file
        connection.execute("SET GLOBAL parquet_metadata_cache = true")  # else each further cursor reads footers anew
        connection.execute("USE lake")
        at = {"m": f"__ducklake_metadata_{STORE}.main", "n": int(snapshot)}
        self._connection = connection
        self._guard = Lock()
        self._files: dict[str, list[File]] = {}
        self._empty = {row[0] for row in connection.execute(EMPTY.format(**at)).fetchall()}
        for table, *parts, goes_on in connection.execute(FILES.format(**at, most=HOLES)).fetchall():
            deleted = ""
            if parts[6]:
                until = f" WHERE _ducklake_internal_snapshot_id <= {int(snapshot)}" if goes_on else ""
                deleted = f"SELECT pos FROM read_parquet({quoted(_placed(place, [*parts[:4], *parts[6:]]))}){until}"
            self._files.setdefault(table, []).append((_placed(place, parts[:6]), deleted))
        self.columns = columns_of(connection, STORE)
        self._hidden = {table.lower(): table for table in self.columns}

    def show(self, sql: str) -> None:
        """Make the views of all tables that ``sql`` mentions, in whatever case and quotes."""
        if self._hidden:
            said = sql.lower()
            words = set(WORD.findall(said))
            with self._guard:
                for table in [t for t in self._hidden if t in words or (not WORD.fullmatch(t) and t in said)]:
                    self._make(self._hidden[table])
                    del self._hidden[table]

    def show_all(self) -> None:
        """Make the views of all tables."""
        self.show(" ".join(self.columns))

    def _make(self, table: str) -> None:
        columns, files = self.columns[table], self._files.get(table, [])
        if table in self._empty:
            nothing = ", ".join(f"CAST(NULL AS {kind}) AS {name(column)}" for column, kind in columns)
            self._connection.execute(f"CREATE OR REPLACE VIEW lake.main.{name(table)} AS SELECT {nothing} WHERE FALSE")
            return
        _show(self._connection, table, ", ".join(f"f.{name(column)}" for column, _ in columns), files)
        shown = self._connection.execute(f"DESCRIBE lake.main.{name(table)}").fetchall()
        if [(column, kind) for column, kind, *_ in shown] != list(columns):
            _show(self._connection, table, ", ".join(map(_cast, columns)), files)


def columns_of(connection: duckdb.DuckDBPyConnection, database: str = "lake") -> dict[str, tuple[tuple[str, str], ...]]:
    """Return every table of an attached database with its (column, type) pairs, in order."""
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in connection.execute(COLUMNS.format(database=database)).fetchall():
        tables.setdefault(table, []).append((column, kind))
    return {table: tuple(columns) for table, columns in tables.items()}


def _cast(column: tuple[str, str]) -> str:
    """Return a column in its table's type, where the file's is another: a needless cast costs each query its lookup."""
    return f"CAST(f.{name(column[0])} AS {column[1]}) AS {name(column[0])}"


def _show(connection: duckdb.DuckDBPyConnection, table: str, cells: str, files: list[File]) -> None:
    view = f"CREATE OR REPLACE VIEW lake.main.{name(table)} AS"
    if files:
        whole = ", ".join(quoted(path) for path, deleted in files if not deleted)
        parts = [f"SELECT {cells} FROM read_parquet([{whole}], hive_partitioning = false) AS f"] if whole else []
        try:
            parts += [_without(connection, cells, path, deleted) for path, deleted in files if deleted]
            connection.execute(f"{view} {' UNION ALL '.join(parts)}")
        except duckdb.Error:
            files = []
    if not files:
        connection.execute(f"{view} SELECT * FROM {STORE}.main.{name(table)}")


def _without(connection: duckdb.DuckDBPyConnection, cells: str, path: str, deleted: str) -> str:
    """Return the SELECT of a file's rows but the deleted ones, whose positions are kept in a table."""
    hole = f"holes.main.{name(path)}"
    connection.execute(f"CREATE TABLE {hole} AS {deleted}")
    rows = f"read_parquet({quoted(path)}, hive_partitioning = false, file_row_number = true)"
    return f"SELECT {cells} FROM {rows} AS f ANTI JOIN {hole} AS h ON f.file_row_number = h.pos"


def _placed(place: Place, parts: list[str | bool]) -> str:
    path = place.root
    for step, is_relative in zip(parts[::2], parts[1::2], strict=True):
        path = f"{path.rstrip('/')}/{step}" if is_relative else str(step)
    return path
