"""The queue on both of its stores, a clock that stands still, and a PostgreSQL server of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from kehu.base import clock
from kehu.govern.jobs.queue import Jobs
from kehu.govern.jobs.store import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLACES = (*map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), os.environ["PATH"])
NUMBERS = count(1)


class Clock:
    """A clock that moves when told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def program(name: str) -> str | None:
    return next((found for place in PLACES if (found := shutil.which(name, path=place))), None)


def server(folder: Path) -> Callable[..., None]:
    """Return what runs a program of PostgreSQL, which refuses to run as root."""
    user = next((one for one in ("postgres", "nobody") if os.getuid() == 0 and known(one)), None)
    if user:
        for place in (folder, *folder.parents):
            if place.stat().st_uid == os.getuid() and place != Path("/tmp"):
                place.chmod(place.stat().st_mode | 0o711)
        shutil.chown(folder, user)

    def run(name: str, *words: str) -> None:
        subprocess.run([str(program(name)), *words], check=True, user=user, stdout=subprocess.DEVNULL, cwd=folder)

    return run


def known(name: str) -> bool:
    return any(one.pw_name == name for one in pwd.getpwall())


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server that listens on a socket in its own folder; how to reach it."""
    pytest.importorskip("procrastinate", reason="the extra 'postgres' is not installed")
    if not (program("initdb") and program("pg_ctl")):
        pytest.skip("PostgreSQL is not installed: its queue cannot be tested (apt-get install postgresql)")
    folder = tmp_path_factory.mktemp("pg")
    run = server(folder)
    run("initdb", "-D", str(folder / "db"), "-U", "kehu", "-A", "trust", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run("pg_ctl", "-D", str(folder / "db"), "-o", options, "-l", str(folder / "log"), "-w", "start")
    yield f"host={folder} user=kehu dbname=postgres"
    run("pg_ctl", "-D", str(folder / "db"), "-m", "immediate", "-w", "stop")


@pytest.fixture
def now() -> Clock:
    """A clock that stands at the time the test began."""
    return Clock(clock.now())


@pytest.fixture
def opened(tmp_path: Path, now: Clock) -> Iterator[Callable[..., Jobs]]:
    """Open the SQLite queue of this test; again and again it is another connection to the same file."""
    stores: list[SqliteStore] = []

    def made(workspace: str = "main") -> Jobs:
        stores.append(SqliteStore(tmp_path / "jobs.sqlite"))
        return Jobs(stores[-1], workspace=workspace, now=now, rng=Random(1))

    yield made
    for store in stores:
        store.close()


@pytest.fixture
def jobs(opened: Callable[..., Jobs]) -> Jobs:
    """An empty queue in a file."""
    return opened()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def either(request: pytest.FixtureRequest, now: Clock) -> Iterator[Jobs]:
    """An empty queue on each store."""
    if request.param == "sqlite":
        yield request.getfixturevalue("jobs")
        return
    place = request.getfixturevalue("postgres")
    from kehu.govern.jobs.postgres import PostgresStore

    store = PostgresStore(place)
    yield Jobs(store, workspace=f"w{next(NUMBERS)}", now=now, rng=Random(1))
    store.close()
