"""What a file, folder or database holds, found by looking: the start of every mapping."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb

from kehu.base.errors import SourceError
from kehu.collect.connector import StreamLook, connector_named, connector_of, connectors
from kehu.collect.group import grouped, stream_name, unique_names


def look(path: Path) -> list[StreamLook]:
    """Return the streams of a file, a folder of files, a workbook or a database.

    In a folder, files of one kind whose names differ in digits only and whose columns are equal are one stream
    (``2017-01.parquet`` ... ``2017-12.parquet``); every other file is its own. A workbook has a stream per sheet, a
    database one per table. Files that no connector reads are left out.

    Parameters
    ----------
    path : Path
        Read only; nothing is written beside it.

    Returns
    -------
    list of StreamLook
        Ordered by file, then as the workbook or database orders them.

    Raises
    ------
    SourceError
        When there is nothing there, nothing Kehu reads, or a file is empty or broken.
    """
    if not path.exists():
        fix = "Check the path" + _neighbor(path)
        raise SourceError("no such file or folder", where=str(path), fix=fix)
    with tempfile.TemporaryDirectory(prefix="kehu-look-") as scratch, duckdb.connect() as connection:
        connection.execute("SET autoinstall_known_extensions = false; SET memory_limit = '512MB'")
        looker = _Looker(connection, Path(scratch))
        found = looker.folder(path) if path.is_dir() else looker.file(path)
    return unique_names(found)


class _Looker:
    def __init__(self, connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self._connection, self._scratch = connection, scratch

    def file(self, path: Path) -> list[StreamLook]:
        kind = connector_of(path)
        if kind is None:
            endings = ", ".join(sorted(s for c in connectors().values() for s in c.suffixes))
            fix = f"Kehu reads {endings}"
            raise SourceError(f"no connector reads {path.suffix or 'files without ending'}", where=str(path), fix=fix)
        looks = connector_named(kind).look(path, self._connection, self._scratch)
        return [
            replace(found, name=stream_name(found.sheet or found.table or path.name), files=(path.name,))
            for found in looks
        ]

    def folder(self, path: Path) -> list[StreamLook]:
        files = [file for file in sorted(path.rglob("*")) if _is_source(file, path)]
        if not files:
            raise SourceError(
                "nothing in this folder that Kehu reads", where=str(path), fix="Check the path, or name one file"
            )
        looks = {file.relative_to(path).as_posix(): self.file(file) for file in files}
        return grouped(looks, folder=path.name)


def _is_source(file: Path, root: Path) -> bool:
    hidden = any(part.startswith((".", "~$")) for part in file.relative_to(root).parts)
    prose = re.match(r"(readme|license|licence|copying|changelog)\b", file.name, re.IGNORECASE)
    return file.is_file() and not hidden and not prose and connector_of(file) is not None


def _neighbor(path: Path) -> str:
    from kehu.base.errors import did_you_mean

    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    hint = did_you_mean(path.name, names)
    return f". {hint}" if hint else ""
