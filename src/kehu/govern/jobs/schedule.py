"""When work is due: cron expressions in a time zone, and what to do about times that were missed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from kehu.base.errors import JobError
from kehu.govern.jobs.job import Job, Order, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.base.types import Json
    from kehu.govern.jobs.queue import Jobs
    from kehu.govern.jobs.store import Execute

CatchUp = Literal["skip", "once", "all"]
CATCH_UPS: tuple[CatchUp, ...] = get_args(CatchUp)
LATE = timedelta(minutes=2)  # a time this long ago was missed: nobody was there to see it pass
MOST = 1_000  # missed times looked at in one round
COLUMNS = "name, kind, payload, requester, cron, zone, catch_up, created_at, fired_at"


@dataclass(frozen=True)
class Schedule:
    """Work that is ordered again and again.

    Attributes
    ----------
    cron : str
        Five fields: minute, hour, day of month, month, day of week.
    zone : str
        IANA name of the time zone the fields are read in. Where clocks go forward, a time that does not exist is
        due when they have; where they go back, a time that exists twice is due once (as Debian's cron has it).
    catch_up : str
        What becomes of times that passed while no worker ran: ``"skip"`` drops them, ``"once"`` orders the work
        once, ``"all"`` orders it for each.
    requester : str
        Whose rights the work has.
    created_at, fired_at : datetime
        UTC; times up to ``fired_at`` are done with.
    """

    name: str
    kind: str
    payload: dict[str, Json]
    requester: str
    cron: str
    zone: str
    catch_up: CatchUp
    created_at: datetime
    fired_at: datetime

    def next_at(self) -> datetime:
        """Return the first time, in UTC, that is not done with."""
        return next(_times(self.cron, self.zone, self.fired_at))


@dataclass(frozen=True)
class Timing:
    """When to order: a cron expression, its time zone, and what to do about missed times."""

    cron: str
    zone: str = "UTC"
    catch_up: CatchUp = "once"


class Schedules:
    """The schedules of one workspace.

    Parameters
    ----------
    jobs : Jobs
        Where their work is ordered.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def add(self, name: str, timing: Timing, order: Order) -> Schedule:
        """Keep a schedule; the first time is the next one from now on.

        Raises
        ------
        JobError
            When the name is taken, or the expression, the zone or the policy cannot be used.
        """
        _check(timing)
        jobs, now = self._jobs, stamp(self._jobs.now())
        payload = json.dumps(order.payload, ensure_ascii=False, sort_keys=True)
        values = (name, order.kind, payload, order.requester, timing.cron, timing.zone, timing.catch_up, now, now)
        with jobs.store.transaction() as execute:
            if execute("SELECT 1 FROM schedule WHERE workspace = ? AND name = ?", (jobs.workspace, name)):
                raise JobError(f"there is a schedule {name!r} already", fix=f"'kehu schedule remove {name}' first")
            marks = ", ".join("?" * (len(values) + 1))
            execute(f"INSERT INTO schedule (workspace, {COLUMNS}) VALUES ({marks})", (jobs.workspace, *values))
        return _schedule(values)

    def remove(self, name: str) -> None:
        """Drop a schedule; jobs that it ordered stay.

        Raises
        ------
        JobError
            When there is none of that name.
        """
        jobs = self._jobs
        sql = "DELETE FROM schedule WHERE workspace = ? AND name = ? RETURNING name"
        with jobs.store.transaction() as execute:
            if not execute(sql, (jobs.workspace, name)):
                raise JobError(f"there is no schedule {name!r}", fix="'kehu schedule list' shows them")

    def listed(self) -> list[Schedule]:
        """Return all schedules by name."""
        sql = f"SELECT {COLUMNS} FROM schedule WHERE workspace = ? ORDER BY name"
        return [_schedule(row) for row in self._jobs.store.rows(sql, (self._jobs.workspace,))]

    def fire(self) -> list[Job]:
        """Order the work of every schedule whose time has come; twice for the same time orders it once."""
        now = self._jobs.now()
        fired: list[Job] = []
        for schedule in self.listed():
            due = passed(schedule, now)
            if due:
                with self._jobs.store.transaction() as execute:
                    fired += self._fire(execute, schedule, due)
        return fired

    def _fire(self, execute: Execute, schedule: Schedule, due: list[datetime]) -> list[Job]:
        jobs = self._jobs
        moved = execute(
            "UPDATE schedule SET fired_at = ? WHERE workspace = ? AND name = ? AND fired_at = ? RETURNING name",
            (stamp(due[-1]), jobs.workspace, schedule.name, stamp(schedule.fired_at)),
        )
        if not moved:  # another worker was first, or the schedule has gone
            return []
        prefix = f"schedule:{schedule.name}:"
        wanted = chosen(schedule.catch_up, due, jobs.now())
        if schedule.catch_up != "all" and _waits(execute, jobs.workspace, prefix):
            return []
        return [
            jobs.enqueue_in(execute, Order(schedule.kind, schedule.payload, schedule.requester, prefix + stamp(at)))
            for at in wanted
        ]


def passed(schedule: Schedule, now: datetime) -> list[datetime]:
    """Return the times, in UTC, that passed since those done with; of very many the newest, or the oldest for "all"."""
    times = _times(schedule.cron, schedule.zone, schedule.fired_at)
    found = list(islice(takewhile(lambda at: at <= now, times), MOST))
    if len(found) < MOST or schedule.catch_up == "all":
        return found
    times = _times(schedule.cron, schedule.zone, max(found[-1], now - timedelta(hours=12)))
    return list(islice(takewhile(lambda at: at <= now, times), MOST)) or found


def chosen(catch_up: CatchUp, due: list[datetime], now: datetime) -> list[datetime]:
    """Return which of the times that passed are ordered."""
    if catch_up == "all":
        return due
    return due[-1:] if catch_up == "once" or now - due[-1] <= LATE else []


def _times(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    local = after.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return (at.astimezone(UTC).replace(tzinfo=None) for at in CronSim(cron, local))


def _check(timing: Timing) -> None:
    if timing.catch_up not in CATCH_UPS:
        raise JobError(f"no catch-up policy {timing.catch_up!r}", fix=f"Use one of {', '.join(CATCH_UPS)}")
    try:
        ZoneInfo(timing.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise JobError(f"no time zone {timing.zone!r}", fix="Use an IANA name such as Asia/Shanghai") from error
    fix = "Write minute, hour, day of month, month, day of week: '30 6 * * 1-5'"
    if len(timing.cron.split()) != 5:
        raise JobError(f"{timing.cron!r} has not five fields", fix=fix)
    try:
        next(_times(timing.cron, timing.zone, datetime(2026, 1, 1)))  # noqa: DTZ001  # naive UTC, as everywhere
    except (CronSimError, StopIteration) as error:
        raise JobError(f"{timing.cron!r} names no time: {error}", fix=fix) from error


def _waits(execute: Execute, workspace: str, prefix: str) -> bool:
    sql = "SELECT 1 FROM job WHERE workspace = ? AND state = 'waiting' AND substr(key, 1, ?) = ? LIMIT 1"
    return bool(execute(sql, (workspace, len(prefix), prefix)))


def _schedule(row: tuple[Any, ...]) -> Schedule:
    name, kind, payload, requester, cron, zone, catch_up, created_at, fired_at = row
    times = datetime.fromisoformat(created_at), datetime.fromisoformat(fired_at)
    return Schedule(name, kind, json.loads(payload), requester, cron, zone, catch_up, *times)
