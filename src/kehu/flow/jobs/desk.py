"""The worker's desk in a project: each job is done as the one who asked for it, with the rights they have by then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kehu.base.settings import load
from kehu.flow.jobs.kinds import perform
from kehu.flow.jobs.orders import open_jobs
from kehu.flow.jobs.worker import Worker
from kehu.flow.project import open_project
from kehu.govern.access import SYSTEM
from kehu.govern.audit import Audit, Event
from kehu.govern.control import Control

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.base.progress import Progress
    from kehu.base.types import Json
    from kehu.govern.jobs.job import Job


def open_worker(folder: Path, *, workspace: str = "main", parent: int = 0) -> Worker:
    """Return a worker for a project's jobs; it opens the project anew for each.

    Parameters
    ----------
    folder : Path
        The project.
    workspace : str
        The tenant whose jobs are done.
    parent : int
        The process whose end ends the worker too; 0 for none.

    Raises
    ------
    SettingsError
        When there is no project.
    """
    settings = load(folder.absolute(), workspace=workspace)
    audit = Audit(Control(settings.data / "control.sqlite"))

    def work(job: Job, progress: Progress) -> Json:
        as_ = None if job.requester == SYSTEM else job.requester
        project = open_project(folder, as_=as_, workspace=job.workspace)
        return perform(project, job.kind, job.payload, progress)

    def told(job: Job, outcome: str, reason: str) -> None:
        is_well = outcome in {"ordered", "done", "released", "cancelled"}
        text = f"{job.kind} of {job.requester}: {outcome}, attempt {job.attempt}"
        about: dict[str, Any] = {"outcome": "ok" if is_well else "failed", "reason": reason, "workspace": job.workspace}
        audit.append(Event(SYSTEM, "job", f"job:{job.id}", text, roles="owner", purpose="operation", **about))

    return Worker(open_jobs(settings), work, told, parent=parent)
