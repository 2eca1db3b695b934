"""The owner's page of jobs, schedules and freshness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kehu.base import clock
from kehu.base.errors import JobError
from kehu.flow.jobs import orders
from kehu.flow.measure import measures
from kehu.web import door

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from kehu.flow.measure import Measures
    from kehu.govern.jobs.job import Job

SETTLED = {"done", "cancelled"}
SHOWN = 30  # of the settled jobs
OFFERED = ("run", "collect", "build", "score", "tidy")


@require_GET
def monitor_page(request: HttpRequest) -> HttpResponse:
    """Show what runs, what was given up, what is due, and how fresh everything is."""
    project = door.project(request)
    project.workspace.access.demand("write")
    found = measures(door.whole())
    context = {
        "found": found,
        "tiles": found.jobs,
        "open": [*orders.listed(project, "running"), *orders.listed(project, "waiting")],
        "dead": orders.listed(project, "dead"),
        "settled": [job for job in orders.listed(project, last=200) if job.state in SETTLED][:SHOWN],
        "schedules": orders.plans(project),
        "sources": _ages(found.landed),
        "tables": _ages(found.built),
        "waits": _age(found.waiting_since),
        "memory_mb": sum(worker.memory_mb for worker in found.workers),
        "offered": OFFERED,
        "snapshot": project.workspace.snapshot(),
        "problem": _problem(found),
    }
    return render(request, "monitor/monitor.html", context)


@require_POST
def order_job(request: HttpRequest) -> HttpResponse:
    """Order one of the steps that need no arguments."""
    kind = request.POST.get("kind", "")
    if kind not in OFFERED:
        raise Http404
    orders.order(door.project(request), kind, {})
    return redirect("monitor")


@require_POST
def retry_job(request: HttpRequest, number: int) -> HttpResponse:
    """Let a dead letter or a cancelled job wait again."""
    return _changed(request, number, orders.retry)


@require_POST
def cancel_job(request: HttpRequest, number: int) -> HttpResponse:
    """Cancel a job."""
    return _changed(request, number, orders.cancel)


def _changed(request: HttpRequest, number: int, change: Callable[..., Job]) -> HttpResponse:
    project = door.project(request)
    try:
        change(project, number)
    except JobError:  # settled by now, as the page then shows; or never there
        try:
            orders.found(project, number)
        except JobError as error:
            raise Http404 from error
    return redirect("monitor")


def _problem(found: Measures) -> str:
    if found.jobs["waiting"] and not found.workers:
        return "no worker"
    return "dead" if found.jobs["dead"] else ""


def _ages(times: dict[str, Any]) -> list[tuple[str, Any, dict[str, int | str]]]:
    oldest = sorted(times.items(), key=lambda one: one[1])
    return [(name, at, _age(at)) for name, at in oldest]


def _age(at: Any) -> dict[str, int | str]:
    """Return how long ago a time was, in the largest unit that gives at least 2."""
    if at is None:
        return {}
    seconds = max(0, int((clock.now() - at).total_seconds()))
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * size:
            return {"unit": unit, "n": seconds // size}
    return {"unit": "second", "n": seconds}
