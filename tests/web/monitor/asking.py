"""The whole app, asked as the server asks it."""

from __future__ import annotations

import asyncio

from kehu.base.errors import LakeError


def asked(path: str, method: str = "GET", headers: tuple = (), query: bytes = b"") -> tuple[int, dict, bytes]:
    """Ask the whole app, as the server does."""
    from kehu.web.asgi import app

    sent: list[dict] = []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "",
        "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 8000), "headers": [(b"host", b"127.0.0.1"), *headers],
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


def fail(*_):
    raise LakeError("the catalog is damaged", where="secret/place")
