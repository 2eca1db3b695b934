"""Notes on disk: answers that are dear to find, each kept with the digest of what it follows from."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.base.types import Json


def noted(path: Path, digest: str) -> Json:
    """Return what was noted under this digest; None when nothing was, or the file is broken: it is only slower."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get("noted") if isinstance(found, dict) and found.get("digest") == digest else None


def note(path: Path, digest: str, found: Json) -> None:
    """Keep an answer instead of the one before; where there is no such folder, or no room, the next process finds it.

    Safe for several threads and processes: the file is one of the answers, whole.
    """
    if not path.parent.is_dir():
        return
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")  # of this writer alone
    with suppress(OSError):
        try:
            fresh.write_text(json.dumps({"digest": digest, "noted": found}), encoding="utf-8")
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
