"""Sealing of backups: AES-256-GCM in chunks, so that a large file needs no memory and no bit of it can change unseen.

Every file has a key of its own, made from the backup's key and a random salt; a chunk's nonce is its number and whether
it is the last, so chunks cannot be swapped, dropped or cut off (STREAM, Hoang, Reyhanitabar, Rogaway and Vizar 2015).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Protocol

from kehu.base.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 1 << 20
SALT, TAG = 16, 16
KEY_BYTES = 32  # AES-256
MAKE = "Make one with: openssl rand -hex 32 > FILE, and keep it apart from the backup"


class Bytes(Protocol):
    """What is read from: an open file."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""


class Seal:
    """Turns content into stored bytes and back; without a key they are the same.

    Parameters
    ----------
    key : bytes
        32 bytes, or none for a backup that is not encrypted.
    """

    def __init__(self, key: bytes = b"") -> None:
        self._key = key

    @property
    def is_closed(self) -> bool:
        """Whether stored bytes are encrypted."""
        return bool(self._key)

    def mark(self) -> str:
        """Return what tells this key from another one without giving it away; empty without a key."""
        return self._derived(b"kehu backup mark").hex()[:32] if self._key else ""

    def name(self, digest: str) -> str:
        """Return the stored name of content with this SHA-256: keyed, so that nobody can look known content up."""
        return self._derived(b"name" + bytes.fromhex(digest)).hex() if self._key else digest

    def shut(self, source: Bytes) -> Iterator[bytes]:
        """Yield the stored bytes of an open file's content."""
        if not self._key:
            yield from _chunks(source, CHUNK)
            return
        salt = secrets.token_bytes(SALT)
        cipher = self._cipher(salt)
        yield salt
        held = source.read(CHUNK)
        number = 0
        while True:
            following = source.read(CHUNK)
            yield cipher.encrypt(_nonce(number, is_last=not following), held, salt)
            if not following:
                return
            held, number = following, number + 1

    def open(self, source: Bytes, where: str) -> Iterator[bytes]:
        """Yield the content of stored bytes.

        Raises
        ------
        BackupError
            When a bit of them changed, or a part is gone.
        """
        if not self._key:
            yield from _chunks(source, CHUNK)
            return
        from cryptography.exceptions import InvalidTag

        salt = source.read(SALT)
        cipher = self._cipher(salt)
        held = source.read(CHUNK + TAG)
        number = 0
        while True:
            following = source.read(CHUNK + TAG)
            try:
                yield cipher.decrypt(_nonce(number, is_last=not following), held, salt)
            except (InvalidTag, ValueError) as error:
                raise BackupError("its bytes were changed or cut", where=where, fix="Use another backup") from error
            if not following:
                return
            held, number = following, number + 1

    def _derived(self, label: bytes) -> bytes:
        return hmac.new(self._key, label, hashlib.sha256).digest()

    def _cipher(self, salt: bytes) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._derived(b"file" + salt))


def read_key(text: str, where: str) -> bytes:
    """Return the key that 64 hexadecimal digits mean.

    Raises
    ------
    BackupError
        When they are something else.
    """
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BackupError("a backup's key is 64 hexadecimal digits", where=where, fix=MAKE)
    return key


def key_of(path: Path | None, environment: str) -> bytes:
    """Return the key in a file, else the one of the environment, else none.

    Raises
    ------
    BackupError
        When the file cannot be read or holds no key.
    """
    if path is not None:
        try:
            return read_key(path.read_text(encoding="ascii"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise BackupError(f"the key cannot be read: {error}", where=str(path), fix=MAKE) from error
    return read_key(environment, "KEHU_BACKUP_KEY") if environment else b""


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if is_last else b"\0")


def _chunks(source: Bytes, size: int) -> Iterator[bytes]:
    while chunk := source.read(size):
        yield chunk
