"""Work in a process of its own, which may be killed: forked, so that nothing is loaded again."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

End = Literal["answered", "killed", "failed"]


def in_child(run: Callable[[], object], report: int = -1) -> int:
    """Fork, run, and return whether it succeeded; with ``report`` return at once, the child's number."""
    child = os.fork()
    if child:
        return child if report >= 0 else os.waitpid(child, 0)[1] == 0
    status = 1
    try:
        result = run()
        if report >= 0:
            os.write(report, json.dumps(result).encode() if isinstance(result, dict) else b"done")
        status = 0
    except BaseException:  # noqa: BLE001  # a child must end here whatever happens
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def killed(run: Callable[[], object], after: float) -> End:
    """Run in a child and kill it after some seconds; return how it ended."""
    reading, writing = os.pipe()
    child = in_child(run, writing)
    os.close(writing)
    deadline, ended = time.monotonic() + after, (0, 0)
    while time.monotonic() < deadline and ended == (0, 0):
        ended = os.waitpid(child, os.WNOHANG)
        time.sleep(0.002)
    if ended == (0, 0):
        os.kill(child, signal.SIGKILL)
        ended = os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        answered = bool(pipe.read())
    if answered:
        return "answered"
    return "killed" if os.WIFSIGNALED(ended[1]) else "failed"


def answer(run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a child found, or the error it met."""
    reading, writing = os.pipe()

    def told() -> dict[str, Any]:
        try:
            return run()
        except Exception as error:  # noqa: BLE001  # any error is what is looked for
            return {"error": f"{type(error).__name__}: {error}"}

    child = in_child(told, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"error": "the reader died"}
