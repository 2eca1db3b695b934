"""A catalog on PostgreSQL, for several hosts: its snapshots, and one writer at a time among all of them.

The turn is an advisory lock of the server's, held by a connection of the writer's process: it ends with that process,
on whatever host. A connection that was lost has lost the turn, so it is asked once more right before a commit.
"""

from __future__ import annotations

import atexit
import os
import socket
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from kehu.base.errors import LakeError
from kehu.warehouse.store.history import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

    from kehu.warehouse.store.place import Place

LOCK = (0x6B656875, 1)  # "kehu"; a database holds one lake, so the number need not tell lakes apart
SNAPSHOTS = """
SELECT s.snapshot_id, coalesce(c.commit_message, ''), s.snapshot_time AT TIME ZONE 'UTC', coalesce(c.author, '')
FROM main.ducklake_snapshot AS s LEFT JOIN main.ducklake_snapshot_changes AS c USING (snapshot_id)
WHERE s.snapshot_id > 0 ORDER BY 1 DESC
"""
HOLDER = """
SELECT a.application_name, a.backend_start FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s
"""
ALIVE: dict[str, Any] = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
_turns: dict[Path, psycopg.Connection[Any]] = {}  # the connections that hold a turn, by the folder of their lake


def snapshots(place: Place) -> list[Snapshot]:
    """Return the lake's snapshots, newest first, as the server has them now; none when there is no lake yet.

    Raises
    ------
    LakeError
        When the server does not answer.
    """
    import psycopg

    for attempt in range(2):
        try:
            rows = _asking(os.getpid(), place.elsewhere.catalog).execute(SNAPSHOTS).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return []
        except psycopg.OperationalError as error:
            _forget()  # the server was started anew, or is away
            if attempt:
                raise _away(error) from error
        else:
            return [Snapshot(*row) for row in rows]
    return []


@contextmanager
def exclusive(place: Place, job: str) -> Iterator[None]:
    """Be the only writer among all hosts while the block runs.

    Raises
    ------
    LakeError
        When another host or process still writes after ``place.lock_seconds``; it names that one.
    """
    connection = _connect(place.elsewhere.catalog, f"kehu {job}"[:40] + f" on {socket.gethostname()}"[:22])
    try:
        _acquire(connection, place)
        _turns[place.folder] = connection
        yield
    finally:
        _turns.pop(place.folder, None)
        connection.close()


def demand_turn(place: Place) -> None:
    """Make sure, before a commit, that the server still knows this process as the lake's writer.

    Raises
    ------
    LakeError
        When the connection that holds the turn was lost: another host may write already.
    """
    import psycopg

    try:
        _turns[place.folder].execute("SELECT 1")
    except (KeyError, psycopg.Error) as error:
        what = "the connection to the catalog's server was lost; nothing of this run was kept"
        raise LakeError(what, where="catalog in kehu.toml", fix="Run it again") from error


def _acquire(connection: psycopg.Connection[Any], place: Place) -> None:
    import psycopg

    try:
        connection.execute(f"SET lock_timeout = {max(int(place.lock_seconds * 1000), 1)}")
        connection.execute("SELECT pg_advisory_lock(%s, %s)", LOCK)
    except psycopg.errors.LockNotAvailable as error:
        found = connection.execute(HOLDER, LOCK).fetchone()
        holder = f"{found[0]} since {found[1]:%Y-%m-%d %H:%M:%S}" if found else "another host"
        fix = "Wait for that job to end, then try again"
        raise LakeError(f"the lake is being written by {holder}", where="catalog in kehu.toml", fix=fix) from error


@lru_cache(maxsize=8)
def _asking(_process: int, conninfo: str) -> psycopg.Connection[Any]:
    """Return this process's open connection for questions; a forked child has a number of its own."""
    connection = _connect(conninfo, "kehu")
    _open.append(connection)
    return connection


_open: list[psycopg.Connection[Any]] = []


@atexit.register
def _forget() -> None:
    _asking.cache_clear()
    while _open:
        _open.pop().close()


def _connect(conninfo: str, name: str) -> psycopg.Connection[Any]:
    if find_spec("psycopg") is None:
        raise LakeError("psycopg is not installed", where="catalog", fix="Type: pip install 'kehu[postgres]'")
    import psycopg

    try:
        made = psycopg.connect(conninfo, autocommit=True, application_name=name, connect_timeout=10, **ALIVE)
        made.execute("SET TimeZone = 'UTC'")
    except psycopg.OperationalError as error:
        raise _away(error) from error
    return made


def _away(error: Exception) -> LakeError:
    fix = "Start it, or correct catalog in kehu.toml, PGPASSWORD or PGPASSFILE"
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return LakeError(f"the catalog's server does not answer: {said}", where="catalog in kehu.toml", fix=fix)
