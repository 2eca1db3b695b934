"""Where backups lie: contents by their hash, each once, and one manifest per backup that names them.

::

    kehu-backup.json      the format, and a mark of the key
    objects/ab/ab12...    contents
    backups/00001-20260131T020000Z.json    manifests (sealed like contents), each naming the one before and its hash
    backups/00001-....json.sha256          the hash of the stored manifest
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from kehu.base.errors import BackupError
from kehu.warehouse.store.history import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kehu.warehouse.upkeep.seal import Seal

FORMAT = 1
MARK = "kehu-backup.json"
WHOLE = "Use another backup, or make a new one"
KEY = "Give its key with --key-file or KEHU_BACKUP_KEY"
WAITING = 64 << 20  # bytes written before they are made durable together: a killed backup loses no more of its work
AT_ONCE = 8  # files forced to disk at a time: the file system takes them in one turn


@dataclass(frozen=True)
class Entry:
    """One file of a backup: where it belongs, its content's SHA-256 and bytes, and its rights."""

    path: str
    sha256: str
    bytes: int
    mode: int = 0o644


@dataclass(frozen=True)
class Manifest:
    """One backup.

    Attributes
    ----------
    name : str
        Its number and time, such as ``00001-20260131T020000Z``.
    made_at : str
        When it was made, ISO, UTC.
    entries : tuple of Entry
        Its files.
    previous, previous_sha256 : str
        The backup before it and the hash of its stored manifest; empty for the first.
    about : dict
        What a restore is compared with: per workspace the published snapshot and the rows of every table.
    """

    name: str
    made_at: str
    entries: tuple[Entry, ...]
    previous: str = ""
    previous_sha256: str = ""
    about: dict[str, Any] = field(default_factory=dict)


class Store:
    """One folder of backups.

    Parameters
    ----------
    folder : Path
        Made by `start`.
    seal : Seal
        What encrypts and opens its contents.
    """

    def __init__(self, folder: Path, seal: Seal) -> None:
        self.folder, self.seal = folder, seal
        self.count = 0  # contents stored by this object
        self._waiting: dict[Path, Path] = {}  # what gets its name when it is durable: the name, and where it is written
        self._bytes = 0  # of these

    def start(self) -> None:
        """Make the folder, or see that it is one of backups and that the key is its own.

        Raises
        ------
        BackupError
            When it holds something else, or the key is missing or another one.
        """
        if (self.folder / MARK).exists():
            self.unlock()
            return
        if self.folder.exists() and any(path.name not in {"lock", "tmp"} for path in self.folder.iterdir()):
            raise BackupError("something else is in this folder", where=str(self.folder), fix="Choose an empty one")
        for part in ("objects", "backups", "tmp"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        text = json.dumps({"format": FORMAT, "encrypted": self.seal.is_closed, "key": self.seal.mark()})
        self._put(self.folder / MARK, [text.encode()])
        self._settle()

    def unlock(self) -> None:
        """See that this is a folder of backups of a known format and that the key is its own; see `start`."""
        where = str(self.folder)
        try:
            mark = json.loads((self.folder / MARK).read_text(encoding="utf-8"))
            form, encrypted, key = mark["format"], mark["encrypted"], mark["key"]
        except FileNotFoundError as error:
            raise BackupError("there is no backup here", where=where, fix="Name the folder of the backups") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BackupError(f"{MARK} is damaged: {error}", where=where, fix=WHOLE) from error
        if form > FORMAT:
            raise BackupError(f"a newer Kehu made this backup (format {form})", where=where, fix="Update Kehu")
        if encrypted and not self.seal.is_closed:
            raise BackupError("this backup is encrypted, and no key was given", where=where, fix=KEY)
        if self.seal.is_closed and not encrypted:
            fix = "Leave the key out, or choose an empty folder for an encrypted one"
            raise BackupError("this backup is not encrypted, but a key was given", where=where, fix=fix)
        if key != self.seal.mark():
            raise BackupError("this is not the key of this backup", where=where, fix=KEY)

    def names(self) -> list[str]:
        """Return the names of all backups, oldest first."""
        return sorted(path.stem for path in (self.folder / "backups").glob("*.json"))

    def manifest(self, name: str) -> Manifest:
        """Return a backup's manifest, checked against its hash.

        Raises
        ------
        BackupError
            When it is missing or was changed.
        """
        path = self._manifest_path(name)
        try:
            stored = path.read_bytes()
            wanted = path.with_suffix(".json.sha256").read_text(encoding="ascii").strip()
        except OSError as error:
            raise BackupError(f"the manifest cannot be read: {error}", where=str(path), fix=WHOLE) from error
        if hashlib.sha256(stored).hexdigest() != wanted:
            raise BackupError("the manifest was changed", where=str(path), fix=WHOLE)
        found = json.loads(b"".join(self.seal.open(io.BytesIO(stored), str(path))))
        return Manifest(**{**found, "entries": tuple(Entry(**entry) for entry in found["entries"])})

    def add_manifest(self, manifest: Manifest) -> None:
        """Write a manifest, which makes the backup exist: durable after its contents and its hash."""
        self._settle()
        content = json.dumps(asdict(manifest), ensure_ascii=False, sort_keys=True).encode()
        stored = b"".join(self.seal.shut(io.BytesIO(content)))
        path = self._manifest_path(manifest.name)
        for target, text in (
            (path.with_suffix(".json.sha256"), hashlib.sha256(stored).hexdigest().encode()),
            (path, stored),
        ):
            self._put(target, [text])
            self._settle()

    def stored_hash(self, name: str) -> str:
        """Return the hash of a stored manifest, for the chain."""
        return hashlib.sha256(self._manifest_path(name).read_bytes()).hexdigest()

    def has(self, sha256: str) -> bool:
        """Return whether content is there already."""
        path = self._object(sha256)
        return path in self._waiting or path.exists()

    def add(self, path: Path) -> tuple[str, int]:
        """Store a file's content unless it is there; return its SHA-256 and bytes. It is durable with its manifest."""
        digest, size = hashed(path)
        if not self.has(digest):
            with path.open("rb") as source:
                self._put(self._object(digest), self.seal.shut(source))
            self.count, self._bytes = self.count + 1, self._bytes + size
            if self._bytes > WAITING:
                self._settle()
        return digest, size

    def content(self, sha256: str) -> Iterator[bytes]:
        """Yield content in pieces, checked: the last piece comes only when all of it is what it was.

        Raises
        ------
        BackupError
            When it is missing or was changed.
        """
        path = self._object(sha256)
        seen = hashlib.sha256()
        try:
            with path.open("rb") as source:
                for piece in self.seal.open(source, str(path)):
                    seen.update(piece)
                    yield piece
        except FileNotFoundError as error:
            raise BackupError("a part of the backup is missing", where=str(path), fix=WHOLE) from error
        if seen.hexdigest() != sha256:
            raise BackupError("its bytes were changed", where=str(path), fix=WHOLE)

    def prune(self, keep: int) -> int:
        """Forget all but the newest ``keep`` backups and what only they needed; return how many went."""
        gone = self.names()[:-keep] if keep > 0 else []
        for name in gone:
            self._manifest_path(name).unlink()
            self._manifest_path(name).with_suffix(".json.sha256").unlink(missing_ok=True)
        needed = {self.seal.name(entry.sha256) for name in self.names() for entry in self.manifest(name).entries}
        for path in (self.folder / "objects").glob("*/*"):
            if path.name not in needed:
                path.unlink()
        return len(gone)

    def _object(self, sha256: str) -> Path:
        name = self.seal.name(sha256)
        return self.folder / "objects" / name[:2] / name

    def _manifest_path(self, name: str) -> Path:
        return self.folder / "backups" / f"{name}.json"

    def _put(self, path: Path, pieces: Iterable[bytes]) -> None:
        part = self.folder / "tmp" / f"{path.name}.{os.getpid()}"
        part.parent.mkdir(exist_ok=True)
        path.parent.mkdir(exist_ok=True)
        put(part, pieces, is_durable=False)
        self._waiting[path] = part

    def _settle(self) -> None:
        """Make durable what waits: first the bytes, then the names."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(_sync, self._waiting.values()))
            for path, part in self._waiting.items():
                part.replace(path)
            folders = {path.parent for path in self._waiting}
            list(pool.map(sync_folder, folders | {folder.parent for folder in folders}))
        self._waiting, self._bytes = {}, 0


def put(path: Path, pieces: Iterable[bytes], mode: int = 0o600, *, is_durable: bool = True) -> None:
    """Write a file, durably unless somebody else sees to that."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        for piece in pieces:
            file.write(piece)
        if is_durable:
            file.flush()
            os.fsync(file.fileno())


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def hashed(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
