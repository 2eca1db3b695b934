"""The web app as one ASGI callable: ``kehu.web.asgi:app``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    type_scope = MutableMapping[str, Any]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kehu.web.settings")

from django.core.asgi import get_asgi_application  # Django reads its settings' name first

from kehu.base import log
from kehu.base.cancel import cancellable
from kehu.web.closed import stopping
from kehu.web.loopback import refusal
from kehu.web.monitor import probe
from kehu.web.monitor.watch import PATH, watched
from kehu.web.prepare import prepare
from kehu.web.static_files import PREFIX, answer, assets

log.set_up(os.environ.get("KEHU_LOG", ""))
prepare()
_django = get_asgi_application()


async def app(scope: type_scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """Answer one request: guard, static files, what machines ask, then the pages."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await watched(scope, send, lambda watching: _http(scope, receive, watching))


async def _http(
    scope: type_scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    why = refusal(scope)
    if why:
        await _send(send, 403, [(b"content-type", b"text/plain; charset=utf-8")], why.encode() + b"\n")
    elif scope["path"].startswith(PREFIX):
        scope[PATH] = PREFIX
        accepts = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding")
        await _send(send, *answer(scope["path"], gzip_ok=b"gzip" in accepts))
    elif scope["path"] in probe.PROBES:
        scope[PATH] = scope["path"]
        await _send(send, *await probe.answer(scope))
    else:
        with cancellable() as running:
            await _django(scope, stopping(receive, running), send)  # type: ignore[arg-type]  # Django names its own ASGI types


async def _send(
    send: Callable[[Any], Awaitable[None]], status: int, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            assets()
        elif message["type"] == "lifespan.shutdown":
            probe.stopping()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
