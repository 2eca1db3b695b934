"""What SQL texts name, remembered by text, in this process and on disk: to parse all tables takes half a second."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from kehu.warehouse.note import note, noted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Names = frozenset[str]
_known: dict[str, Names | None] = {}
_asked: set[str] = set()


def recall(what: str, sql: str, find: Callable[[], Names | None]) -> Names | None:
    """Return what ``find`` once found of a text; ``what`` says what was asked."""
    key = f"{what} {hashlib.sha256(sql.encode()).hexdigest()}"
    if key not in _known:
        _known[key] = find()
    _asked.add(key)
    return _known[key]


@contextmanager
def recalled(path: Path) -> Iterator[None]:
    """Answer from what a file keeps of earlier processes; at the end it keeps all that this one asked."""
    digest = _digest()
    held = {key: names if names is None else frozenset(names) for key, names in (noted(path, digest) or {}).items()}
    for key, names in held.items():
        _known.setdefault(key, names)
    yield
    asked = sorted(_asked)
    if not held.keys() >= set(asked):
        found = {key: _known[key] for key in asked}
        note(path, digest, {key: names if names is None else sorted(names) for key, names in found.items()})


def _digest() -> str:
    """Return what else the answers hang on: the parser, and the code that asks it."""
    code = Path(__file__).with_name("sql.py").read_bytes()
    return hashlib.sha256(code + version("sqlglot").encode()).hexdigest()
