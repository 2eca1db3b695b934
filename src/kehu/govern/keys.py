"""Secrets of a project: made once, kept in files only their owner can read."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ID_KEY = "id.key"  # below data/<workspace>: what new customer ids are made with


def kept_key(path: Path, first: str = "") -> str:
    """Return the secret in a file, made on first use; two first processes get the same one.

    Parameters
    ----------
    path : Path
        The file, readable by its owner only.
    first : str
        What to keep on first use; a random secret when empty.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as folder:
    ...     kept_key(Path(folder) / "id.key") == kept_key(Path(folder) / "id.key")
    True
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(first or secrets.token_hex(32))
    try:
        os.link(part, path)  # whole or not at all, and never over one that is there
    except FileExistsError:
        pass
    finally:
        part.unlink()
    return path.read_text(encoding="utf-8").strip()
