"""What the lake's catalog says, read directly and cheaply: snapshots and the files they need."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kehu.base.errors import LakeError

VERSION = "1.0"  # the DuckLake format that duckdb-extension-ducklake 1.5.5 writes
PUBLISH, LAND = "publish: ", "land: "
FILES = """
SELECT s.path, s.path_is_relative, t.path, t.path_is_relative, f.path, f.path_is_relative
FROM (SELECT table_id, path, path_is_relative FROM ducklake_data_file
      UNION ALL SELECT table_id, path, path_is_relative FROM ducklake_delete_file) AS f
JOIN ducklake_table AS t USING (table_id) JOIN ducklake_schema AS s USING (schema_id)
"""


@dataclass(frozen=True)
class Snapshot:
    """A named state of the lake.

    Attributes
    ----------
    id : int
        DuckLake's snapshot number; larger is newer.
    name : str
        Its commit message: ``publish: ...`` for what readers see, ``land: ...`` for raw rows.
    at : datetime
        When it was committed, naive UTC.
    """

    id: int
    name: str
    at: datetime

    @property
    def is_published(self) -> bool:
        """Whether readers may pin this snapshot."""
        return self.name.startswith(PUBLISH)


def snapshots(catalog: Path, *, published: bool = False, limit: int = -1) -> list[Snapshot]:
    """Return the lake's snapshots, newest first; none when there is no lake yet."""
    sql = (
        "SELECT snapshot_id, coalesce(commit_message, ''), snapshot_time FROM ducklake_snapshot "
        "JOIN ducklake_snapshot_changes USING (snapshot_id) "
        "WHERE snapshot_id > 0 AND (NOT ? OR commit_message LIKE ? || '%') ORDER BY 1 DESC LIMIT ?"
    )
    found = ask(catalog, sql, (published, PUBLISH, limit))
    return [Snapshot(number, message, _utc(at)) for number, message, at in found]


def files(catalog: Path, folder: Path) -> set[Path]:
    """Return every Parquet file that some snapshot needs; ``folder`` is the lake's file folder."""
    return {_placed(folder, row) for row in ask(catalog, FILES)}


def verify(catalog: Path) -> None:
    """Check that the catalog is one that this version can use.

    Raises
    ------
    LakeError
        When the file is damaged, or was written by another version of DuckLake.
    """
    if not catalog.exists():
        return
    found = dict(ask(catalog, "SELECT key, value FROM ducklake_metadata WHERE key = 'version'"))
    if found.get("version") != VERSION:
        what = f"the lake has DuckLake format {found.get('version')}, this Kehu reads {VERSION}"
        raise LakeError(what, where=str(catalog), fix="Use the Kehu version that wrote it, or build a new lake")


def ask(catalog: Path, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """Return rows of one read-only query on the catalog itself; none when there is no lake yet."""
    if not catalog.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{catalog.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            return connection.execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        fix = "Restore it from a backup, or move the folder away and run 'kehu run'"
        raise LakeError(f"the lake's catalog is damaged: {error}", where=str(catalog), fix=fix) from error


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def _placed(folder: Path, row: tuple[Any, ...]) -> Path:
    place = folder
    for path, is_relative in zip(row[::2], row[1::2], strict=True):
        place = place / path if is_relative else Path(path)
    return place
