"""The owner's page of jobs."""

from __future__ import annotations

import pytest

from kehu.govern.access import SYSTEM
from kehu.govern.jobs.job import Order
from kehu.govern.jobs.schedule import Schedules, Timing


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("analyst", 403), ("marketer", 403), ("agent", 403), ("viewer", 403)]
)
def test_only_the_owner_sees_operations(client_of, queue, role, status):
    assert client_of(role).get("/operations/").status_code == status


@pytest.mark.parametrize(("role", "offered"), [("owner", True), ("analyst", False)])
def test_the_way_to_operations_is_offered_to_the_owner(client_of, role, offered):
    assert ('href="/operations/"' in client_of(role).get("/scorers/").content.decode()) is offered


def test_operations_show_what_was_given_up_and_why(client_of, dead):
    text = client_of("owner").get("/operations/").content.decode()

    assert "the disk is full" in text
    assert "Free some space" in text
    assert f'action="/operations/jobs/{dead.id}/retry/"' in text


def test_a_dead_letter_is_tried_again_by_a_button(client_of, queue, dead):
    answer = client_of("owner").post(f"/operations/jobs/{dead.id}/retry/")

    assert answer.status_code == 302
    assert queue.find(dead.id).state == "waiting"


def test_a_waiting_job_is_cancelled_by_a_button(client_of, queue):
    job = queue.enqueue(Order("build", {}, SYSTEM))

    client_of("owner").post(f"/operations/jobs/{job.id}/cancel/")

    assert queue.find(job.id).state == "cancelled"


def test_work_is_ordered_with_the_rights_of_who_pressed_the_button(client_of, queue):
    client_of("owner").post("/operations/jobs/", {"kind": "tidy"})

    (job,) = queue.listed("waiting")
    assert (job.kind, job.requester) == ("tidy", "owner1")


@pytest.mark.parametrize("path", ["jobs/", "jobs/1/retry/", "jobs/1/cancel/"])
def test_operations_change_by_the_owners_post_alone(client_of, client, db, queue, path):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    strict.cookies = client_of("owner").cookies

    assert client_of("owner").get(f"/operations/{path}").status_code == 405
    assert client_of("analyst").post(f"/operations/{path}", {"kind": "tidy"}).status_code == 403
    assert strict.post(f"/operations/{path}", {"kind": "tidy"}).status_code == 403
    assert client.post(f"/operations/{path}", headers={"host": "127.0.0.1"}).status_code == 302
    assert queue.listed("waiting") == []


@pytest.mark.parametrize(("path", "form"), [("jobs/999999/retry/", {}), ("jobs/", {"kind": "backup"})])
def test_what_is_not_there_is_not_found(client_of, queue, path, form):
    assert client_of("owner").post(f"/operations/{path}", form).status_code == 404


def test_a_job_settled_meanwhile_is_shown_instead(client_of, queue):
    job = queue.enqueue(Order("build", {}, SYSTEM))
    queue.complete(queue.lease("a worker"), None)

    assert client_of("owner").post(f"/operations/jobs/{job.id}/cancel/").status_code == 302
    assert queue.find(job.id).state == "done"


def test_schedules_and_missing_workers_are_shown(client_of, queue):
    Schedules(queue).add("nightly", Timing("30 6 * * *", "Asia/Shanghai"), Order("run", {}, SYSTEM))
    queue.enqueue(Order("build", {}, SYSTEM))

    text = client_of("owner").get("/operations/").content.decode()

    assert "30 6 * * *" in text
    assert "no worker runs" in text
