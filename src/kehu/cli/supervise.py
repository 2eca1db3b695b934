"""Runs the web app and a worker side by side: both end together, and a worker that died is started again."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from kehu.cli.job import PARENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

log = logging.getLogger("kehu.serve")
GRACE = 30.0  # seconds: a worker gives its job back after 20
LOOK = 0.2  # seconds between two looks at the children
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # before a dead worker is started again
STEADY = 60.0  # seconds after which a worker counts as sound again
TETHER = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 15)  # PR_SET_PDEATHSIG, SIGTERM: end with the process that started this one
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


class Child:
    """One program that is kept running."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.name, self._command, self._env = name, command, env
        self._pause = FIRST_PAUSE
        self.start()

    def start(self) -> None:
        """Start the program, in a session of its own: a Ctrl-C reaches this process alone."""
        words = [sys.executable, "-c", TETHER, str(os.getpid()), *self._command]
        self._began, self._due = time.monotonic(), 0.0
        self.process = subprocess.Popen(words, env=dict(self._env), start_new_session=True)  # noqa: S603  # our own

    def mend(self) -> None:
        """Start the program again when it died, each time a little later while it keeps dying."""
        if self.process.poll() is None:
            return
        now = time.monotonic()
        if not self._due:
            steady = now - self._began >= STEADY
            self._pause = FIRST_PAUSE if steady else min(self._pause * 2, LONGEST_PAUSE)
            self._due = now + self._pause
            log.warning("child ended", extra={"child": self.name, "status": self.process.returncode})
        elif now >= self._due:
            self.start()

    def end(self, until: float) -> None:
        """Wait for the program to end; kill it when it has not by then."""
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("child killed", extra={"child": self.name})
            self.process.kill()
            self.process.wait()


def supervise(server: Sequence[str], worker: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a server and a worker until the server ends or a signal comes; return the exit status.

    Both get SIGTERM first: the server finishes the requests at hand, the worker its job or gives it back.
    """
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, _setter(stop))
    served = Child("server", server, env)
    helper = Child("worker", worker, {**env, PARENT: str(os.getpid())})
    while not stop.wait(LOOK) and served.process.poll() is None:
        helper.mend()
    status = 0 if stop.is_set() else served.process.returncode
    for child in (served, helper):
        if child.process.poll() is None:
            child.process.terminate()
    until = time.monotonic() + GRACE
    for child in (served, helper):
        child.end(until)
    return int(status)


def _setter(stop: threading.Event) -> Callable[[int, object], None]:
    def told(number: int, _frame: object) -> None:
        log.info("stopping", extra={"signal": signal.Signals(number).name})
        stop.set()

    return told
