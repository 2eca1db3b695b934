"""The only way to change the lake: one locked, durable transaction."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import LakeError
from kehu.warehouse.session.direct import columns_of
from kehu.warehouse.session.pool import borrowed
from kehu.warehouse.store import bucket, history
from kehu.warehouse.store.engine import attach, explained, name, quoted
from kehu.warehouse.store.shared import demand_turn
from kehu.warehouse.store.turn import turn
from kehu.warehouse.store.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from kehu.warehouse.store.place import Place

DIGITS = "TRY_CAST('0x' || substr(CAST(customer_id AS VARCHAR), 2, 12) AS UBIGINT)"  # of customers' ids, sort as these
OPTIONS = "DATA_INLINING_ROW_LIMIT 0"
# How files are packed: no larger than DuckDB's own choice would be, read in .4 to .9 of its time.
PACKING = {"parquet_compression": "lz4_raw", "parquet_version": "2"}
UNCOUNTED = f"""
SELECT table_id, 0 AS record_count, 0 AS next_row_id, 0 AS file_size_bytes FROM {history.META}.ducklake_table
WHERE end_snapshot IS NULL AND table_id NOT IN (SELECT table_id FROM {history.META}.ducklake_table_stats)
"""
GROUP = 122_880  # rows of a Parquet file that are packed together, as DuckDB does
LOOKED_UP = (
    30_720  # of a table sorted by one column, where people look up single rows: .25-.5 of the time of large ones
)
GATHERED = 61_440  # of a table sorted by whom it is about and when, whose rows of one customer a page gathers


class Writer:
    """Tables of the lake inside one open transaction.

    Attributes
    ----------
    connection : duckdb.DuckDBPyConnection
        In the transaction, with the lake in use; TEMP tables are welcome, other databases are not.
    appended : set of str
        Tables to which :meth:`append` added rows.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, tmp: Path) -> None:
        self.connection = connection
        self.tmp = tmp
        self.appended: set[str] = set()
        self._written: set[str] = set()
        self._seen: set[str] = set()

    def tables(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Return every table as this transaction sees it, with its (column, type) pairs."""
        return columns_of(self.connection)

    def has(self, table: str) -> bool:
        """Return whether ``table`` exists in the lake, as this transaction sees it."""
        if not self._seen:
            self._seen = set(self.tables())  # no table leaves the lake in this transaction
        if table not in self._seen and exists(self.connection, table, "database_name = 'lake'"):
            self._seen.add(table)
        return table in self._seen

    def was_written(self, table: str) -> bool:
        """Return whether this transaction has made ``table`` anew."""
        return table in self._written

    @contextmanager
    def as_written(self) -> Iterator[None]:
        """Let joins hold the right side in memory, as their SQL is written, where DuckDB would guess sizes wrong."""
        self.connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
        try:
            yield
        finally:
            with suppress(duckdb.Error):  # after an error it takes no word; the writer's end puts it right
                self.connection.execute("RESET disabled_optimizers")

    def replace(self, table: str, select: str, sort: Sequence[str] = (), *, is_scanned: bool = False) -> None:
        """Make ``table`` hold exactly the rows of ``select``, ordered by ``sort``; packed for scans, or as sorted."""
        order = ordered_by(sort)
        if table in self._written:  # DuckLake cannot replace, from itself, what this transaction wrote
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE kehu_hold AS {select}")
            select = "SELECT * FROM temp.kehu_hold"
        body = f"SELECT * FROM ({select}) AS result{order}" if order else select
        with packed(self.connection, sort, is_scanned):
            self.connection.execute(f"CREATE OR REPLACE TABLE lake.main.{name(table)} AS {body}")
        if table in self._written:
            self.connection.execute("DROP TABLE temp.kehu_hold")
        self._written.add(table)

    def adopt(self, table: str, columns: Mapping[str, str], files: Sequence[Path]) -> None:
        """Make ``table`` hold exactly the rows of Parquet files that stand below the lake's files already."""
        described = ", ".join(f"{name(column)} {kind}" for column, kind in columns.items())
        self.connection.execute(f"CREATE OR REPLACE TABLE lake.main.{name(table)} ({described})")
        for path in files:
            self.connection.execute(f"CALL ducklake_add_data_files('lake', {quoted(table)}, {quoted(path)})")
        self._written.add(table)

    def append(self, table: str, rows: str | pa.Table) -> None:
        """Add the rows of a SELECT or Arrow table to ``table`` by column name; it is created when absent."""
        if not isinstance(rows, str):
            self.connection.register("kehu_rows", rows)
            rows = "SELECT * FROM kehu_rows"
        if self.has(table):
            self.connection.execute(f"INSERT INTO lake.main.{name(table)} BY NAME {rows}")
        else:
            self.replace(table, rows)
        self.appended.add(table)


def ordered_by(sort: Sequence[str]) -> str:
    """Return the ORDER BY of rows that stand by these columns, empty for none.

    Customers are sorted by the digits of their ids, as a number: keys of a fixed size (numbers, times) are sorted in .6
    of the time of texts. An id without such digits, which only tables of others hold, stands last.
    """
    cells = (DIGITS if column == "customer_id" else name(column) for column in sort)
    return f" ORDER BY {', '.join(cells)}" if sort else ""


@contextmanager
def packed(connection: duckdb.DuckDBPyConnection, sort: Sequence[str], is_scanned: bool) -> Iterator[None]:
    """Let the block write files whose rows are packed as the table is read: scanned, or looked up in by its sort.

    Whoever asks for some rows decodes a whole group, and looks at the bounds of all groups, so none may be too small.
    """
    if is_scanned or (len(sort) != 1 and not (1 < len(sort) < 4 and sort[0].endswith("_id"))):
        yield
        return
    rows = LOOKED_UP if len(sort) == 1 else GATHERED
    connection.execute(f"CALL lake.set_option('parquet_row_group_size', {rows})")
    yield
    connection.execute(f"CALL lake.set_option('parquet_row_group_size', {GROUP})")


def exists(connection: duckdb.DuckDBPyConnection, table: str, where: str) -> bool:
    """Return whether a table exists; by its columns, since listing DuckLake's tables counts the rows of each (.4 s)."""
    sql = f"SELECT 1 FROM duckdb_columns() WHERE table_name = {quoted(table)} AND ({where}) LIMIT 1"
    return connection.execute(sql).fetchone() is not None


@contextmanager
def writing(place: Place, message: str, *, author: str) -> Iterator[Writer]:
    """Yield a `Writer` under the lake's lock and commit it under ``message`` when the block succeeds."""
    with turn(place, message):
        try:
            is_new = not place.catalog.exists()
            prepare(place)
            with borrowed(place) as connection:
                attach(connection, place, OPTIONS)
                if place.is_remote:
                    bucket.refuse_strangers(connection, place.root)
                with transaction(connection, place, message, author=author) as writer:
                    yield writer
            shutil.rmtree(place.folder / "tmp" / "writer", ignore_errors=True)
            if is_new:
                history.sync_folder(place.folder)
                history.sync_folder(place.folder.parent)
        except (duckdb.Error, OSError) as error:
            raise explained(error, str(place.folder)) from error


def prepare(place: Place) -> None:
    """Make the lake's folders, bring an earlier version's lake up to this one, drop old scratch; needs the lock."""
    place.files.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place.folder / "tmp" / "writer", ignore_errors=True)
    upgrade(place)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection, place: Place, message: str, *, author: str) -> Iterator[Writer]:
    """Yield a `Writer` on an attached lake and commit it durably: its files reach the disk first; needs the lock."""
    history.record(connection, place.folder)  # a run killed after its commit has not written it
    before = clean(connection, place)
    _form(connection)
    connection.execute("BEGIN")
    try:
        yield Writer(connection, place.folder / "tmp" / "writer")
        connection.execute(f"CALL lake.set_commit_message({quoted(author)}, {quoted(message)})")
        sync(path for path in written(place.files) if path not in before)
        if place.is_shared:
            demand_turn(place)
        connection.execute("COMMIT")
    except BaseException:
        _undo(connection, place)
        raise
    _count_empty(connection)
    try:
        history.record(connection, place.folder)
    except OSError as error:
        fix = "Free space, then run 'kehu doctor --mend' or anything that writes"
        what = f"the run is kept, but readers cannot be told of it ({error.strerror})"
        raise LakeError(what, where=str(place.folder), fix=fix) from error


def _form(connection: duckdb.DuckDBPyConnection) -> None:
    """Let files be packed as ``PACKING`` says from now on, in a lake of an earlier version too."""
    known = dict(connection.execute(f"SELECT key, value FROM {history.META}.ducklake_metadata").fetchall())
    for option, value in PACKING.items():
        if known.get(option, "").removeprefix("V") != value:
            connection.execute(f"CALL lake.set_option({quoted(option)}, {quoted(value)})")


def _count_empty(connection: duckdb.DuckDBPyConnection) -> None:
    """Say of tables that never had a row that they have none.

    Of a table without statistics DuckLake asks for them anew at every mention, for each of its columns: 30 to 50 ms.
    """
    with suppress(duckdb.Error):  # for speed only: the commit stands
        if connection.execute(f"{UNCOUNTED} LIMIT 1").fetchone():
            connection.execute(f"INSERT INTO {history.META}.ducklake_table_stats {UNCOUNTED}")


def _undo(connection: duckdb.DuckDBPyConnection, place: Place) -> None:
    steps = (
        lambda: connection.execute("ROLLBACK"),
        lambda: connection.execute("RESET disabled_optimizers"),  # a build may have set it
        lambda: sweep(connection, place),
    )
    for step in steps:
        with suppress(duckdb.Error, OSError):  # no transaction any more, or no disk: the next writer cleans up
            step()


def clean(connection: duckdb.DuckDBPyConnection, place: Place) -> set[Path]:
    """Remove files that no snapshot needs (left by a killed run) and return the ones in use; needs the lock.

    In an object store those of a killed run stay until `tidy`: listing a bucket costs more than a small run.
    """
    used = history.files(connection, place.files)
    for path in written(place.files):
        if path not in used:
            path.unlink(missing_ok=True)
    return used


def sweep(connection: duckdb.DuckDBPyConnection, place: Place) -> None:
    """Remove files that no snapshot needs, those of an object store too; needs the lock, and no open transaction."""
    if place.is_remote:
        bucket.drop_orphans(connection)
    else:
        clean(connection, place)


def written(files: Path) -> Iterator[Path]:
    """Yield every Parquet file under the lake's file folder."""
    return files.rglob("*.parquet")


def sync(paths: Iterable[Path]) -> None:
    """Force files and the folders that name them to disk, so that a commit never outlives its rows."""
    folders = set()
    for path in paths:
        _sync(path)
        folders.update({path.parent, path.parent.parent, path.parent.parent.parent})
    for folder in folders:
        history.sync_folder(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
