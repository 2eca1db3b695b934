"""A client that goes away cancels what its request asks of the lake."""

from __future__ import annotations

import asyncio

from asgiref.sync import sync_to_async

from kehu.base.cancel import Running, cancellable, current
from kehu.web.closed import stopping


def told(*messages: str) -> bool:
    waiting, running = list(messages), Running()

    async def receive() -> dict[str, str]:
        return {"type": waiting.pop(0)}

    async def listen() -> list[dict[str, str]]:
        listening = stopping(receive, running)
        return [await listening() for _ in messages]

    assert [message["type"] for message in asyncio.run(listen())] == list(messages)
    return running.is_cancelled


def test_a_disconnect_cancels_and_a_body_does_not():
    assert told("http.request", "http.disconnect")
    assert not told("http.request", "http.request")


def test_a_view_in_its_thread_runs_under_the_handle_of_its_request():
    async def request() -> tuple[Running, Running]:
        with cancellable() as running:
            return running, await sync_to_async(current)()

    mine, seen = asyncio.run(request())

    assert seen is mine
    assert current() is not mine
