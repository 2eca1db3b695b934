"""What the program says about itself: one line per event, without personal data.

Kehu's own loggers say a fixed sentence and named fields, of which only those below are written. Of other libraries'
lines only who spoke and how loud is written: their words may hold anything.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kehu.base.types import Json

FIELDS = (
    "request", "method", "path", "status", "ms", "actor", "reference",  # of a request; the path is its template
    "job", "kind", "attempt", "state", "reason", "command", "port", "child", "signal", "workspace",
)  # fmt: skip


class Lines(logging.Formatter):
    """Writes an event as text, with where an error came from and its kind, but not its message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and the frames of an error below it."""
        said = event(record)
        head = f"{said.pop('time')} {said.pop('level')} {said.pop('event')}"
        frames = said.pop("frames", [])
        return "\n".join([" ".join([head, *(f"{name}={value}" for name, value in said.items())]), *frames])


class JsonLines(logging.Formatter):
    """Writes an event as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON document."""
        return json.dumps(event(record), ensure_ascii=False, default=str)


def event(record: logging.LogRecord) -> dict[str, Json]:
    """Return what of a record may be written: time, level, event, and the fields that hold no personal data."""
    at = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    own = record.name.partition(".")[0] == "kehu"
    said: dict[str, Json] = {"time": at, "level": record.levelname.lower(), "event": record.msg if own else record.name}
    if own:
        given = vars(record)
        said |= {name: given[name] for name in FIELDS if given.get(name) not in (None, "")}
    if record.exc_info and record.exc_info[0]:
        kind, _, trace = record.exc_info
        said["error"] = kind.__name__
        said["frames"] = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(trace)]
    return said


def set_up(form: str) -> None:
    """Write events to standard error: warnings as text by default, all events with ``text`` or ``json``.

    Parameters
    ----------
    form : str
        ``""``, ``"text"`` or ``"json"``; anything else counts as ``"text"``.
    """
    root = logging.getLogger()
    for held in [one for one in root.handlers if isinstance(one, _Stderr)]:
        root.removeHandler(held)
    handler = _Stderr()
    handler.setFormatter(JsonLines() if form == "json" else Lines())
    root.addHandler(handler)
    logging.getLogger("kehu").setLevel(logging.INFO if form else logging.WARNING)


class _Stderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{self.format(record)}\n")  # looked up each time: it may have been replaced
        sys.stderr.flush()
