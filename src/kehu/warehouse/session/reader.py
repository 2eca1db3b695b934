"""A hardened, read-only view of one snapshot, shared by threads."""

from __future__ import annotations

import json
import os
from collections import deque
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

import duckdb

from kehu.base import cancel
from kehu.base.errors import KehuError, LakeError, QueryError
from kehu.base.types import Result
from kehu.warehouse.session.direct import STORE, DirectViews
from kehu.warehouse.session.spare import without_pandas
from kehu.warehouse.store.engine import MISSING, attach, connect, explained, quoted
from kehu.warehouse.store.history import snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from kehu.base.types import Json
    from kehu.warehouse.store.place import Place

CANCELLED, AGAIN = "the query was cancelled", "Run it again if you still need it"


class Reader:
    """Answers SQL from one pinned snapshot; safe for several threads at once.

    Attributes
    ----------
    snapshot : int
        The snapshot that every answer comes from.

    Notes
    -----
    The connection can touch nothing outside the lake's folder (and its prefix in an object store), and its settings
    are locked. This is the second wall: SQL typed by people must pass the gate of ``kehu.govern`` before it comes here.
    """

    def __init__(self, place: Place, snapshot: int) -> None:
        self.snapshot = snapshot
        self._where = str(place.folder)
        self._place = place
        self._idle: deque[duckdb.DuckDBPyConnection] = deque()
        try:
            self._connection = connect(place, f"reader-{os.getpid()}")
            attach(self._connection, place, f"READ_ONLY, SNAPSHOT_VERSION {snapshot:d}", alias=STORE)
            self._views = DirectViews(self._connection, place, snapshot)
            self._harden(f"{place.folder}/", place.root)
        except duckdb.Error as error:
            raise explained(error, self._where) from error

    def execute(self, sql: str, params: Sequence[object] = (), *, seconds: float | None = None) -> Result:
        """Return the rows of ``sql``.

        Parameters
        ----------
        sql : str
            One SELECT; tables bare or as ``lake.<table>``.
        params : sequence
            Values of its ``?`` placeholders.
        seconds : float, optional
            Stop the statement after this time.

        Raises
        ------
        QueryError
            When the SQL is wrong, took longer than ``seconds``, or nobody waits for it any more (`cancel.cancellable`).
        LakeError
            When the lake's files are missing or unreadable.
        """
        with self._cursor(sql, seconds) as cursor:
            cursor.execute(sql, list(params))
            columns = tuple(column[0] for column in cursor.description or ())
            return Result(columns, cursor.fetchall(), self.snapshot)

    def arrow(self, sql: str, params: Sequence[object] = (), *, seconds: float | None = None) -> pa.Table:
        """Return the rows of ``sql`` as an Arrow table; parameters and errors as in `execute`."""
        with self._cursor(sql, seconds) as cursor:
            return cursor.execute(sql, list(params)).to_arrow_table()

    def plan(self, sql: str, params: Sequence[object] = ()) -> list[Json]:
        """Return DuckDB's plan of ``sql`` as nested operators (name, children, extra_info); nothing runs.

        Raises
        ------
        QueryError
            When planning alone takes more than a second.
        """
        return list(json.loads(self.execute(f"EXPLAIN (FORMAT json) {sql}", params, seconds=1).rows[0][1]))

    def tables(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Return every table of the snapshot with its (column, type) pairs, in order."""
        return self._views.columns

    def warm(self) -> None:
        """Make ready what queries would else make ready one by one."""
        with self._told(cancel.current()):
            self._views.show_all()

    @contextmanager
    def _cursor(self, sql: str, seconds: float | None) -> Iterator[duckdb.DuckDBPyConnection]:
        running = cancel.current()
        if running.is_cancelled:
            raise QueryError(CANCELLED, fix=AGAIN)
        with self._told(running):
            self._views.show(sql)
            cursor = self._taken() or self._opened()
            timer = Timer(seconds or 0, cursor.interrupt)
            timer.daemon = True
            if seconds:
                timer.start()
            try:
                with running.stopped_by(cursor.interrupt), without_pandas():
                    yield cursor
            except (RuntimeError, KeyboardInterrupt):  # Ctrl-C: DuckDB goes on unless it is told
                cursor.interrupt()
                raise
            finally:
                timer.cancel()
                if seconds:
                    timer.join()  # a late interrupt must not hit the next statement
                self._idle.append(cursor)

    @contextmanager
    def _told(self, running: cancel.Running) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            if isinstance(error.__cause__, KeyboardInterrupt):  # DuckDB hides Ctrl-C in an error of its own
                raise KeyboardInterrupt from error
            raise
        except duckdb.Error as error:
            if running.is_cancelled and isinstance(error, duckdb.InterruptException):
                raise QueryError(CANCELLED, fix=AGAIN) from error
            raise self._explained(error) from error

    def _explained(self, error: duckdb.Error) -> KehuError:
        told = explained(error, self._where, QueryError)
        if told.fix != MISSING or self._place.is_shared:
            return told
        if any(held.id == self.snapshot for held in snapshots(self._place.folder)):
            return told
        what = f"snapshot {self.snapshot} has expired while it was read"
        return LakeError(what, where=self._where, fix="Ask the newest one")

    def _taken(self) -> duckdb.DuckDBPyConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _opened(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        cursor.execute("USE lake")
        return cursor

    def _harden(self, *folders: str) -> None:
        for statement in (
            "SET python_enable_replacements = false",
            f"SET allowed_directories = [{', '.join(map(quoted, folders))}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(statement)
