"""Which snapshots the lake has, and the files they need.

The catalog is read through DuckDB only: a second SQLite library in the same process (Python's ``sqlite3``) would
drop the locks of DuckDB's and truncate its shared memory under it. So writers keep the list of snapshots in a small
file beside the catalog, which costs nothing to read.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kehu.base.errors import LakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PUBLISH, LAND = "publish: ", "land: "
LIST = "snapshots.json"
META = "__ducklake_metadata_lake.main"
FILES = f"""
SELECT s.path, s.path_is_relative, t.path, t.path_is_relative, f.path, f.path_is_relative
FROM (SELECT table_id, path, path_is_relative FROM {META}.ducklake_data_file
      UNION ALL SELECT table_id, path, path_is_relative FROM {META}.ducklake_delete_file) AS f
JOIN (SELECT DISTINCT table_id, schema_id, path, path_is_relative FROM {META}.ducklake_table) AS t USING (table_id)
JOIN (SELECT DISTINCT schema_id, path, path_is_relative FROM {META}.ducklake_schema) AS s USING (schema_id)
UNION ALL
SELECT '', true, '', true, path, path_is_relative FROM {META}.ducklake_files_scheduled_for_deletion
"""
COMMITS = (
    "SELECT snapshot_id, coalesce(commit_message, ''), epoch_us(snapshot_time) FROM lake.snapshots() ORDER BY 1 DESC"
)


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


def snapshots(folder: Path) -> list[Snapshot]:
    """Return the lake's snapshots, newest first; none when there is no lake yet.

    Raises
    ------
    LakeError
        When the list beside the catalog cannot be read.
    """
    path = folder / LIST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        fix = "Delete this file: the next run writes it anew"
        raise LakeError(f"the list of snapshots is damaged: {error}", where=str(path), fix=fix) from error
    return [Snapshot(number, name, datetime.fromisoformat(at)) for number, name, at in found]


def record(connection: DuckDBPyConnection, folder: Path) -> None:
    """Write the list of snapshots as the attached catalog has it, durably; needs the lock."""
    rows = connection.execute(COMMITS).fetchall()
    found = [(number, name, _utc(at).isoformat()) for number, name, at in rows if number > 0]
    text = json.dumps(found, ensure_ascii=False)
    path = folder / LIST
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def files(connection: DuckDBPyConnection, folder: Path) -> set[Path]:
    """Return every Parquet file that a snapshot needs or that waits to be deleted, under ``folder``."""
    return {_placed(folder, row) for row in connection.execute(FILES).fetchall()}


def _utc(microseconds: int) -> datetime:
    whole = datetime.fromtimestamp(microseconds // 1_000_000, tz=UTC).replace(tzinfo=None)
    return whole.replace(microsecond=microseconds % 1_000_000)


def _placed(folder: Path, row: tuple[Any, ...]) -> Path:
    place = folder
    for path, is_relative in zip(row[::2], row[1::2], strict=True):
        place = place / path if is_relative else Path(path)
    return place
