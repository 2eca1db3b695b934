"""SQLite databases, copied as they stand at one moment and read from the copy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.resources import files
from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import SourceError, did_you_mean
from kehu.collect.column import sampled
from kehu.collect.connector import Reading, Stream, StreamLook
from kehu.collect.dialect import column_names
from kehu.collect.quote import name, text

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection


class Sqlite:
    """Reads the tables of a SQLite database; ``_line`` is the row's position.

    Columns keep their declared type where every value has it, else they come as text: SQLite lets any value stand in
    any column, and 'n/a' in a price must reach quarantine, not stop the source.
    """

    suffixes = (".sqlite", ".sqlite3", ".db")

    def look(self, path: Path, connection: DuckDBPyConnection, scratch: Path) -> list[StreamLook]:
        """Return one stream per table, views and SQLite's own tables left out."""
        copy = copied(path, scratch)
        found = []
        for table in tables_of(path, copy):
            columns, select = _opened(copy, table, connection)
            looks, sample = sampled(connection, select, columns)
            ((rows,),) = connection.execute(f"SELECT count(*) FROM ({select})").fetchall()
            found.append(StreamLook("", "sqlite", table=table, columns=looks, rows=rows, sample=sample))
        return found

    def read(self, path: Path, stream: Stream, connection: DuckDBPyConnection, scratch: Path) -> Reading:
        """Copy the database into ``scratch`` (once) and return how DuckDB reads one table of it.

        Raises
        ------
        SourceError
            When the file is locked, broken or no database, or has no such table.
        """
        copy = copied(path, scratch)
        tables = tables_of(path, copy)
        table = stream.table or (tables[0] if len(tables) == 1 else "")
        if table not in tables:
            fix = f"{did_you_mean(table, tables)} It has {', '.join(tables)}".strip()
            raise SourceError(f"no table {table!r}", where=str(path), fix=fix)
        columns, select = _opened(copy, table, connection)
        return Reading(columns, select)


def copied(path: Path, scratch: Path) -> Path:
    """Return a copy of a database as it stands at one moment, also while others write to it.

    Raises
    ------
    SourceError
        When the database is locked, broken or empty.
    """
    copy = scratch / f"sqlite-{path.stat().st_ino}.sqlite"
    if copy.exists():
        return copy
    if path.stat().st_size == 0:
        raise SourceError("the file is empty (0 bytes)", where=str(path), fix="Copy the database again")
    try:
        _back_up(path, copy)
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        busy = "locked" in str(error) or "busy" in str(error)
        what = "the database is locked by another program" if busy else f"not a whole SQLite database: {error}"
        fix = "Close that program, or wait, and run again" if busy else "Restore or copy the database again"
        raise SourceError(what, where=str(path), fix=fix) from error
    return copy


def _back_up(path: Path, copy: Path) -> None:
    # "ro" takes a shared lock and sees the write-ahead log; a read-only folder without a log admits "immutable" only
    has_log = path.with_name(path.name + "-wal").exists()
    address = path.absolute().as_uri()
    for mode in ("mode=ro", "immutable=1"):
        try:
            source = sqlite3.connect(f"{address}?{mode}", uri=True, timeout=2)
            with closing(source), closing(sqlite3.connect(copy)) as target:
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # backup() itself would wait forever
                source.backup(target)
                _require_whole(target)
        except sqlite3.OperationalError as error:
            if has_log or mode != "mode=ro" or "unable to open" not in str(error):
                raise
        else:
            return


def _require_whole(target: sqlite3.Connection) -> None:
    (verdict,) = target.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def tables_of(path: Path, copy: Path) -> list[str]:
    """Return the tables of a database in their own order."""
    with closing(sqlite3.connect(copy)) as source:
        found = source.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
            "AND name NOT LIKE '\\_kehu\\_%' ESCAPE '\\' ORDER BY rowid"
        ).fetchall()
    if not found:
        raise SourceError("the database has no tables", where=str(path), fix="Check the path")
    return [table for (table,) in found]


def _opened(copy: Path, table: str, connection: DuckDBPyConnection) -> tuple[tuple[tuple[str, str], ...], str]:
    _load_scanner(connection)
    probe = connection.cursor()  # a transaction of its own: a failing probe must not end the caller's
    scan = f"sqlite_scan({text(str(copy))}, {text(table)})"
    declared = [(row[0], row[1]) for row in probe.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()]
    kinds = dict(declared)
    try:
        probe.execute(f"SELECT {', '.join(f'count({name(raw)})' for raw in kinds)} FROM {scan}").fetchall()
        cells = [name(raw) for raw in kinds]
    except duckdb.Error:
        scan = f"sqlite_scan({text(str(copy))}, {text(_as_text(copy, table, list(kinds)))})"
        kinds = _fitting(probe, scan, declared)
        cells = [f"CAST({name(raw)} AS {kind})" for raw, kind in kinds.items()]
    names = column_names(kinds)
    select = ", ".join(f"{cell} AS {name(column)}" for cell, column in zip(cells, names, strict=True))
    numbered = f"SELECT row_number() OVER () AS _line, {select} FROM {scan}"
    return tuple(zip(names, kinds.values(), strict=True)), numbered


def _as_text(copy: Path, table: str, columns: list[str]) -> str:
    # the copy is ours: a second table in it holds every value as text
    plain = f"_kehu_text_{table}"
    cells = ", ".join(f"CAST({name(column)} AS TEXT) AS {name(column)}" for column in columns)
    with closing(sqlite3.connect(copy)) as target:
        target.execute(f"CREATE TABLE IF NOT EXISTS {name(plain)} AS SELECT {cells} FROM {name(table)} ORDER BY rowid")
        target.commit()
    return plain


def _fitting(connection: DuckDBPyConnection, scan: str, declared: list[tuple[str, str]]) -> dict[str, str]:
    tests = ", ".join(
        f"bool_and({name(raw)} IS NULL OR TRY_CAST({name(raw)} AS {kind}) IS NOT NULL)" for raw, kind in declared
    )
    verdicts = connection.execute(f"SELECT {tests} FROM {scan}").fetchone() or ()
    return {raw: kind if fits is not False else "VARCHAR" for (raw, kind), fits in zip(declared, verdicts, strict=True)}


def _load_scanner(connection: DuckDBPyConnection) -> None:
    loaded = connection.execute(
        "SELECT loaded FROM duckdb_extensions() WHERE extension_name = 'sqlite_scanner'"
    ).fetchone()
    if loaded != (True,):
        wheel = files("duckdb_extension_sqlite_scanner")
        (path,) = (
            entry
            for folder in wheel.joinpath("extensions").iterdir()
            for entry in folder.iterdir()
            if entry.name == "sqlite_scanner.duckdb_extension"
        )
        connection.load_extension(str(path))
