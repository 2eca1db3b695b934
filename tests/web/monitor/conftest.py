from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from kehu.base.log import JsonLines
from kehu.flow.jobs import orders
from kehu.govern.access import SYSTEM
from kehu.govern.jobs.job import Order
from kehu.web.monitor import metrics

sys.path.append(str(Path(__file__).parent))  # asking.py, beside this file
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
