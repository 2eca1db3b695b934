"""Without pandas (.4 s, 60 MB), which DuckDB loads at a first parameter to see whether that is a missing value.

Arrow does the same at a first list, but only once: after that it knows frames when whoever brings them has pandas.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cache
from importlib.abc import MetaPathFinder
from threading import local
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Hidden(MetaPathFinder):
    """Finds no pandas for the threads that said so."""

    def __init__(self) -> None:
        self.here = local()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002  # the protocol
        """Raise where this thread must not find pandas; all else is for other finders."""
        if name == "pandas" and getattr(self.here, "is_hidden", False):
            raise ModuleNotFoundError(name=name)


@contextmanager
def without_pandas() -> Iterator[None]:
    """Let DuckDB find no pandas in this thread while the block runs; where it is loaded already nothing changes."""
    here = _hidden().here
    here.is_hidden = True
    try:
        yield
    finally:
        here.is_hidden = False


@cache
def spare_arrow() -> None:
    """Let Arrow look for pandas once, in vain."""
    import pyarrow as pa

    with without_pandas():
        pa.array([None])


@cache
def _hidden() -> _Hidden:
    hidden = _Hidden()
    sys.meta_path.insert(0, hidden)  # first, and for good: a list that shrinks would make other threads skip a finder
    return hidden
