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
from kehu.warehouse.store.upgrade import refuse_newer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duckdb import DuckDBPyConnection

PUBLISH, LAND = "publish: ", "land: "
TIDY = "tidy"  # the author of snapshots that change files and no row
LIST = "snapshots.json"
META = "__ducklake_metadata_lake.main"
FILES = """
SELECT s.path, s.path_is_relative, t.path, t.path_is_relative, f.path, f.path_is_relative
FROM (SELECT table_id, path, path_is_relative FROM {catalog}.ducklake_data_file
      UNION ALL SELECT table_id, path, path_is_relative FROM {catalog}.ducklake_delete_file) AS f
JOIN (SELECT DISTINCT table_id, schema_id, path, path_is_relative FROM {catalog}.ducklake_table) AS t USING (table_id)
JOIN (SELECT DISTINCT schema_id, path, path_is_relative FROM {catalog}.ducklake_schema) AS s USING (schema_id)
UNION ALL
SELECT '', true, '', true, path, path_is_relative FROM {catalog}.ducklake_files_scheduled_for_deletion
"""
# What `commits` asks DuckDB, asked of the catalog by SQLite: rows that `snapshot` understands.
SNAPSHOTS = """
SELECT s.snapshot_id, coalesce(c.commit_message, ''), s.snapshot_time, coalesce(c.author, '')
FROM ducklake_snapshot AS s LEFT JOIN ducklake_snapshot_changes AS c USING (snapshot_id)
WHERE s.snapshot_id > 0 ORDER BY 1 DESC
"""
COMMITS = """
SELECT snapshot_id, coalesce(commit_message, ''), epoch_us(snapshot_time), coalesce(author, '')
FROM lake.snapshots() ORDER BY 1 DESC
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
    author : str
        Who wrote it; ``tidy`` when it holds the rows of the one before it in other files.
    """

    id: int
    name: str
    at: datetime
    author: str = ""

    @property
    def is_published(self) -> bool:
        """Whether readers may pin this snapshot."""
        return self.name.startswith(PUBLISH)

    @property
    def is_maintenance(self) -> bool:
        """Whether it changed files only: its rows are those of the snapshot before it."""
        return self.author == TIDY


def snapshots(folder: Path) -> list[Snapshot]:
    """Return the lake's snapshots, newest first; none when there is no lake yet.

    Raises
    ------
    LakeError
        When the list beside the catalog cannot be read, or a newer Kehu wrote the lake.
    """
    refuse_newer(folder)
    path = folder / LIST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        fix = "Delete this file: the next run writes it anew"
        raise LakeError(f"the list of snapshots is damaged: {error}", where=str(path), fix=fix) from error
    return [Snapshot(number, name, datetime.fromisoformat(at), *author) for number, name, at, *author in found]


def level(snapshots: Iterable[Snapshot], number: int) -> int:
    """Return the newest snapshot that holds the same rows as snapshot ``number``: maintenance changes files only.

    A change feed that starts after it does not show what maintenance rewrote. A gap ends the search: nobody knows what
    expired snapshots changed.

    Examples
    --------
    >>> at = datetime(2026, 1, 1)
    >>> made = [Snapshot(4, "land: b", at), Snapshot(3, "publish: a", at, TIDY), Snapshot(2, "publish: a", at)]
    >>> level(made, 2)
    3
    """
    later = sorted((held for held in snapshots if held.id > number), key=lambda held: held.id)
    for held in later:
        if held.id != number + 1 or not held.is_maintenance:
            break
        number = held.id
    return number


def commits(connection: DuckDBPyConnection) -> list[Snapshot]:
    """Return the snapshots that the attached catalog has, newest first."""
    rows = connection.execute(COMMITS).fetchall()
    return [Snapshot(number, name, _utc(at), author) for number, name, at, author in rows if number > 0]


def snapshot(row: Sequence[Any]) -> Snapshot:
    """Return the snapshot of a row of `SNAPSHOTS`.

    Examples
    --------
    >>> snapshot((2, "publish: built", "2026-01-31 02:00:00.5+00", "system")).at
    datetime.datetime(2026, 1, 31, 2, 0, 0, 500000)
    """
    number, name, at, author = row
    return Snapshot(number, name, datetime.fromisoformat(at).astimezone(UTC).replace(tzinfo=None), author)


def record(connection: DuckDBPyConnection, folder: Path) -> None:
    """Write the list of snapshots as the attached catalog has it, durably; needs the lock."""
    keep(commits(connection), folder)


def keep(found: Iterable[Snapshot], folder: Path) -> None:
    """Write the list of snapshots (newest first), durably, unless it says so already; needs the lock."""
    text = json.dumps([(held.id, held.name, held.at.isoformat(), held.author) for held in found], ensure_ascii=False)
    path = folder / LIST
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Force the names in a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def files(connection: DuckDBPyConnection, folder: Path) -> set[Path]:
    """Return every Parquet file that a snapshot needs or that waits to be deleted, under ``folder``."""
    return {placed(folder, row) for row in connection.execute(FILES.format(catalog=META)).fetchall()}


def _utc(microseconds: int) -> datetime:
    whole = datetime.fromtimestamp(microseconds // 1_000_000, tz=UTC).replace(tzinfo=None)
    return whole.replace(microsecond=microseconds % 1_000_000)


def placed(folder: Path, row: tuple[Any, ...]) -> Path:
    """Return the path that a row of the catalog means: (part, is it relative) pairs below ``folder``."""
    place = folder
    for path, is_relative in zip(row[::2], row[1::2], strict=True):
        place = place / path if is_relative else Path(path)
    return place
