"""Jobs of a real project: whose rights they have, what they leave in the audit."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from kehu.base.errors import AccessError, JobError, SettingsError
from kehu.base.progress import silent
from kehu.flow.jobs import orders
from kehu.flow.jobs.desk import open_worker
from kehu.flow.jobs.halt import HaltError
from kehu.flow.jobs.kinds import KINDS, perform
from kehu.flow.project import open_project
from kehu.flow.seconds import kept
from kehu.govern import users

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.flow.project import Project


@pytest.fixture
def owned(shop: Path) -> Project:
    project = open_project(shop)
    for name, role in (("olivia", "owner"), ("vera", "viewer")):
        users.add_user(project.workspace.control, name, [role])
    return project


def test_a_job_does_the_products_own_step(owned: Project) -> None:
    folder = owned.settings.folder
    (folder / "people.csv").write_text("id,name,email,phone,city,birthday\n9,Eve,,,Rome,\n", encoding="utf-8")
    asked = open_project(folder, as_="olivia")
    job = orders.order(asked, "collect", {"names": ["people"]})

    ended = open_worker(folder).work(once=True)

    assert ended == [(job.id, "done")]
    assert orders.found(owned, job.id).result == {"people": {"files": 1, "rows": 1, "rejected": 0}}


def test_what_a_build_took_is_kept(owned: Project) -> None:
    orders.order(owned, "build", {})

    open_worker(owned.settings.folder).work(once=True)

    (job,) = orders.listed(owned, "done")
    assert 0 < job.result["seconds"] <= kept(owned.settings)["build"]


def test_a_halted_build_publishes_nothing_and_is_done_again(owned: Project) -> None:
    before = owned.workspace.snapshot()
    steps = count()

    def halting(step: str, fraction: float | None = None) -> None:
        if next(steps) == 20:
            raise HaltError(step)

    with pytest.raises(HaltError):
        perform(owned, "build", {"full": True}, halting)
    after = owned.workspace.snapshot()
    perform(owned, "build", {"full": True}, silent)

    assert after == before
    assert owned.workspace.snapshot() != before


def test_who_may_not_write_may_not_order(owned: Project) -> None:
    viewer = open_project(owned.settings.folder, as_="vera")

    with pytest.raises(AccessError, match="may not write"):
        orders.order(viewer, "build", {})
    with pytest.raises(AccessError, match="may not write"):
        orders.listed(viewer)


@pytest.mark.parametrize("change", ["disabled", "demoted"])
def test_rights_are_those_of_the_time_it_runs(owned: Project, change: str) -> None:
    folder = owned.settings.folder
    job = orders.order(open_project(folder, as_="olivia"), "collect", {})
    if change == "disabled":
        users.disable(owned.workspace.control, "olivia")
    else:
        users.set_roles(owned.workspace.control, "olivia", ["viewer"])

    ended = open_worker(folder).work(once=True)

    assert ended == [(job.id, "dead")]
    assert orders.found(owned, job.id).error["error"] == "AccessError"


def test_orders_and_ends_leave_audit_lines(owned: Project) -> None:
    folder = owned.settings.folder
    job = orders.order(open_project(folder, as_="olivia"), "tidy", {})
    open_worker(folder).work(once=True)

    lines = [line.event for line in owned.workspace.audit.lines() if line.event.action == "job"]

    assert [(one.actor, one.text, one.outcome) for one in reversed(lines)] == [
        ("olivia", "order tidy", "ok"),
        ("system", "tidy of olivia: done, attempt 1", "ok"),
    ]
    assert {one.subject for one in lines} == {f"job:{job.id}"}


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("buidl", {}, "Did you mean 'build'"),
        ("build", {"names": "customer"}, "does not take names='customer'"),
        ("score", {"nmaes": []}, "It takes names"),
    ],
)
def test_work_that_cannot_be_done_is_not_queued(owned: Project, kind: str, payload: dict[str, Any], said: str) -> None:
    with pytest.raises(JobError, match=said):
        orders.order(owned, kind, payload)

    assert orders.listed(owned) == []


def test_a_schedule_is_in_the_projects_time_zone(owned: Project) -> None:
    made = orders.plan(owned, "nightly", orders.timing(owned, "30 6 * * *"), "run", {})

    assert made.zone == "UTC"
    assert [one.name for one in orders.plans(owned)] == ["nightly"]
    orders.unplan(owned, "nightly")
    assert orders.plans(owned) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"collect"}))
def test_every_kind_can_be_done(owned: Project, kind: str, tmp_path: Path) -> None:
    payload = {"folder": str(tmp_path / "backup")} if kind == "backup" else {}
    job = orders.order(owned, kind, payload)

    ended = open_worker(owned.settings.folder).work(once=True)

    assert ended == [(job.id, "done")], orders.found(owned, job.id).error


@pytest.mark.slow
def test_the_queue_may_be_on_postgres(owned: Project, postgres: str) -> None:
    pytest.importorskip("procrastinate", reason="procrastinate is not installed (pip install 'kehu[postgres]')")
    folder = owned.settings.folder
    with (folder / "kehu.toml").open("a", encoding="utf-8") as file:
        file.write(f'jobs = "postgres:{postgres}"\n')
    job = orders.order(open_project(folder, as_="olivia"), "tidy", {})

    with closing(open_worker(folder)) as worker:
        ended = worker.work(once=True)

    assert ended == [(job.id, "done")]
    assert not (folder / "data" / "jobs.sqlite").exists()


def test_another_place_of_the_queue_is_refused(owned: Project) -> None:
    folder = owned.settings.folder
    with (folder / "kehu.toml").open("a", encoding="utf-8") as file:
        file.write('jobs = "redis://localhost"\n')

    with pytest.raises(SettingsError, match="postgres:host=db"):
        orders.listed(open_project(folder))
