"""The entry point: every command, one exit status."""

from __future__ import annotations

import errno
import logging
import os
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING

from kehu.base import log
from kehu.base.errors import KehuError
from kehu.cli import ask, backup, customer, imports, job, review, source, user, work  # noqa: F401  # each adds its commands to the tree
from kehu.cli.app import app
from kehu.cli.render import fail, is_machine_read, note

if TYPE_CHECKING:
    from typer import Typer

events = logging.getLogger("kehu.cli")
PLACES = ("--dir", "-C", "--workspace", "-w")
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
FREE = "Free some space and run it again: what was done so far is reused"


def main() -> None:
    """Run the command line; exit 0 only when the whole job is done."""
    log.set_up(os.environ.get("KEHU_LOG", ""))
    began = time.monotonic()
    try:
        status, reason = outcome()
    except Exception as error:  # a fault of ours: people see the trace, events hold no message
        if not is_machine_read():
            raise
        events.exception("command broke off")
        status, reason = 1, type(error).__name__
    ms = round((time.monotonic() - began) * 1000)
    events.info("command ended", extra={"command": named(), "status": status, "reason": reason, "ms": ms})
    sys.exit(status)


def outcome() -> tuple[int, str]:
    """Run the command; return its exit status and the kind of error that ended it."""
    try:
        app(args=placed(sys.argv[1:]))
    except SystemExit as end:  # how Typer ends, well or not
        return (end.code if isinstance(end.code, int) else int(end.code is not None)), ""
    except KehuError as error:
        fail(error, as_json="--json" in sys.argv)
        return 1, type(error).__name__
    except KeyboardInterrupt:
        note("stopped")
        return 130, ""
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nothing more to say
        return 0, ""
    except OSError as error:
        where = str(error.filename or "")
        fix = FREE if error.errno in FULL else "Look at its folder and your rights there"
        fail(KehuError(error.strerror or str(error), where=where, fix=fix), as_json="--json" in sys.argv)
        return 1, type(error).__name__
    return 0, ""


def named() -> str:
    """Return the command without its arguments, which may name people."""
    words: list[str] = []
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    for word in placed(sys.argv[1:]):
        if word in groups and not words:
            words.append(word)
        elif words and (held := groups.get(words[0])) and word in called(held):
            return f"{words[0]} {word}"
        elif not words and word in called(app):
            return word
    return " ".join(words)


def called(tree: Typer) -> set[str]:
    """Return the names of a group's commands."""
    return {str(one.name or getattr(one.callback, "__name__", "")) for one in tree.registered_commands}


def placed(words: list[str]) -> list[str]:
    """Return the words with the project and the workspace in front, where the root reads them.

    Examples
    --------
    >>> placed(["status", "--dir", "shop", "--json"])
    ['--dir', 'shop', 'status', '--json']
    """
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        name, _, value = word.partition("=")
        if word == "--":
            rest += [word, *waiting]
        elif name in PLACES:
            front += [name, value] if value else [name, *islice(waiting, 1)]
        else:
            rest.append(word)
    return front + rest
