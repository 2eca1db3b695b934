"""The queue on PostgreSQL, for workers on several hosts: procrastinate hands out the jobs (extra ``postgres``)."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from procrastinate.schema import SchemaManager

from kehu.base.errors import LakeError
from kehu.govern.jobs.store import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from kehu.govern.jobs.store import Execute

SPACE = "kehu_jobs"  # the schema of all tables here, apart from what else the database holds
LOCK = 7_204_861  # of `pg_advisory_xact_lock`: any number, the same in every process
TICKETS = "CREATE TABLE IF NOT EXISTS ticket (job BIGINT PRIMARY KEY, ticket BIGINT NOT NULL);"
DEFER = """
SELECT unnest(procrastinate_defer_jobs_v1(
  ARRAY[ROW(?, 'kehu.job', 0, NULL, NULL, jsonb_build_object('job', ?::bigint), ?::timestamptz)]
    ::procrastinate_job_to_defer_v1[]
))
"""
KEEP = "INSERT INTO ticket VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET ticket = excluded.ticket"
FETCH = "SELECT id, (args ->> 'job')::bigint FROM procrastinate_fetch_job_v2(ARRAY[?]::varchar[], NULL)"
FREE = """
SELECT 1 FROM job WHERE id = ? AND state = 'waiting' AND (lane = '' OR lane NOT IN (
  SELECT lane FROM job WHERE workspace = ? AND state = 'running'
))
"""
BACK = "SELECT procrastinate_retry_job_v2(?::bigint, ?::timestamptz, NULL, NULL, NULL)"
FINISH = "SELECT procrastinate_finish_job_v1(?::bigint, 'succeeded', true)"
LATER = timedelta(seconds=1)  # when to look again at a job whose lane is taken


class PostgresStore:
    """One PostgreSQL database: Kehu's tables hold the facts, procrastinate's its waiting and running jobs.

    Parameters
    ----------
    place : str
        A libpq connection string, without the password.

    Notes
    -----
    Both change in one transaction, through the SQL functions that procrastinate's own workers call, so that neither
    can know of a job that the other lost. Its workers are not used: they fence nothing.
    """

    def __init__(self, place: str) -> None:
        self._place, self._lock = place, threading.RLock()
        self._connection: psycopg.Connection | None = None
        with self.transaction() as execute:
            self._prepare(execute)

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of one statement."""
        with self.transaction() as execute:
            return execute(sql, params)

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """Commit all at the end, or nothing; a connection that broke is made anew at the next time."""
        with self._lock:
            try:
                connection = self._open()
                with connection.transaction(), connection.cursor() as cursor:

                    def execute(sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
                        cursor.execute(sql.replace("?", "%s"), tuple(params))
                        return cursor.fetchall() if cursor.description else []

                    yield execute
            except psycopg.Error as error:
                fix = "Look whether the database answers, and at 'jobs' in kehu.toml"
                raise LakeError(f"the queue of jobs cannot be used: {error}", where=SPACE, fix=fix) from error

    def announce(self, execute: Execute, job: int, run_at: datetime, workspace: str) -> None:
        """Defer a job of procrastinate's that names ours."""
        ((ticket,),) = execute(DEFER, (workspace, job, run_at.replace(tzinfo=UTC)))
        execute(KEEP, (job, ticket))

    def pick(self, execute: Execute, now: datetime, workspace: str) -> int | None:
        """Fetch procrastinate's next job; what waits for its lane is put back for a second."""
        execute("SELECT pg_advisory_xact_lock(?)", (LOCK,))  # two workers must not both find the lane free
        while True:
            ((ticket, job),) = execute(FETCH, (workspace,))
            if ticket is None:
                return None
            if execute(FREE, (job, workspace)):
                return int(job)
            execute(BACK, (ticket, now.replace(tzinfo=UTC) + LATER))

    def dismiss(self, execute: Execute, job: int) -> None:
        """Delete procrastinate's job; ours stays."""
        for (ticket,) in execute("DELETE FROM ticket WHERE job = ? RETURNING ticket", (job,)):
            execute(FINISH, (ticket,))

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()

    def _open(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._place, autocommit=True, options=f"-c search_path={SPACE}")
        return self._connection

    def _prepare(self, execute: Execute) -> None:
        execute("SELECT pg_advisory_xact_lock(?)", (LOCK,))
        if execute("SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = 'ticket'", (SPACE,)):
            return
        execute(f"CREATE SCHEMA IF NOT EXISTS {SPACE}")
        script = SchemaManager.get_schema() + SCHEMA.format(number="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
        connection = self._open()
        connection.execute(script + TICKETS)
