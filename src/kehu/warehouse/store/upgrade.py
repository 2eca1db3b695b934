"""Which version of Kehu's lake this is: an earlier one is upgraded at the first write, a newer one is refused.

``version.json`` beside the catalog says it; a lake without it is of version 1. Before an upgrade the whole lake is kept
as it was in ``before-version-<n>``: files never change, so hard links hold them without taking space.
"""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from kehu.base.errors import LakeError
from kehu.warehouse.store import apart

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.warehouse.store.place import Place

VERSION = 2  # 2: snapshots name their author, import_batch knows reverted batches, build_state follows every table
FILE, KEPT = "version.json", "before-version-"
SMALL_FILES = ("snapshots.json", "id.key")


def version_of(folder: Path) -> int:
    """Return the version of the lake in ``folder``; 1 when nothing says it.

    Raises
    ------
    LakeError
        When the file that says it is damaged.
    """
    path = folder / FILE
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["version"])
    except FileNotFoundError:
        return 1
    except (OSError, ValueError, KeyError, TypeError) as error:
        fix = f'Restore it from a backup; this Kehu writes {{"version": {VERSION}}}'
        raise LakeError(f"the lake's version cannot be read: {error}", where=str(path), fix=fix) from error


def refuse_newer(folder: Path) -> None:
    """Raise a `LakeError` when a newer Kehu wrote the lake: what it means by its tables is not known here."""
    version = version_of(folder)
    if version > VERSION:
        what = f"a newer Kehu wrote this lake (version {version}, this one knows {VERSION})"
        raise LakeError(what, where=str(folder), fix="Update Kehu, or restore a backup made before the update")


def upgrade(place: Place) -> None:
    """Make the lake one of this version, keeping the one it was; needs the lock, and that nothing is attached.

    Raises
    ------
    LakeError
        When a newer Kehu wrote the lake, or there is no space to keep the former one.
    """
    refuse_newer(place.folder)
    if (place.folder / FILE).exists() and version_of(place.folder) == VERSION:
        return
    if place.catalog.exists():  # a server's catalog is kept by the server's own backup
        _keep(place, place.folder / f"{KEPT}{VERSION}")
    _write(place.folder)


def _keep(place: Place, kept: Path) -> None:
    if kept.exists():
        return
    part = kept.with_name(f".{kept.name}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    apart.copy(place.catalog, part / place.catalog.name)
    for path in place.files.rglob("*.parquet"):
        linked = part / place.files.name / path.relative_to(place.files)
        linked.parent.mkdir(parents=True, exist_ok=True)
        _link(path, linked)
    for small in SMALL_FILES:
        if (place.folder / small).exists():
            shutil.copy2(place.folder / small, part / small)
    part.rename(kept)


def _link(path: Path, linked: Path) -> None:
    try:
        os.link(path, linked)
    except OSError:  # a file system without hard links
        shutil.copy2(path, linked)


def _write(folder: Path) -> None:
    fresh = folder / f"{FILE}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"version": VERSION}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / FILE)
