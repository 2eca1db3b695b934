"""What machines ask: is the process alive, may it get requests, how does it do."""

from __future__ import annotations

import asyncio
import hmac
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kehu.base.errors import KehuError
from kehu.web import door

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = tuple[int, list[tuple[bytes, bytes]], bytes]

PLAIN = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
METRICS = [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8"), (b"cache-control", b"no-store")]
TOKEN = "KEHU_METRICS_TOKEN"  # noqa: S105  # the name of a variable, not a secret
_STOPPING = threading.Event()


def stopping() -> None:
    """Say from now on that the server is no longer ready."""
    _STOPPING.set()


def health(headers: list[tuple[bytes, bytes]]) -> Answer:  # noqa: ARG001  # the shape of all
    """Answer 200 while the process can answer at all."""
    return 200, PLAIN, b"ok\n"


def ready(headers: list[tuple[bytes, bytes]]) -> Answer:  # noqa: ARG001  # the shape of all
    """Answer 200 when requests can be served, else 503; why not is not told."""
    well = False
    with suppress(KehuError, OSError):
        well = not _STOPPING.is_set() and is_writable() and is_readable()
    return (200, PLAIN, b"ready\n") if well else (503, PLAIN, b"not ready\n")


def is_writable() -> bool:
    """Return whether the control store takes a write; nothing is kept."""
    import sqlite3

    try:
        with door.control().transaction() as store:
            store.execute("UPDATE actor SET name = name WHERE 0")
    except sqlite3.Error:
        return False
    return True


def is_readable() -> bool:
    """Return whether the newest published snapshot can be read; there need be none yet."""
    workspace = door.base()
    return workspace.snapshot() is None or workspace.read("SELECT 1").value() == 1


def metrics(headers: list[tuple[bytes, bytes]]) -> Answer:
    """Answer with all metrics; 401 without the bearer token where one is set."""
    wanted = os.environ.get(TOKEN, "")
    given = next((value for name, value in headers if name == b"authorization"), b"")
    if wanted and not hmac.compare_digest(given, b"Bearer " + wanted.encode()):
        return 401, [*PLAIN, (b"www-authenticate", b"Bearer")], b"A bearer token is needed\n"
    from kehu.web.monitor.metrics import text

    return 200, METRICS, text()


PROBES: dict[str, Callable[[list[tuple[bytes, bytes]]], Answer]] = {
    "/healthz": health,
    "/readyz": ready,
    "/metrics": metrics,
}


async def answer(scope: Any) -> Answer:
    """Answer one of the three, outside the event loop."""
    if scope["method"] not in {"GET", "HEAD"}:
        return 405, [*PLAIN, (b"allow", b"GET, HEAD")], b"Only GET\n"
    return await asyncio.to_thread(PROBES[scope["path"]], list(scope["headers"]))
