"""Ordering jobs, looking at them, and having them retried or cancelled; all of it leaves audit lines."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from kehu.base import clock
from kehu.base.errors import JobError, SettingsError, did_you_mean
from kehu.flow.jobs.kinds import checked
from kehu.govern.access import SYSTEM
from kehu.govern.audit import Event
from kehu.govern.jobs.job import STATES, Order
from kehu.govern.jobs.queue import Jobs
from kehu.govern.jobs.schedule import Schedule, Schedules, Timing
from kehu.govern.jobs.store import SqliteStore

if TYPE_CHECKING:
    from datetime import datetime

    from kehu.base.settings import Settings
    from kehu.base.types import Json
    from kehu.flow.project import Project
    from kehu.govern.jobs.job import Job, State
    from kehu.govern.jobs.schedule import CatchUp
    from kehu.govern.jobs.store import Store

POSTGRES = "postgres:"
GATHERED = timedelta(minutes=1)  # decisions of one minute become one build


def open_jobs(settings: Settings) -> Jobs:
    """Open the workspace's queue where the setting ``jobs`` says: a SQLite file, or PostgreSQL; close it afterwards."""
    return Jobs(_store(settings), workspace=settings.workspace)


def _store(settings: Settings) -> Store:
    if not settings.jobs:
        return SqliteStore(settings.data / "jobs.sqlite")
    if not settings.jobs.startswith(POSTGRES):
        fix = "Write it like postgres:host=db dbname=kehu, or leave it out for a SQLite file"
        raise SettingsError(f"jobs cannot be {settings.jobs!r}", where="kehu.toml", fix=fix)
    from kehu.govern.jobs.postgres import PostgresStore

    return PostgresStore(settings.jobs.removeprefix(POSTGRES))


def order(
    project: Project, kind: str, payload: dict[str, Json], *, key: str = "", run_at: datetime | None = None
) -> Job:
    """Put work in the queue, to be done with the rights that the actor then has.

    Parameters
    ----------
    project : Project
        Opened for the one who asks.
    kind, payload : str, mapping
        See `kehu.flow.jobs.kinds.KINDS`; no personal data.
    key : str
        Asking again with the same key gives the same job.
    run_at : datetime, optional
        UTC, not before; at once when None.

    Raises
    ------
    AccessError
        When the actor may not write.
    JobError
        When there is no such kind, it does not take these arguments, or too much waits already.
    """
    wanted = _order(project, kind, payload, key, run_at)
    with closing(open_jobs(project.settings)) as jobs:
        job = jobs.enqueue(wanted)
    note(project, f"job:{job.id}", f"order {kind}")
    return job


def build_decisions(project: Project) -> Job:
    """Put a build in the queue that takes in what people decided about who is who.

    The build is the system's own and starts with the next minute: all decisions of this one share it.

    Raises
    ------
    AccessError
        When the actor may not decide.
    JobError
        When too much waits already.
    """
    project.workspace.access.demand("decide")
    minute = clock.now().replace(second=0, microsecond=0)
    wanted = Order("build", {}, SYSTEM, f"decisions of {minute:%Y-%m-%dT%H:%M}", minute + GATHERED)
    with closing(open_jobs(project.settings)) as jobs:
        job = jobs.enqueue(wanted)
    note(project, f"job:{job.id}", "order build of decisions")
    return job


def retry(project: Project, job: int) -> Job:
    """Let a dead letter or a cancelled job wait again."""
    project.workspace.access.demand("write")
    with closing(open_jobs(project.settings)) as jobs:
        found = jobs.retry(job)
    note(project, f"job:{job}", f"retry {found.kind}")
    return found


def cancel(project: Project, job: int) -> Job:
    """Cancel a job: at once when it waits, at its next step when it runs."""
    project.workspace.access.demand("write")
    with closing(open_jobs(project.settings)) as jobs:
        found = jobs.cancel(job)
    note(project, f"job:{job}", f"cancel {found.kind}")
    return found


def plan(project: Project, name: str, timing: Timing, kind: str, payload: dict[str, Json]) -> Schedule:
    """Keep a schedule; its work has the rights that the actor has when it runs."""
    wanted = _order(project, kind, payload, "", None)
    with closing(open_jobs(project.settings)) as jobs:
        made = Schedules(jobs).add(name, timing, wanted)
    note(project, f"schedule:{name}", f"plan {kind} {timing.cron} {timing.zone} {timing.catch_up}")
    return made


def unplan(project: Project, name: str) -> None:
    """Drop a schedule."""
    project.workspace.access.demand("write")
    with closing(open_jobs(project.settings)) as jobs:
        Schedules(jobs).remove(name)
    note(project, f"schedule:{name}", "drop")


def listed(project: Project, state: str = "", *, last: int = 100) -> list[Job]:
    """Return the newest jobs, of one state or of all.

    Raises
    ------
    AccessError
        When the actor may not write: a job's error may tell what a source holds.
    JobError
        When there is no such state.
    """
    project.workspace.access.demand("write")
    if state and state not in STATES:
        raise JobError(f"no state {state!r}", fix=did_you_mean(state, STATES) or f"States are {', '.join(STATES)}")
    with closing(open_jobs(project.settings)) as jobs:
        return jobs.listed(cast("State", state) or None, last=last)


def found(project: Project, job: int) -> Job:
    """Return one job."""
    project.workspace.access.demand("write")
    with closing(open_jobs(project.settings)) as jobs:
        return jobs.find(job)


def plans(project: Project) -> list[Schedule]:
    """Return the schedules by name."""
    project.workspace.access.demand("write")
    with closing(open_jobs(project.settings)) as jobs:
        return Schedules(jobs).listed()


def timing(project: Project, cron: str, zone: str = "", catch_up: str = "once") -> Timing:
    """Return when to order: in the project's time zone where none is named."""
    return Timing(cron, zone or project.settings.time_zone, cast("CatchUp", catch_up))


def document(job: Job) -> dict[str, Json]:
    """Return a job as JSON-ready values."""
    return asdict(job)


def planned(schedule: Schedule) -> dict[str, Json]:
    """Return a schedule as JSON-ready values, with its next time."""
    return {**asdict(schedule), "next_at": schedule.next_at()}


def note(project: Project, subject: str, text: str) -> None:
    """Leave an audit line of what somebody did with a job."""
    access = project.workspace.access
    about: dict[str, Any] = {
        "roles": " ".join(sorted(access.roles)),
        "workspace": access.workspace,
        "purpose": access.purpose,
    }
    project.workspace.audit.append(Event(access.actor, "job", subject, text, **about))


def _order(project: Project, kind: str, payload: dict[str, Json], key: str, run_at: datetime | None) -> Order:
    access = project.workspace.access
    access.demand("write")
    checked(kind, payload)
    requester = SYSTEM if access.is_system else access.actor.removeprefix("role:")
    return Order(kind, payload, requester, key, run_at)
