"""Slow queries: a line each, with the plan and without values, in ``data/<workspace>/slow.jsonl``."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from kehu.base.types import Json

NAME = "slow.jsonl"
MOST = 1_000_000  # bytes; a full file is kept once as slow.jsonl.1
KEPT = ("Table", "Function", "Type", "Join Type", "Estimated Cardinality", "Scanning Files")


@dataclass(frozen=True)
class Slow:
    """One slow query.

    Attributes
    ----------
    at : str
        UTC, when it ended.
    seconds : float
        How long it took.
    outcome : str
        ok, or the kind of error that ended it.
    action, subject, roles : str
        Who asked for what, as the audit says it.
    snapshot, rows : int
        What was asked, what came; -1 when none came.
    sql : str
        What ran, its values as keyed hashes.
    plan : list of str
        DuckDB's operators, indented, with tables and columns and without values.
    """

    at: str
    seconds: float
    outcome: str
    action: str
    subject: str
    roles: str
    snapshot: int
    rows: int
    sql: str
    plan: list[str] = field(default_factory=list)


class SlowLog:
    """The file; safe for several threads, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._lock = Lock()

    def add(self, slow: Slow) -> None:
        """Append a query; a file that cannot be written costs the line, not the answer."""
        line = json.dumps(asdict(slow), ensure_ascii=False) + "\n"
        with self._lock, suppress(OSError):
            if self.path.exists() and self.path.stat().st_size > MOST:
                self.path.replace(self.path.with_suffix(".jsonl.1"))
            held = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(held, "a", encoding="utf-8") as file:
                file.write(line)

    def last(self, most: int = 20) -> list[Slow]:
        """Return the newest queries, newest first."""
        found: list[Slow] = []
        for path in (self.path, self.path.with_suffix(".jsonl.1")):
            if len(found) < most and path.is_file():
                lines = path.read_text(encoding="utf-8").splitlines()
                found += [Slow(**json.loads(line)) for line in reversed(lines) if line.endswith("}")]
        return found[:most]


def outline(plan: Iterable[Json], words: Collection[str], depth: int = 0) -> list[str]:
    """Return a plan's operators as indented lines, with nothing in them that can be a value.

    Only what is listed in ``KEPT`` is shown, and of all other text the names of tables and columns (``words``, in
    lower case).
    """
    lines: list[str] = []
    for node in plan:
        if isinstance(node, dict):
            told = node.get("extra_info")
            extra: dict[str, Any] = told if isinstance(told, dict) else {}
            kept = [f"{key}: {extra[key]}" for key in KEPT if isinstance(extra.get(key), (str, int))]
            named = sorted({name for key, value in extra.items() if key not in KEPT for name in _names(value, words)})
            about = [*kept, *(["on " + ", ".join(named)] if named else [])]
            lines.append(f"{'  ' * depth}{str(node.get('name', '')).strip()}{'  ' if about else ''}{'; '.join(about)}")
            children = node.get("children")
            lines += outline(children if isinstance(children, list) else [], words, depth + 1)
    return lines


def _names(value: Json, words: Collection[str]) -> Iterable[str]:
    text = value if isinstance(value, str) else json.dumps(value)
    letters = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in text)
    return (word for word in letters.split() if word.lower() in words)
