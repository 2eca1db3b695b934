"""The queue on both of its stores, and a clock that stands still."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from kehu.base import clock
from kehu.govern.jobs.queue import Jobs
from kehu.govern.jobs.store import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Clock:
    """A clock that moves when told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


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
    pytest.importorskip("procrastinate", reason="procrastinate is not installed (pip install 'kehu[postgres]')")
    from kehu.govern.jobs.postgres import PostgresStore

    store = PostgresStore(place)
    yield Jobs(store, now=now, rng=Random(1))
    store.close()
