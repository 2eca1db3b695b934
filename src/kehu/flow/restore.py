"""A backup restored into a new folder: whole and compared, or not at all."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from kehu.base.errors import BackupError
from kehu.base.progress import Progress, silent
from kehu.flow.backup import opened_store
from kehu.warehouse.lake import Lake
from kehu.warehouse.store.history import sync_folder
from kehu.warehouse.upkeep.backup_store import Manifest, Store, put
from kehu.warehouse.upkeep.table_rows import table_rows

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.base.types import Json


def restore(
    folder: Path, target: Path, *, at: str = "", key_file: Path | None = None, progress: Progress = silent
) -> dict[str, Json]:
    """Restore a backup into a new folder, see that it is what was backed up, and only then give it its name.

    Parameters
    ----------
    folder : Path
        The folder of the backups.
    target : Path
        The new project's folder; must not exist.
    at : str
        A backup's name or number, or a time (the newest one up to it); the newest when empty.
    key_file : Path, optional
        As in `create`.
    progress : Progress
        Told each step.

    Returns
    -------
    dict
        The project's folder, the backup's name, and per workspace its snapshot and rows.

    Raises
    ------
    BackupError
        When there is no such backup, a bit of it was changed, or what was restored differs.
    """
    store = opened_store(folder, key_file)
    store.unlock()
    manifest = store.manifest(_named(store, at))
    target = target.absolute()
    if target.exists() and any(target.iterdir()):
        raise BackupError("this folder is not empty", where=str(target), fix="Name a new one")
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    try:
        _written(store, manifest, part, progress)
        progress("compare with what was backed up", 1.0)
        _compared(manifest, part)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    part.replace(target)
    sync_folder(target.parent)
    return {"project": str(target), "backup": manifest.name, "workspaces": manifest.about["workspaces"]}


def _named(store: Store, at: str) -> str:
    names = store.names()
    exact = [name for name in names if at and (name == at or name.split("-")[0].lstrip("0") == at.lstrip("0"))]
    until = [name for name in names if not at or store.manifest(name).made_at <= at.removesuffix("Z").replace(" ", "T")]
    chosen = exact or until
    if not chosen:
        fix = f"There are {', '.join(names)}" if names else "Make one with 'kehu backup create'"
        raise BackupError(f"there is no backup {at}".rstrip(), where=str(store.folder), fix=fix)
    return chosen[-1]


def _written(store: Store, manifest: Manifest, part: Path, progress: Progress) -> None:
    folders = {part}
    for number, entry in enumerate(manifest.entries):
        progress("restore files", number / len(manifest.entries))
        path = part / entry.path
        if not path.resolve().is_relative_to(part.resolve()):
            raise BackupError(f"a file would lie outside the project: {entry.path}", where=str(store.folder))
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, store.content(entry.sha256), entry.mode)
        folders.add(path.parent)
    for folder in folders:
        sync_folder(folder)


def _compared(manifest: Manifest, part: Path) -> None:
    for name, about in manifest.about["workspaces"].items():
        lake = Lake(part / "data" / name)
        newest = lake.snapshot()
        found = {"snapshot": newest.id if newest else 0, "rows": table_rows(lake)}
        if found != about:
            what = f"workspace {name} is not what was backed up"
            raise BackupError(what, where=manifest.name, fix="Restore another backup and report this")
        shutil.rmtree(part / "data" / name / "tmp", ignore_errors=True)
