"""Logins of the demo's users: made once, kept beside the data, readable by the owner only."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from kehu.cli.user import set_password
from kehu.flow.demo import USERS

if TYPE_CHECKING:
    from pathlib import Path

FILE = "logins.txt"


def give_logins(folder: Path) -> Path:
    """Give every demo user a random password unless that was done, and return the file that names them."""
    path = folder.absolute() / "data" / FILE
    if path.is_file():
        return path
    lines = []
    for name, (_, role) in USERS.items():
        password = secrets.token_urlsafe(12)
        set_password(folder.absolute(), name, password)
        lines.append(f"{role:9} {name} / {password}")
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    part.replace(path)
    return path
