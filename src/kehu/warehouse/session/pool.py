"""Loaded DuckDB instances that writers take in turn: loading the extensions costs .3 s of CPU each time."""

from __future__ import annotations

import os
from collections import deque
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

import duckdb

from kehu.warehouse.store.engine import connect, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.warehouse.store.place import Elsewhere, Place

State = tuple[tuple[object, ...], ...]
STATE = """
SELECT name, value FROM duckdb_settings() WHERE name <> 'temp_directory'
UNION ALL SELECT 'functions', count(*)::VARCHAR FROM duckdb_functions()
UNION ALL SELECT 'databases', count(*)::VARCHAR FROM duckdb_databases()
UNION ALL SELECT 'tables', count(*)::VARCHAR FROM duckdb_tables()
UNION ALL SELECT 'views', count(*)::VARCHAR FROM duckdb_views()
UNION ALL SELECT 'types', count(*)::VARCHAR FROM duckdb_types()
ORDER BY ALL
"""


@contextmanager
def borrowed(place: Place) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection of an instance that nobody else uses.

    The instance is used again when the block succeeds and leaves no trace in it (settings, functions, tables,
    attached databases); otherwise it is closed.
    """
    idle = _idle(os.getpid(), place.memory_limit, place.threads, place.elsewhere)
    root, state = _taken(idle, place)
    try:
        with root.cursor() as connection:
            yield connection
        if "lake" in {row[0] for row in root.execute("SELECT database_name FROM duckdb_databases()").fetchall()}:
            root.execute("DETACH lake")
    except BaseException:
        root.close()
        raise
    if not idle and _state(root) == state:
        idle.append((root, state))
    else:
        root.close()


@lru_cache(maxsize=8)
def _idle(
    _process: int, _memory: str, _threads: int, _elsewhere: Elsewhere
) -> deque[tuple[duckdb.DuckDBPyConnection, State]]:
    return deque(maxlen=1)  # a forked child has another process number, so it never shares one


def _taken(
    idle: deque[tuple[duckdb.DuckDBPyConnection, State]], place: Place
) -> tuple[duckdb.DuckDBPyConnection, State]:
    try:
        root, state = idle.pop()
        root.execute(f"SET temp_directory = {quoted(place.folder / 'tmp' / 'writer')}")
    except (IndexError, duckdb.Error):  # none idle, or one that has spilled: its folder cannot change any more
        root = connect(place, "writer")
        state = _state(root)
    return root, state


def _state(root: duckdb.DuckDBPyConnection) -> State:
    return tuple(root.execute(STATE).fetchall())
