"""Looks at a lake from outside: what is missing, damaged, left over or due for maintenance. It changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb

from kehu.base import clock
from kehu.base.errors import KehuError, LakeError
from kehu.warehouse.session.pool import borrowed
from kehu.warehouse.session.writer import written
from kehu.warehouse.store import apart, history
from kehu.warehouse.store.engine import attach, explained
from kehu.warehouse.store.lock import holder
from kehu.warehouse.store.upgrade import VERSION, version_of
from kehu.warehouse.upkeep.compact import layouts
from kehu.warehouse.upkeep.tidy import expired

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kehu.warehouse.lake import Lake

RESTORE = "Restore a backup with 'kehu backup restore'"
MEND = "kehu doctor --mend"
SOURCES = ("raw_", "import_batch", "merge_event", "score")  # rows that no build can compute anew
NEEDED = f"""
WITH file AS (
  SELECT table_id, path, path_is_relative, file_size_bytes, end_snapshot FROM {history.META}.ducklake_data_file
  UNION ALL
  SELECT table_id, path, path_is_relative, file_size_bytes, end_snapshot FROM {history.META}.ducklake_delete_file
), held AS (
  SELECT * FROM {history.META}.ducklake_table
  QUALIFY row_number() OVER (PARTITION BY table_id ORDER BY begin_snapshot DESC) = 1
), place AS (SELECT DISTINCT schema_id, path, path_is_relative FROM {history.META}.ducklake_schema)
SELECT s.path, s.path_is_relative, t.path, t.path_is_relative, f.path, f.path_is_relative, f.file_size_bytes,
  t.table_name, f.end_snapshot IS NULL
FROM file AS f JOIN held AS t USING (table_id) JOIN place AS s USING (schema_id)
"""


@dataclass(frozen=True)
class Sight:
    """One thing looked at in a lake.

    Attributes
    ----------
    what : str
        What was looked at.
    ok : bool
        Whether it is well.
    found : str
        What was found.
    fix : str
        What to do; empty when it is well.
    """

    what: str
    ok: bool
    found: str
    fix: str = ""


def examine(lake: Lake, *, days: float = 7) -> list[Sight]:
    """Return what is well and what is not in a lake; each thing is looked at whatever the others show.

    Parameters
    ----------
    lake : Lake
        Neither locked nor changed.
    days : float
        How long published snapshots live.
    """
    if lake.place.is_shared or lake.place.is_remote or not lake.place.catalog.exists():
        return []
    looks: tuple[tuple[str, Callable[[Lake], str]], ...] = (
        ("lake version", _version),
        ("lake lock", _lock),
        ("catalog", _catalog),
        ("list of snapshots", _listed),
        ("files", _files),
        ("left-over files", _orphans),
        ("layout", _layout),
        ("expired snapshots", lambda held: _expired(held, days)),
    )
    return [_looked(what, look, lake) for what, look in looks]


def _looked(what: str, look: Callable[[Lake], str], lake: Lake) -> Sight:
    try:
        return Sight(what, ok=True, found=look(lake))
    except KehuError as error:
        where = error.where.removeprefix(f"{lake.folder}/")
        return Sight(what, ok=False, found=f"{where}: {error.what}" if where else error.what, fix=error.fix)
    except (duckdb.Error, OSError) as error:
        told = explained(error, "")
        return Sight(what, ok=False, found=told.what, fix=told.fix)


def _version(lake: Lake) -> str:
    found = version_of(lake.folder)
    if found > VERSION:
        fix = "Update Kehu, or restore a backup made before the update"
        raise LakeError(f"a newer Kehu wrote this lake (version {found}, this one knows {VERSION})", fix=fix)
    return f"{found}" if found == VERSION else f"{found}, the next run makes it {VERSION} and keeps the former one"


def _lock(lake: Lake) -> str:
    held = holder(lake.folder / "lock")
    return f"held by {held}" if held else "free"


def _catalog(lake: Lake) -> str:
    found = apart.damage(lake.place.catalog)
    if found:
        raise LakeError(f"SQLite finds damage: {found}", where=lake.place.catalog.name, fix=RESTORE)
    return f"sound, {lake.place.catalog.stat().st_size / 1e6:.1f} MB"


def _listed(lake: Lake) -> str:
    rows = _asked(lake, history.COMMITS)
    known = {row[0] for row in rows if row[0] > 0}
    listed = {held.id for held in lake.snapshots()}
    if known != listed and not holder(lake.folder / "lock"):
        raise LakeError(f"{len(known ^ listed)} snapshots differ between the catalog and its list", fix=MEND)
    return f"{len(listed)} snapshots"


def _files(lake: Lake) -> str:
    rows = _asked(lake, NEEDED)
    missing: dict[str, bool] = {}
    for *parts, size, table, is_current in rows:
        path = history.placed(lake.place.files, tuple(parts))
        if not path.exists() or path.stat().st_size != size:
            missing[table] = missing.get(table, False) or is_current
    if missing:
        what = f"files of {', '.join(sorted(missing))} are missing or cut short"
        raise LakeError(what, fix=_missing_fix(missing))
    return f"{len(rows)} files, all there and whole"


def _missing_fix(missing: dict[str, bool]) -> str:
    lost = [table for table, is_current in missing.items() if is_current]
    if not lost:
        return f"Only older snapshots need them: {MEND}"
    if any(table.startswith(SOURCES) for table in lost):
        return RESTORE
    return "kehu build --full"


def _orphans(lake: Lake) -> str:
    if holder(lake.folder / "lock"):
        return "a writer is at work, not looked at"
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, "READ_ONLY")
        used = history.files(connection, lake.place.files)
    left = [path for path in written(lake.place.files) if path not in used]
    return f"{len(left)} files that no snapshot needs, {_megabytes(left)}: the next run drops them" if left else "none"


def _layout(lake: Lake) -> str:
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, "READ_ONLY")
        found = layouts(connection)
    small, deleted = sum(one.small for one in found), sum(one.deleted for one in found)
    due = [one.table for one in found if one.is_holed or one.is_scattered]
    state = f"{sum(one.files for one in found)} files, {small} of them small, {deleted} deleted rows in them"
    return f"{state}; 'kehu tidy' would compact {', '.join(due)}" if due else state


def _expired(lake: Lake, days: float) -> str:
    now = clock.now()
    old = expired(lake.snapshots(), now - timedelta(days=days), now)
    return f"{len(old)}, 'kehu tidy' drops them" if old else "none"


def _asked(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, "READ_ONLY")
        return connection.execute(sql).fetchall()


def _megabytes(paths: list[Path]) -> str:
    return f"{sum(path.stat().st_size for path in paths if path.exists()) / 1e6:.1f} MB"
