"""The entry point: every command, one exit status."""

from __future__ import annotations

import errno
import os
import sys
from itertools import islice

from kehu.base.errors import KehuError
from kehu.cli import ask, customer, imports, source, user, work  # noqa: F401  # each adds its commands to the tree
from kehu.cli.app import app
from kehu.cli.render import fail, note

PLACES = ("--dir", "-C", "--workspace", "-w")
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
FREE = "Free some space and run it again: what was done so far is reused"


def main() -> None:
    """Run the command line; exit 0 only when the whole job is done."""
    try:
        app(args=placed(sys.argv[1:]))
    except KehuError as error:
        fail(error, as_json="--json" in sys.argv)
        sys.exit(1)
    except KeyboardInterrupt:
        note("stopped")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nothing more to say
        sys.exit(0)
    except OSError as error:
        where = str(error.filename or "")
        fix = FREE if error.errno in FULL else "Look at its folder and your rights there"
        fail(KehuError(error.strerror or str(error), where=where, fix=fix), as_json="--json" in sys.argv)
        sys.exit(1)


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
