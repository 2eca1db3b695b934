"""The head of the audit chain, kept in a file of its own so that a cut tail shows."""

from __future__ import annotations

import fcntl
import hmac
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DIGITS = 20  # of the count: a fixed width lets one pwrite replace the whole record


class Anchor:
    """Count and mac of the newest audit line, signed; it only moves forward."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key

    def read(self) -> tuple[int, str] | None:
        """Return (count, mac); None when the file is missing or not signed with the key."""
        if not self._path.exists():
            return None
        return self._parse(self._path.read_bytes())  # one pwrite replaces it whole: never half a record

    def start(self) -> None:
        """Make the file, with a head of no lines, where there is none."""
        if not self._path.exists():
            self._path.touch(mode=0o600)
            self._path.write_bytes(self._record(0, "0" * 64))

    def advance(self, count: int, mac: str) -> None:
        """Move the head to ``count`` unless another process has moved it further already.

        A missing or forged file is left as it is, for `Audit.verify` to find.
        """
        if not self._path.exists():
            return
        handle = os.open(self._path, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            held = self._parse(os.pread(handle, 4096, 0))
            if held is not None and held[0] < count:
                os.pwrite(handle, self._record(count, mac), 0)
        finally:
            os.close(handle)

    def _record(self, count: int, mac: str) -> bytes:
        text = f"{count:0{_DIGITS}d} {mac}"
        signature = hmac.digest(self._key, b"head|" + text.encode(), "sha256").hex()
        return f"{text} {signature}\n".encode()

    def _parse(self, record: bytes) -> tuple[int, str] | None:
        parts = record.split()
        if len(parts) != 3 or not parts[0].isdigit():
            return None
        count, mac = int(parts[0]), parts[1].decode("ascii", "replace")
        return (count, mac) if hmac.compare_digest(self._record(count, mac), record) else None
