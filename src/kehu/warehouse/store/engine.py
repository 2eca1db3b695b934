"""DuckDB connections with the DuckLake extensions, and its errors in the user's words."""

from __future__ import annotations

import errno
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import KehuError, LakeError, QueryError
from kehu.warehouse.store import bucket

if TYPE_CHECKING:
    from kehu.warehouse.store.place import Place

EXTENSIONS = ("sqlite_scanner", "ducklake")
SQLITE = "META_JOURNAL_MODE 'WAL', META_BUSY_TIMEOUT 5000"
FULL = ("no space left", "disk is full", "file too large", "disk quota exceeded")
TORN = "a file of the lake is damaged"
MISSING = "'kehu doctor' says which and what to do"
SIGNS = (
    ("catalog version", "the lake was written by another version", "Use that version of Kehu, or build a new lake"),
    ("Out of Memory", "not enough memory", "Raise memory_limit in kehu.toml, or narrow the query"),
    ("No snapshot found", "this snapshot has expired", "Ask the newest one"),
    ("Cannot open file", "a file of the lake is missing", MISSING),
    ("No files found", "a file of the lake is missing", MISSING),
    ("No magic bytes", TORN, MISSING),
    ("too small to be a Parquet file", TORN, MISSING),
    ("footer length", TORN, MISSING),
    ("Invalid Parquet", TORN, MISSING),
    ("TProtocolException", TORN, MISSING),
    ("ecompression failure", TORN, MISSING),
    ("Catalog Error: Table with name", "a table is not built yet", "Run 'kehu build' for all tables"),
    ("disk I/O error", "the disk is full or fails; nothing of this run was kept", "Free space, run it again"),
    ("Unable to connect to Postgres", "the catalog's server does not answer", "Start it, or correct catalog"),
    ("HTTP Error", "the object store refuses", "Check files in kehu.toml and the AWS_... variables"),
    ("Could not establish connection", "the object store does not answer", "Check AWS_ENDPOINT_URL and the network"),
    ("not a database", "the lake's catalog is damaged", "Restore a backup with 'kehu backup restore'"),
    ("disk image is malformed", "the lake's catalog is damaged", "Restore a backup with 'kehu backup restore'"),
)
_VERIFIED: set[str] = set()  # extensions whose signature this process has checked: hashing them takes .2 s
FULL_CODES = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def quoted(text: str | Path) -> str:
    """Return ``text`` as an SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def name(identifier: str) -> str:
    """Return ``identifier`` as a quoted SQL name."""
    return '"' + identifier.replace('"', '""') + '"'


def connect(place: Place, tmp: str) -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB with DuckLake loaded, spilling to the lake's own folder ``tmp``."""
    if place.folder.is_dir():
        (place.folder / "tmp").mkdir(exist_ok=True)  # DuckDB makes only the last folder of a path
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": place.memory_limit,
        "temp_directory": str(place.folder / "tmp" / tmp),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if place.threads:
        config["threads"] = place.threads
    is_verified = _VERIFIED.issuperset(EXTENSIONS)
    connection = duckdb.connect(config={**config, "allow_unsigned_extensions": is_verified})
    for extension in EXTENSIONS:
        _load(connection, extension)
    connection.execute("SET allow_unsigned_extensions = false")
    _VERIFIED.update(EXTENSIONS)
    if place.is_shared:
        _load(connection, "postgres_scanner")
    if place.is_remote:
        _load(connection, "httpfs")
        connection.execute(bucket.secret(place.root, os.environ))
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def attach(connection: duckdb.DuckDBPyConnection, place: Place, options: str, *, alias: str = "lake") -> None:
    """Attach the lake's catalog and use it; a folder may have moved since it was made, what is elsewhere has not."""
    parts = [f"DATA_PATH {quoted(place.root)}", options]
    if place.is_shared:
        catalog = f"postgres:{place.elsewhere.catalog}"
        parts.append("METADATA_SCHEMA 'main'")  # as in SQLite
    else:
        catalog = f"sqlite:{place.catalog}"
        parts += [] if "READ_ONLY" in options else [SQLITE]
        parts += [] if place.is_remote else ["OVERRIDE_DATA_PATH true"]
    connection.execute(f"ATTACH {quoted(f'ducklake:{catalog}')} AS {alias} ({', '.join(parts)})")
    connection.execute(f"USE {alias}")


def _load(connection: duckdb.DuckDBPyConnection, extension: str) -> None:
    package = f"duckdb_extension_{extension}"
    if find_spec(package) is None:  # no wheel for this platform: DuckDB's own repository
        connection.execute(f"INSTALL {extension}")
        connection.execute(f"LOAD {extension}")
        return
    folder = Path(str(import_module(package).__file__)).parent
    connection.execute(f"LOAD {quoted(next(folder.rglob('*.duckdb_extension')))}")


def is_full(error: BaseException) -> bool:
    """Return whether ``error`` means that the disk (or quota) is full."""
    if isinstance(error, OSError) and error.errno in FULL_CODES:
        return True
    return any(sign in str(error).lower() for sign in FULL)


def explained(error: Exception, where: str, otherwise: type[KehuError] = LakeError) -> KehuError:
    """Return what a DuckDB or file error means to the user; wrong SQL is an ``otherwise``."""
    text = str(error).strip()
    if is_full(error):
        return LakeError("the disk is full; nothing of this run was kept", where=where, fix="Free space, run it again")
    if isinstance(error, duckdb.InterruptException):
        return QueryError("the query took too long and was stopped", where=where, fix="Narrow it and try again")
    for sign, what, fix in SIGNS:
        if sign in text:
            return LakeError(f"{what}: {text.splitlines()[0]}", where=where, fix=fix)
    if isinstance(error, (duckdb.IOException, duckdb.InternalException, duckdb.FatalException, OSError)):
        return LakeError(f"the lake cannot be read or written: {text}", where=where, fix="See the message above")
    return otherwise(text, where=where)
