"""The whole of ``kehu serve``: what it tells of itself, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from kehu.flow.jobs import orders
from kehu.flow.project import open_project
from kehu.govern.jobs.crew import Crew

pytestmark = pytest.mark.slow

CANARY = "canary.person@example.com"
PASSWORD = "a-long-demo-password"
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Served:
    """A running ``kehu serve`` and one client's cookies."""

    def __init__(self, folder, log):
        self.folder, self.log, self.cookies = folder, log, {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        words = ["--dir", str(folder), "serve", "--port", str(self.port)]
        with log.open("wb") as file:
            command = [sys.executable, "-m", "kehu.cli", *words]
            self.process = subprocess.Popen(command, env={**os.environ, "KEHU_LOG": "json"}, stderr=file)

    def ask(self, path, method="GET", **form):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, urlencode(form), {**FORM, "cookie": cookie, "user-agent": CANARY})
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        for header in answer.headers.get_all("set-cookie") or ():
            name, _, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, body

    def sign_in(self):
        _, page = self.ask("/sign-in/")
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        return self.ask("/sign-in/", "POST", csrfmiddlewaretoken=token, username="owner1", password=PASSWORD)[0]

    def wait(self, come):
        for _ in range(600):
            with suppress(OSError, http.client.HTTPException):
                if come():
                    return
            time.sleep(0.1)
        raise AssertionError(f"it did not come: {self.log.read_text()[-2000:]}")

    def worker(self):
        """Return the process id of this server's worker once it reported itself, 0 before."""
        queue = orders.open_jobs(open_project(self.folder).settings)
        seen = [int(one.name.rpartition(":")[2]) for one in Crew(queue).seen()]
        queue.store.close()
        return next((pid for pid in seen if alive(pid) and parent(pid) == self.process.pid), 0)

    def told(self):
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def place(company, tmp_path_factory):
    """A copy of the company where the owner can sign in."""
    others = shutil.ignore_patterns("jobs.sqlite*")  # work that other tests ordered
    folder = shutil.copytree(company, tmp_path_factory.mktemp("serving") / "company", ignore=others)
    code = "import sys, pathlib; from kehu.web.accounts.password import set_password as s;"
    code += f"s(pathlib.Path(sys.argv[1]), 'owner1', '{PASSWORD}')"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def started(place, tmp_path_factory):
    """Start servers; those that still run at the end are ended."""
    known = []

    def made():
        one = Served(place, tmp_path_factory.mktemp("log") / "log")
        known.append(one)
        one.wait(lambda: one.ask("/readyz")[0] == 200)
        one.wait(one.worker)
        return one

    yield made
    for one in known:
        if one.process.poll() is None:
            one.process.terminate()
            one.process.wait(40)


@pytest.fixture(scope="module")
def serving(started):
    """A server that goes on."""
    return started()


def alive(pid):
    return stat(pid)[:1] not in {"", "Z"}


def parent(pid):
    return int(stat(pid).split()[1])


def stat(pid):
    """Return what the system says of a process after its name: state, parent, and more; nothing when it has gone."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2]
    return ""


def test_events_of_a_whole_visit_hold_no_personal_data(serving):
    paths = [
        f"/customers/{quote(CANARY)}/", f"/{quote(CANARY)}", f"/customers/?q={quote(CANARY)}", "/customers/C00003/",
        f"/quarantine/?source={quote(CANARY)}", "/operations/", f"/overview/{quote(CANARY)}.csv",
        "/customers/export.csv",
    ]  # fmt: skip

    status = serving.sign_in()
    answers = [serving.ask(path)[0] for path in paths]
    serving.ask("/sign-in/", "POST", username=CANARY, password=CANARY)
    _, figures = serving.ask("/metrics")

    events = serving.told()
    requests = [event for event in events if event["event"] == "request"]
    assert status == 302
    assert answers == [404, 404, 200, 200, 200, 200, 404, 200]
    assert {"/customers/<str:customer_id>/", "/operations/", "none"} <= {event["path"] for event in requests}
    assert {len(event["actor"]) for event in requests if event["path"] == "/operations/"} == {16}
    everything = json.dumps(events) + figures
    assert not re.search("canary|C00003|person3|owner1|刘芳|Olivia", everything)


def test_a_worker_serves_beside_and_is_started_again_when_killed(serving):
    first = serving.worker()

    os.kill(first, signal.SIGKILL)
    serving.wait(lambda: serving.worker() not in {0, first})

    job = orders.order(open_project(serving.folder), "tidy", {})
    serving.wait(lambda: orders.found(open_project(serving.folder), job.id).state == "done")
    assert any(event["event"] == "child ended" for event in serving.told())


def test_a_server_that_is_asked_to_end_answers_what_is_at_hand(started):
    serving = started()
    worker = serving.worker()
    body = urlencode({"username": "nobody", "password": "x" * 200}).encode()
    head = f"POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM['content-type']}\r\n"
    client = socket.create_connection(("127.0.0.1", serving.port), timeout=20)
    client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:20])
    time.sleep(0.5)  # until the server has read the beginning

    serving.process.send_signal(signal.SIGTERM)
    serving.wait(lambda: any(event["event"] == "stopping" for event in serving.told()))
    client.sendall(body[20:])
    answer = client.recv(100)
    status = serving.process.wait(40)

    client.close()
    assert answer.startswith(b"HTTP/1.1 403")  # without the form's token, but answered
    assert status == 0
    assert not alive(worker)


def test_nothing_outlives_a_server_that_is_killed(started):
    serving = started()
    worker = serving.worker()

    serving.process.kill()
    serving.process.wait(40)

    serving.wait(lambda: not alive(worker))
    serving.wait(lambda: not listens(serving.port))


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
