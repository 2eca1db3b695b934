from __future__ import annotations

import pytest

from kehu.flow.jobs.orders import open_jobs
from kehu.flow.project import open_project
from kehu.govern.decision import Waiting


@pytest.fixture(autouse=True)
def nothing_waits(company, door, db):
    """Every test begins and ends without a decision, and without a job."""

    def forget():
        store = Waiting(door.control(), "main")
        store.settle({one.decision_id for one in store.all()})
        jobs = open_jobs(door.project_settings())
        jobs.store.rows("DELETE FROM job")
        jobs.store.close()

    forget()
    yield
    forget()


@pytest.fixture
def waits(door):
    """Read the decisions that wait."""
    return lambda: Waiting(door.control(), "main").all()


@pytest.fixture
def first(company):
    """The first pair of the queue, as a form."""
    rows = open_project(company).workspace.read(
        "SELECT left_source, left_key, right_source, right_key, left_customer, right_customer FROM review_pair"
        " ORDER BY worth DESC, left_customer, right_customer LIMIT 1"
    )
    return rows.dicts()[0]


@pytest.fixture
def joining(company):
    """A joining of customer C00003 that would give a former customer back."""
    sql = "SELECT merge_id FROM merge_event WHERE customer_id = 'C00003' AND rule = 'splink'"
    return open_project(company).workspace.read(sql).value()
