"""A small company in a real lake, and browsers and clients that look at it."""

from __future__ import annotations

import ctypes
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kehu import tables
from kehu.base.settings import load
from kehu.flow.jobs.orders import open_jobs
from kehu.flow.project import open_project
from kehu.govern import users
from kehu.govern.control import Control
from kehu.govern.jobs.job import Order
from kehu.govern.jobs.schedule import Schedules, Timing
from kehu.warehouse.lake import Lake
from kehu.warehouse.table import load_tables

HERE = Path(__file__).parent
NOTICE = "Names, contact details, calls and surveys are invented."
PEOPLE = {"owner": "Olivia Owner", "agent": "Aki Agent", "analyst": "Ann Analyst", "marketer": "Max", "viewer": "Vera"}
PASSWORD = "a-long-demo-password"


def _write(folder: Path, *, empty: frozenset[str] = frozenset()) -> None:
    text = (HERE / "company.sql").read_text(encoding="utf-8")
    parts = re.findall(r"-- table: (\w+)\n(.*?)(?=\n-- (?:table|marts):|\Z)", text, re.DOTALL)
    marts = re.search(r"-- marts: (.*)", text)
    known = load_tables(Path(tables.__file__).parent)
    with Lake(folder / "data" / "main").writer("a small company", publish=True) as writer:
        for name, sql in parts:
            writer.replace(name, f"SELECT * FROM ({sql}) LIMIT 0" if name in empty else sql)
        for name in marts.group(1).split() if marts else []:
            writer.replace(name, str(known[name].sql))


def _company(folder: Path, *, empty: frozenset[str] = frozenset()) -> Path:
    (folder / "kehu.toml").write_text(
        f'name = "Acme Grocery"\ntime_zone = "America/New_York"\nnotice = "{NOTICE}"\n', encoding="utf-8"
    )
    _write(folder, empty=empty)
    control = Control(folder / "data" / "control.sqlite")
    for role, name in PEOPLE.items():
        users.add_user(control, f"{role}1", [role], display_name=name)
    control.close()
    return folder


@pytest.fixture(scope="session")
def company(tmp_path_factory) -> Path:
    """A project folder with published tables and one user per role."""
    return _company(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="session")
def contacts(tmp_path_factory) -> Path:
    """The same company before it added any orders; its agents see nobody of the branch."""
    folder = _company(tmp_path_factory.mktemp("contacts"), empty=frozenset({"seed_order", "score_run", "quarantine"}))
    rule = "roles:\n  agent:\n    rows:\n      account_member: account_id <> 'a2'\n"
    (folder / "policy.yml").write_text(rule, encoding="utf-8")
    return folder


def fill_queue(folder: Path) -> None:
    """Order, do, fail and cancel work, so that the page of operations has something of each to show."""
    jobs = open_jobs(load(folder))
    error = {"error": "TableError", "what": "a check failed", "where": "table order_line", "fix": "Look at the rows"}
    jobs.enqueue(Order("build", {}, "owner1"))
    jobs.fail(jobs.lease("worker"), error, is_permanent=True)
    jobs.enqueue(Order("collect", {}, "system"))
    jobs.complete(jobs.lease("worker"), {})
    jobs.cancel(jobs.enqueue(Order("score", {}, "owner1")).id)
    jobs.enqueue(Order("run", {}, "owner1"))
    jobs.renew(jobs.lease("worker", seconds=3600), "customer_month", 0.4, seconds=3600)
    jobs.enqueue(Order("tidy", {}, "system"))
    Schedules(jobs).add("nightly", Timing("30 6 * * 1-5", "Asia/Shanghai"), Order("run", {}, "system"))
    jobs.store.close()


@pytest.fixture
def door(company, settings):
    """The web app's door, opened on the company."""
    from kehu.web import door

    settings.KEHU_PROJECT = company
    settings.KEHU_WORKSPACE = "main"
    return door  # its caches stay: every test of the session looks at the same company


@pytest.fixture
def at_contacts(contacts, door, monkeypatch):
    """The web app's door, opened on the company without orders for one test."""
    opened = open_project(contacts, workspace="main")
    monkeypatch.setattr(door, "project_settings", lambda: opened.settings)
    monkeypatch.setattr(door, "control", lambda: opened.workspace.control)
    monkeypatch.setattr(door, "whole", lambda: opened)
    return door


@pytest.fixture
def client_of(db, door):
    """Make a client signed in as the user of a role."""
    from django.contrib.auth.models import User
    from django.test import Client

    def made(role: str) -> Client:
        user, _ = User.objects.get_or_create(username=f"{role}1")
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(user, backend="kehu.web.accounts.backend.ActorBackend")
        return client

    return made


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The same company, a copy of its own, behind the real server; the address without a slash."""
    company = _company(tmp_path_factory.mktemp("served"))
    place = {"KEHU_PROJECT": str(company), "KEHU_WORKSPACE": "main", "PATH": "/usr/bin:/bin"}
    code = "from kehu.web.accounts.password import set_password; import sys, pathlib; " + "; ".join(
        f"set_password(pathlib.Path(sys.argv[1]), '{role}1', '{PASSWORD}')" for role in ("owner", "analyst")
    )
    subprocess.run([sys.executable, "-c", code, str(company)], check=True, env=place)
    fill_queue(company)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*command, "--log-level", "error", "kehu.web.asgi:app"], env=place)
    for _ in range(150):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium, driven by playwright, whose event loop would be in the way of other modules' own."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("Chromium is not installed: browser tests need it (apt-get install chromium)")
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        pytest.skip("libatomic is not installed: Playwright's Node needs it (apt-get install libatomic1)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()
