"""The figures that machines ask for."""

from __future__ import annotations

import re
import shutil
from datetime import datetime, timedelta

from asking import asked, fail
from prometheus_client.parser import text_string_to_metric_families

from kehu.flow.measure import Measures, measures
from kehu.flow.project import open_project
from kehu.flow.seconds import keep
from kehu.web.monitor import metrics
from kehu.web.monitor.watch import PATH


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
