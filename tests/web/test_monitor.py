"""The owner's page of jobs, and what machines ask: health, readiness, metrics, events."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shutil
import sqlite3
from datetime import datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kehu.base.errors import LakeError
from kehu.base.log import JsonLines
from kehu.flow.jobs import orders
from kehu.flow.measure import Measures, measures
from kehu.flow.project import open_project
from kehu.flow.seconds import keep
from kehu.govern.access import SYSTEM
from kehu.govern.jobs.job import Order
from kehu.govern.jobs.schedule import Schedules, Timing
from kehu.web.monitor import metrics, probe
from kehu.web.monitor.watch import PATH

CANARY = "canary.person@example.com"
BROKEN = {"error": "LakeError", "what": "the disk is full", "where": "lake", "fix": "Free some space"}


@pytest.fixture(autouse=True)
def _database(db):
    """The app is loaded by the first test that asks it, and looks at its database then."""


@pytest.fixture
def queue(company, door):
    """The company's queue, emptied."""
    metrics.jobs.cache_clear()
    opened = orders.open_jobs(door.project_settings())
    opened.store.rows("DELETE FROM job")
    opened.store.rows("DELETE FROM schedule")
    yield opened
    opened.store.close()


@pytest.fixture
def dead(queue):
    """A job that was given up."""
    queue.enqueue(Order("build", {}, SYSTEM))
    job = queue.lease("a worker")
    queue.fail(job, BROKEN, is_permanent=True)
    return job


@pytest.fixture
def told():
    """The events that were told, as JSON."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    handler = Kept()
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in ("kehu", "django", "axes")]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.addHandler(handler)
        one.setLevel(logging.DEBUG)
    yield lines
    for one, level in zip(loggers, levels, strict=True):
        one.removeHandler(handler)
        one.setLevel(level)


def asked(path: str, method: str = "GET", headers: tuple = (), query: bytes = b"") -> tuple[int, dict, bytes]:
    """Ask the whole app, as the server does."""
    from kehu.web.asgi import app

    sent: list[dict] = []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "",
        "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 8000), "headers": [(b"host", b"127.0.0.1"), *headers],
    }  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


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


def test_health_is_open_and_tells_nothing(door):
    assert asked("/healthz")[::2] == (200, b"ok\n")


def test_readiness_is_open_and_tells_nothing(door):
    assert asked("/readyz")[::2] == (200, b"ready\n")


def fail(*_):
    raise LakeError("the catalog is damaged", where="secret/place")


@pytest.mark.parametrize("broken", ["store", "lake", "stopping"])
def test_a_server_that_cannot_serve_is_not_ready(door, monkeypatch, tmp_path, broken):
    if broken == "store":
        shutil.copy(door.control().path, tmp_path / "control.sqlite")
        locked = sqlite3.connect(f"file:{tmp_path / 'control.sqlite'}?mode=ro", uri=True, isolation_level=None)
        monkeypatch.setattr(door.control(), "_connection", locked)
    elif broken == "lake":
        monkeypatch.setattr(type(door.base()), "snapshot", fail)
    else:
        monkeypatch.setattr(probe, "_STOPPING", probe.threading.Event())
        probe.stopping()

    status, _, body = asked("/readyz")

    assert (status, body) == (503, b"not ready\n")


def test_machines_ask_by_get_only(door):
    assert asked("/metrics", "POST")[0] == 405


def test_metrics_are_in_prometheus_text_format(queue, dead):
    asked("/static/kehu.css")

    status, headers, body = asked("/metrics")

    families = {family.name: family for family in text_string_to_metric_families(body.decode())}
    value = {(s.name, *sorted(s.labels.values())): s.value for f in families.values() for s in f.samples}
    assert status == 200
    assert headers[b"content-type"].startswith(b"text/plain; version=0.0.4")
    assert body.endswith(b"\n")
    assert value[("kehu_jobs", "dead")] == 1
    assert value[("kehu_jobs", "running")] == 0
    assert value[("kehu_project_readable",)] == 1
    assert value[("kehu_request_seconds_count", "/static/", "200", "GET")] >= 1
    assert value[("process_resident_memory_bytes",)] > 10**7
    assert {"kehu_snapshot_age_seconds", "kehu_collect_lag_seconds", "kehu_quarantine_rows"} <= families.keys()


def test_times_are_told_as_ages():
    now = datetime.fromisoformat("2026-01-02")
    found = Measures(
        snapshot=3, published_at=now - timedelta(seconds=30), waiting_since=now - timedelta(seconds=20),
        landed={"shop": now - timedelta(hours=1)}, built={"customer": now - timedelta(minutes=1)},
        quarantined={("shop", "missing"): 4}, build_seconds=2.5, jobs={"waiting": 1},
    )  # fmt: skip

    told = {(s.name, *s.labels.values()): s.value for one in metrics.project_metrics(found, now) for s in one.samples}

    assert told[("kehu_collect_lag_seconds", "shop")] == 3600
    assert told[("kehu_table_age_seconds", "customer")] == 60
    assert told[("kehu_unbuilt_seconds",)] == 20
    assert told[("kehu_snapshot_age_seconds",)] == 30
    assert told[("kehu_quarantine_rows", "shop", "missing")] == 4
    assert told[("kehu_build_seconds",)] == 2.5


def test_remembered_figures_are_counted(client_of, queue, door):
    before = door.base().answers()

    for _ in range(2):
        client_of("owner").get("/quarantine/")

    _, _, body = asked("/metrics")
    value = dict(re.findall(r'kehu_answers_total{found="(\w+)"} (\S+)', body.decode()))
    assert float(value["hit"]) > before.hits
    assert float(value["miss"]) >= before.misses


def test_metrics_say_when_the_project_cannot_be_read(door, queue, monkeypatch):
    monkeypatch.setattr(metrics, "measures", fail)

    status, _, body = asked("/metrics")

    assert status == 200
    assert b"kehu_project_readable 0.0" in body
    assert b"damaged" not in body


@pytest.mark.parametrize(
    ("given", "status"), [((), 401), (((b"authorization", b"Bearer wrong"),), 401), (None, 200)], ids=str
)
def test_a_token_closes_the_metrics(door, queue, monkeypatch, given, status):
    monkeypatch.setenv(probe.TOKEN, "a-long-token")

    headers = ((b"authorization", b"Bearer a-long-token"),) if given is None else given

    assert asked("/metrics", headers=headers)[0] == status


def test_a_request_is_told_with_its_number(door, told):
    _, headers, _ = asked(f"/static/{CANARY}", query=CANARY.encode())

    event = json.loads(told[-1])
    assert event["request"] == headers[b"x-request-id"].decode()
    assert event.keys() == {"time", "level", "event", "request", "method", "path", "status", "ms"}
    assert (event["path"], event["status"]) == ("/static/", 404)


def test_an_error_is_told_by_its_place_and_kind_alone(client_of, told, monkeypatch):
    from kehu.web.customers import views

    monkeypatch.setattr(views, "profile", lambda *_, **__: 1 / 0 or CANARY)
    client = client_of("owner")
    client.raise_request_exception = False

    answer = client.get("/customers/C00003/")

    lines = [json.loads(line) for line in told]
    assert answer.status_code == 500
    assert "ZeroDivisionError" in {line.get("error") for line in lines}
    assert any("test_monitor.py" in frame for line in lines for frame in line.get("frames", ()))
    assert "C00003" not in "".join(told)


def test_library_words_are_left_out(told):
    logging.getLogger("django.request").warning("Not Found: %s", CANARY)
    said = f"failed for {CANARY}"
    logging.getLogger("django").error(said)

    assert [json.loads(line)["event"] for line in told] == ["django.request", "django"]
    assert CANARY not in "".join(told)


def test_the_last_builds_seconds_are_kept(company):
    project = open_project(company)

    keep(project.settings, build=12.5)

    assert measures(project).build_seconds == 12.5


def test_rows_that_landed_and_are_not_built_are_seen(tmp_path, company):
    folder = shutil.copytree(company, tmp_path / "copy")
    project = open_project(folder)
    before = measures(project)

    with project.workspace.write("collect tills", publish=False) as writer:
        writer.replace("raw_tills_orders", "SELECT 1 AS n")

    after = measures(project)
    assert before.waiting_since is None
    assert after.waiting_since == after.landed["tills"]
    assert PATH not in after.landed
