"""Requests whose client goes away: what they ask of the lake is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kehu.base.cancel import Running


def stopping(receive: Callable[[], Awaitable[Any]], running: Running) -> Callable[[], Awaitable[Any]]:
    """Return ``receive`` that cancels what a request asks of the lake when its client goes away."""

    async def told() -> Any:  # an ASGI message
        message = await receive()
        if message["type"] == "http.disconnect":
            running.cancel()
        return message

    return told
