"""Backups of a whole project: made while it is in use, and verified."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kehu.base.clock import now
from kehu.base.errors import BackupError, LakeError
from kehu.base.progress import Progress, silent
from kehu.warehouse.store.lock import exclusive
from kehu.warehouse.store.place import Place
from kehu.warehouse.upkeep.backup import BESIDE, Frozen, frozen
from kehu.warehouse.upkeep.backup_store import Entry, Manifest, Store
from kehu.warehouse.upkeep.seal import Seal, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.base.settings import Settings
    from kehu.govern.access import Access

PROJECT = ("kehu.toml", "policy.yml", ".gitignore", "sources", "tables")  # what stands beside data/
LAKE = ("catalog.sqlite", "files", "tmp", "lock", *BESIDE)  # of a workspace's folder: taken as one state, or left out
LEFT_OUT = ("-wal", "-shm", "-journal", ".new", ".part", ".lock")
LOCK_SECONDS = 10.0
OPEN = (
    "the backup is not encrypted: it holds personal data, the keys of the audit log and of customer ids, and sign-in "
    "secrets. Keep it like the project itself, or give --key-file."
)
ELSEWHERE = (
    "the warehouse is not in it, since its catalog is on PostgreSQL or its files are in a bucket. Back these up with "
    "pg_dump first and then the bucket's own copy."
)


@dataclass(frozen=True)
class Backup:
    """One backup as a list shows it, or what making one did.

    Attributes
    ----------
    name : str
        Its number and time.
    files, bytes : int
        What it holds.
    new_files, new_bytes : int
        What was not in the folder before.
    pruned : int
        Older backups that were forgotten.
    warning : str
        What must be known of it, empty when nothing.
    """

    name: str
    files: int
    bytes: int
    new_files: int = 0
    new_bytes: int = 0
    pruned: int = 0
    warning: str = ""


def create(  # what, where to, by whom, and how
    settings: Settings,
    folder: Path,
    *,
    access: Access,
    key_file: Path | None = None,
    keep: int = 0,
    progress: Progress = silent,
) -> Backup:
    """Back a project up: every workspace's lake as one state, control store, keys, settings, sources, tables.

    Readers and, but for a moment, writers go on meanwhile. Only what is not in the folder yet is copied. The door to
    the warehouse is not opened for it: that takes longer than to copy what changed since yesterday.

    Parameters
    ----------
    settings : Settings
        Of the project.
    folder : Path
        The folder of the backups, made when absent; better on another disk.
    access : Access
        The owner's or a job's.
    key_file : Path, optional
        Holds the key of an encrypted backup; else ``KEHU_BACKUP_KEY`` of the environment does.
    keep : int
        Forget all but so many of the newest backups; 0 keeps all.
    progress : Progress
        Told each step.

    Raises
    ------
    BackupError
        When the folder holds something else, the key is not its own, or the lake cannot be copied as files.
    LakeError
        When a writer holds a lake too long, or the disk is full.
    """
    access.demand("write")
    store = opened_store(folder, key_file)
    if folder.absolute().is_relative_to(settings.folder):
        raise BackupError("a project cannot hold its own backups", where=str(folder), fix="Choose a folder outside")
    with exclusive(folder / "lock", "backup", LOCK_SECONDS), ExitStack() as stack:
        store.start()
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=_scratch(settings), prefix="backup-")))
        states = {place.folder.name: stack.enter_context(frozen(place)) for place in _lakes(settings)}
        found = [*_outside_lakes(settings.folder, scratch), *_in_lakes(states)]
        made = _stored(store, found, progress)
        store.add_manifest(_chained(store, replace(made.manifest, about=_about(settings, states))))
        pruned = store.prune(keep)
    entries = made.manifest.entries
    is_elsewhere = bool(settings.catalog or settings.files)
    warnings = {OPEN: not store.seal.is_closed, ELSEWHERE: is_elsewhere}
    warning = " Also, ".join(said for said, is_so in warnings.items() if is_so)
    return Backup(
        store.names()[-1], len(entries), sum(one.bytes for one in entries), made.files, made.bytes, pruned, warning
    )


def listed(folder: Path, *, key_file: Path | None = None) -> list[Backup]:
    """Return the backups of a folder, oldest first."""
    store = opened_store(folder, key_file)
    store.unlock()
    found = [store.manifest(name) for name in store.names()]
    return [Backup(one.name, len(one.entries), sum(entry.bytes for entry in one.entries)) for one in found]


def verify(folder: Path, *, key_file: Path | None = None, progress: Progress = silent) -> list[Backup]:
    """Read every content of every backup and compare it with its hash, and every manifest with the chain.

    Raises
    ------
    BackupError
        When a bit of it was changed, a part is missing, or the key is not its own.
    """
    store = opened_store(folder, key_file)
    store.unlock()
    manifests = [store.manifest(name) for name in store.names()]
    if not manifests:
        raise BackupError("there is no backup here", where=str(folder), fix="Make one with 'kehu backup create'")
    for before, after in pairwise(manifests):
        if (after.previous, after.previous_sha256) != (before.name, store.stored_hash(before.name)):
            raise BackupError(f"{after.name} does not follow {before.name}", where=str(folder), fix="Make a new one")
    contents = sorted({entry.sha256 for one in manifests for entry in one.entries})
    for number, sha256 in enumerate(contents):
        progress("verify the contents", number / len(contents))
        for _ in store.content(sha256):
            pass
    return listed(folder, key_file=key_file)


@dataclass(frozen=True)
class _Made:
    manifest: Manifest
    files: int
    bytes: int


def opened_store(folder: Path, key_file: Path | None) -> Store:
    """Return the store of a folder, with the key of a file or else of the environment."""
    return Store(folder.absolute(), Seal(key_of(key_file, os.environ.get("KEHU_BACKUP_KEY", ""))))


def _scratch(settings: Settings) -> Path:
    folder = settings.data / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _lakes(settings: Settings) -> list[Place]:
    folders = sorted(path.parent.absolute() for path in settings.data.glob("*/catalog.sqlite"))
    return [Place(folder, settings.memory_limit, settings.threads) for folder in folders]


def _outside_lakes(root: Path, scratch: Path) -> list[tuple[str, Path]]:
    """Return every file of a project but its lakes', as (path in the project, where a copy that stays is)."""
    data = root / "data"
    heads = sorted(data.rglob("*.head"))  # before the store they belong to: lines appended meanwhile only add to it
    beside = [path for name in PROJECT for path in [root / name, *sorted((root / name).rglob("*"))]]
    others = [path for path in sorted(data.rglob("*")) if path not in set(heads)]
    found = [
        (path, scratch / str(number))
        for number, path in enumerate([*beside, *heads, *others])
        if path.is_file() and not (path.is_relative_to(data) and _is_left_out(path.relative_to(data)))
    ]
    stores = [(path, copy) for path, copy in found if path.suffix == ".sqlite"]
    for path, copy in found:
        if path.suffix != ".sqlite":
            shutil.copy2(path, copy)
    for path, copy in stores:
        _copied(path, copy)
        copy.chmod(path.stat().st_mode & 0o777)
    return [(path.relative_to(root).as_posix(), copy) for path, copy in found]


def _copied(path: Path, copy: Path) -> None:
    """Copy a SQLite file that DuckDB never opens, as one consistent state, whoever writes to it meanwhile."""
    try:
        with (
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=60)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        fix = "Check free space and rights; end what keeps it busy"
        raise LakeError(f"SQLite cannot copy it: {error}", where=str(path), fix=fix) from error


def _is_left_out(path: Path) -> bool:
    if path.name.endswith(LEFT_OUT) or path.parts[0] in {"tmp", "lock"}:
        return True
    inside = path.parts[1] if len(path.parts) > 1 else ""
    return inside in LAKE or inside.startswith(("before-version-", ".before-version-"))


def _in_lakes(states: dict[str, Frozen]) -> Iterator[tuple[str, Path]]:
    for name, state in states.items():
        for path in sorted(state.folder.rglob("*")):
            inside = path.relative_to(state.folder)
            if path.is_file() and inside.parts[0] != "tmp":
                yield f"data/{name}/{inside.as_posix()}", path


def _stored(store: Store, found: list[tuple[str, Path]], progress: Progress) -> _Made:
    known = _known(store)
    entries, files, size = [], 0, 0
    for number, (path, source) in enumerate(found):
        progress("copy what is new", number / len(found))
        state = source.stat()
        held = known.get(path)
        if held and path.endswith(".parquet") and held.bytes == state.st_size and store.has(held.sha256):
            entries.append(held)  # files of a lake never change
            continue
        before = store.count
        digest, length = store.add(source)
        files, size = files + (store.count > before), size + length * (store.count > before)
        entries.append(Entry(path, digest, length, state.st_mode & 0o777))
    return _Made(Manifest("", "", tuple(entries)), files, size)


def _known(store: Store) -> dict[str, Entry]:
    names = store.names()
    return {entry.path: entry for entry in store.manifest(names[-1]).entries} if names else {}


def _chained(store: Store, manifest: Manifest) -> Manifest:
    names = store.names()
    last = names[-1] if names else ""
    number = int(last.split("-")[0]) + 1 if last else 1
    made = now()
    return replace(
        manifest,
        name=f"{number:05d}-{made:%Y%m%dT%H%M%SZ}",
        made_at=made.isoformat(),
        previous=last,
        previous_sha256=store.stored_hash(last) if last else "",
    )


def _about(settings: Settings, states: dict[str, Frozen]) -> dict[str, Any]:
    workspaces = {name: {"snapshot": state.snapshot, "rows": state.rows} for name, state in states.items()}
    return {"project": settings.name, "workspaces": workspaces}
