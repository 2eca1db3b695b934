"""What machines ask whether the server lives and serves, and who may ask for figures."""

from __future__ import annotations

import shutil
import sqlite3

import pytest
from asking import asked, fail

from kehu.web.monitor import probe


def test_health_is_open_and_tells_nothing(door):
    assert asked("/healthz")[::2] == (200, b"ok\n")


def test_readiness_is_open_and_tells_nothing(door):
    assert asked("/readyz")[::2] == (200, b"ready\n")


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


@pytest.mark.parametrize(
    ("given", "status"), [((), 401), (((b"authorization", b"Bearer wrong"),), 401), (None, 200)], ids=str
)
def test_a_token_closes_the_metrics(door, queue, monkeypatch, given, status):
    monkeypatch.setenv(probe.TOKEN, "a-long-token")

    headers = ((b"authorization", b"Bearer a-long-token"),) if given is None else given

    assert asked("/metrics", headers=headers)[0] == status
