"""The entry point: every command, one exit status."""

from __future__ import annotations

import sys

from kehu.base.errors import KehuError
from kehu.cli import ask, customer, source, user, work  # noqa: F401  # each adds its commands to the tree
from kehu.cli.app import app
from kehu.cli.render import fail, note


def main() -> None:
    """Run the command line; exit 0 only when the whole job is done."""
    try:
        app()
    except KehuError as error:
        fail(error, as_json="--json" in sys.argv)
        sys.exit(1)
    except KeyboardInterrupt:
        note("stopped")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
