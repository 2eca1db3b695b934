"""Commands of jobs and schedules: order, look, retry, cancel, work."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kehu.base.errors import JobError
from kehu.cli.app import PLACE, As, Json, app, folder, project
from kehu.cli.render import emit, note, table

if TYPE_CHECKING:
    from kehu.flow.jobs.worker import Worker
    from kehu.govern.jobs.job import Job

job = typer.Typer(help="Work that is queued: order it, look at it, do it.", no_args_is_help=True)
schedule = typer.Typer(help="Work that is ordered again and again.", no_args_is_help=True)
app.add_typer(job, name="job")
app.add_typer(schedule, name="schedule")

Kind = Annotated[str, typer.Argument(metavar="KIND", help="collect, build, score, run, tidy or backup.")]
With = Annotated[str, typer.Option("--with", metavar="JSON", help='Its arguments: \'{"names": ["shop"]}\'.')]
PARENT = "KEHU_PARENT"  # the process whose end ends the worker too


@job.command("list")
def list_(
    state: Annotated[str, typer.Option("--state", help="waiting, running, done, dead or cancelled.")] = "",
    as_json: Json = False,
) -> None:
    """List the newest jobs, dead letters among them."""
    from kehu.flow.jobs import orders

    found = orders.listed(project(), state)
    if as_json:
        emit([orders.document(one) for one in found])
        return
    rows = [(one.id, one.kind, one.state, one.attempt, one.requester, one.created_at, _said(one)) for one in found]
    table(("job", "kind", "state", "attempts", "for", "ordered at", "what"), rows)


@job.command()
def show(number: int, as_json: Json = False) -> None:
    """Show one job: who asked, how far it is, what it gave, or why it failed."""
    from kehu.flow.jobs import orders

    _answer(orders.found(project(), number), as_json=as_json)


@job.command()
def run(
    kind: Kind,
    payload: With = "{}",
    key: Annotated[str, typer.Option("--key", help="Asking again with the same key gives the same job.")] = "",
    at: Annotated[datetime | None, typer.Option("--at", help="Not before this time, in UTC.")] = None,
    as_: As = "",
    as_json: Json = False,
) -> None:
    """Order a piece of work; a worker ('kehu serve' runs one) does it, with the rights the user then has."""
    from kehu.flow.jobs import orders

    _answer(orders.order(project(as_), kind, _mapping(payload), key=key, run_at=at), as_json=as_json)


@job.command()
def retry(number: int, as_: As = "", as_json: Json = False) -> None:
    """Let a dead letter or a cancelled job wait again."""
    from kehu.flow.jobs import orders

    _answer(orders.retry(project(as_), number), as_json=as_json)


@job.command()
def cancel(number: int, as_: As = "", as_json: Json = False) -> None:
    """Cancel a job: at once when it waits, at its next step when it runs."""
    from kehu.flow.jobs import orders

    _answer(orders.cancel(project(as_), number), as_json=as_json)


@job.command()
def work(
    once: Annotated[bool, typer.Option("--once", help="End when nothing more is due.")] = False, as_json: Json = False
) -> None:
    """Do due jobs until stopped (SIGTERM: finish or give back the one at hand); follow the schedules."""
    from kehu.flow.jobs.desk import open_worker

    worker = open_worker(folder(), workspace=PLACE.workspace, parent=int(os.environ.get(PARENT, "0")))
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop.set())
    ended = worker.work(once=once, fresh=not once)
    worker.close()
    _leave(worker)
    if not once and not worker.stop.is_set():
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # a fresh process gives back the memory
    if worker.stop.is_set():
        return
    if as_json:
        emit([{"job": number, "outcome": outcome} for number, outcome in ended])
    else:
        table(("job", "outcome"), ended)
    if any(outcome not in {"done", "cancelled", "released"} for _, outcome in ended):
        raise typer.Exit(1)


@schedule.command("list")
def schedules(as_json: Json = False) -> None:
    """List the schedules with their next times, in UTC."""
    from kehu.flow.jobs import orders

    found = [orders.planned(one) for one in orders.plans(project())]
    if as_json:
        emit(found)
    else:
        names = ("name", "kind", "cron", "zone", "catch_up", "requester", "next_at")
        table(names, [tuple(one[name] for name in names) for one in found])


@schedule.command()
def add(  # noqa: PLR0913, PLR0917  # each is an option of the command
    name: str,
    cron: Annotated[str, typer.Option("--cron", help="Minute, hour, day of month, month, day of week.")],
    kind: Annotated[str, typer.Option("--kind", help="collect, build, score, run, tidy or backup.")],
    zone: Annotated[str, typer.Option("--zone", help="IANA name [default: the project's time zone].")] = "",
    catch_up: Annotated[str, typer.Option("--catch-up", help="Missed times: skip, once or all.")] = "once",
    payload: With = "{}",
    as_: As = "",
    as_json: Json = False,
) -> None:
    """Order work again and again: --cron "30 6 * * 1-5" is 6:30 from Monday to Friday."""
    from kehu.flow.jobs import orders

    opened = project(as_)
    timing = orders.timing(opened, cron, zone, catch_up)
    made = orders.planned(orders.plan(opened, name, timing, kind, _mapping(payload)))
    if as_json:
        emit(made)
    else:
        typer.echo(f"{name}: {kind}, next at {made['next_at']:%Y-%m-%d %H:%M} UTC")


@schedule.command()
def remove(name: str, as_json: Json = False) -> None:
    """Drop a schedule; jobs that it ordered stay."""
    from kehu.flow.jobs import orders

    orders.unplan(project(), name)
    if as_json:
        emit({"schedule": name, "done": "removed"})
    else:
        typer.echo(f"{name}: removed")


def _leave(worker: Worker) -> None:
    if worker.is_stuck:  # its job was given back; the thread that still holds it must not outlive the lease
        note("the job at hand was given back before its next step")
        sys.stderr.flush()
        os._exit(0)


def _mapping(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise JobError(f"--with is no JSON: {error}", fix='Write it like \'{"names": ["shop"]}\'') from error
    if not isinstance(found, dict):
        raise JobError("--with is no mapping", fix='Write it like \'{"names": ["shop"]}\'')
    return found


def _said(one: Job) -> str:
    return str((one.error or {}).get("what", "")) if one.state in {"dead", "waiting"} else one.step


def _answer(one: Job, *, as_json: bool) -> None:
    from kehu.flow.jobs import orders

    if as_json:
        emit(orders.document(one))
    else:
        shown = orders.document(one)
        table(("", ""), [(name.replace("_", " "), value) for name, value in shown.items() if value not in (None, "")])
