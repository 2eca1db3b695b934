"""Work in a thread of its own, that can be asked to halt at its next step."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from kehu.base.errors import KehuError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.base.progress import Progress
    from kehu.base.types import Json

log = logging.getLogger("kehu.job")
TICK = 0.05  # seconds after which a waiting worker sees that it shall stop


class HaltError(Exception):
    """Raised inside the work at its next step once it was asked to halt."""


class Hand:
    """Does one piece of work in a thread; hears of its steps.

    Parameters
    ----------
    work : callable
        Told where to report its steps; what it returns or raises is kept.

    Attributes
    ----------
    step, fraction : str, float or None
        What the work reported last.
    result, error : JSON, exception or None
        How it ended.
    """

    def __init__(self, work: Callable[[Progress], Json]) -> None:
        self._work, self._halted, self._ended = work, threading.Event(), threading.Event()
        self.step, self.fraction = "", None  # type: str, float | None
        self.result: Json = None
        self.error: BaseException | None = None

    @property
    def is_running(self) -> bool:
        """Whether the work has not ended yet."""
        return not self._ended.is_set()

    def start(self) -> None:
        """Start the thread; it does not keep the process alive."""
        threading.Thread(target=self._run, name="job", daemon=True).start()

    def halt(self) -> None:
        """Ask the work to halt at its next step."""
        self._halted.set()

    def wait(self, seconds: float, stop: threading.Event | None = None) -> bool:
        """Wait for the end, but no longer than ``seconds`` or until ``stop``; return whether it came."""
        until = time.monotonic() + seconds
        while stop is None or not stop.is_set():
            left = until - time.monotonic()
            if self._ended.wait(max(0.0, left if stop is None else min(TICK, left))) or left <= 0:
                break
        return self._ended.is_set()

    def _run(self) -> None:
        try:
            self.result = self._work(self._told)
        except HaltError as error:
            self.error = error
        except Exception as error:  # the job runner: whatever the work raises becomes the job's error
            if not isinstance(error, KehuError):  # those say all there is to say
                log.exception("job broke off")
            self.error = error
        finally:
            self._ended.set()

    def _told(self, step: str, fraction: float | None = None) -> None:
        self.step, self.fraction = step, fraction
        if self._halted.is_set():
            raise HaltError(step)
