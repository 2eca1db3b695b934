"""What a project says about its own work, as numbers without personal data: for metrics and the monitor page."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kehu.flow.jobs.orders import open_jobs
from kehu.flow.seconds import kept
from kehu.govern.jobs.crew import Crew, Seen
from kehu.govern.jobs.job import STATES

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from kehu.flow.project import Project
    from kehu.govern.jobs.queue import Jobs

LANDED = "SELECT source, max(landed_at) FROM import_batch GROUP BY source ORDER BY source"
BUILT = "SELECT table_name, built_at FROM build_state ORDER BY table_name"
QUARANTINED = "SELECT source, rule, count(*) FROM quarantine GROUP BY source, rule ORDER BY source, rule"
LAND = "land: collect "  # how the commit of a source's rows is named


@dataclass(frozen=True)
class Measures:
    """How a project stands; times are UTC.

    Attributes
    ----------
    snapshot : int
        The newest published snapshot, 0 before the first.
    published_at : datetime or None
        When that was.
    waiting_since : datetime or None
        When the oldest rows landed that are not built yet.
    landed : mapping
        Source -> when its newest rows landed.
    built : mapping
        Table -> when it was last found to hold what its inputs say.
    quarantined : mapping
        (source, rule) -> rows.
    build_seconds : float or None
        What the last build took.
    jobs : mapping
        State -> jobs, every state.
    workers : tuple of Seen
        Those that live.
    """

    snapshot: int = 0
    published_at: datetime | None = None
    waiting_since: datetime | None = None
    landed: dict[str, datetime] = field(default_factory=dict)
    built: dict[str, datetime] = field(default_factory=dict)
    quarantined: dict[tuple[str, str], int] = field(default_factory=dict)
    build_seconds: float | None = None
    jobs: dict[str, int] = field(default_factory=dict)
    workers: tuple[Seen, ...] = ()


def measures(project: Project, jobs: Jobs | None = None) -> Measures:
    """Return how a project stands now.

    Parameters
    ----------
    project : Project
        Opened as the owner; what the lake says is remembered until the next snapshot.
    jobs : Jobs, optional
        The queue, where it is open already.
    """
    if jobs is None:
        with closing(open_jobs(project.settings)) as opened:
            return measures(project, opened)
    workspace = project.workspace
    published, pending = workspace.snapshot(), workspace.pending()
    known = workspace.tables()
    landed = dict(_asked(project, "import_batch", LANDED, known))
    for commit in reversed(pending):  # oldest first
        if commit.name.startswith(LAND):
            landed[commit.name.removeprefix(LAND)] = commit.at
    return Measures(
        snapshot=published.id if published else 0,
        published_at=published.at if published else None,
        waiting_since=min((one.at for one in pending if one.name.startswith(LAND)), default=None),
        landed=landed,
        built=dict(_asked(project, "build_state", BUILT, known)),
        quarantined={(source, rule): rows for source, rule, rows in _asked(project, "quarantine", QUARANTINED, known)},
        build_seconds=kept(project.settings).get("build"),
        jobs=dict.fromkeys(STATES, 0) | jobs.counts(),
        workers=tuple(Crew(jobs).seen()),
    )


def _asked(project: Project, table: str, sql: str, known: Container[str]) -> list[tuple[Any, ...]]:
    return project.workspace.read(sql).rows if table in known else []
