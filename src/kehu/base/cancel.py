"""Stopping what runs for somebody who no longer waits: a closed request, a cancelled job."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Running:
    """What runs for one request; safe for several threads.

    Attributes
    ----------
    is_cancelled : bool
        Whether nobody waits for the answer any more.
    """

    def __init__(self) -> None:
        self.is_cancelled = False
        self._stops: list[Callable[[], object]] = []
        self._lock = Lock()

    def cancel(self) -> None:
        """Stop every statement that runs, and each that starts later."""
        with self._lock:
            self.is_cancelled = True
            for stop in self._stops:
                stop()

    @contextmanager
    def stopped_by(self, stop: Callable[[], object]) -> Iterator[None]:
        """Call ``stop`` when the request is cancelled while the block runs, and never behind it."""
        with self._lock:
            self._stops.append(stop)
            if self.is_cancelled:
                stop()
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)


_RUNNING: ContextVar[Running | None] = ContextVar("kehu_running", default=None)


@contextmanager
def cancellable() -> Iterator[Running]:
    """Yield the handle by which another thread cancels what the block asks of the lake.

    Examples
    --------
    >>> with cancellable() as running:
    ...     current() is running
    True
    """
    running = Running()
    token = _RUNNING.set(running)
    try:
        yield running
    finally:
        _RUNNING.reset(token)


def current() -> Running:
    """Return the handle of the request that this code runs for; one that nobody holds when there is none."""
    return _RUNNING.get() or Running()
