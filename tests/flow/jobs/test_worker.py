from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from kehu.base.errors import AccessError, JobError, LakeError
from kehu.flow.jobs.worker import Pace, Worker
from kehu.govern.jobs.crew import Crew
from kehu.govern.jobs.job import Order
from kehu.govern.jobs.queue import Jobs
from kehu.govern.jobs.schedule import Schedules, Timing
from kehu.govern.jobs.store import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kehu.govern.jobs.job import Job

QUICK = Pace(poll=0.01, beat=0.02, lease=60, grace=5)
RUN = Order("run", {}, "ann")


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    store = SqliteStore(tmp_path / "jobs.sqlite")
    yield Jobs(store)
    store.close()


@pytest.fixture
def heard() -> list[tuple[int, str, str]]:
    return []


@pytest.fixture
def worker(jobs: Jobs, heard: list[tuple[int, str, str]]) -> Callable[..., Worker]:
    def made(work: Callable[..., Any], pace: Pace = QUICK, parent: int = 0) -> Worker:
        return Worker(jobs, work, lambda job, *ended: heard.append((job.id, *ended)), pace=pace, parent=parent)

    return made


def test_due_jobs_are_done_in_their_order(jobs: Jobs, worker: Callable[..., Worker], heard: list[Any]) -> None:
    made = [jobs.enqueue(Order("run", {"n": n}, "ann")).id for n in range(3)]

    ended = worker(lambda job, progress: job.payload["n"]).work(once=True)

    assert ended == [(one, "done") for one in made]
    assert [jobs.find(one).result for one in made] == [0, 1, 2]
    assert heard == [(one, "done", "") for one in made]


def test_progress_is_seen_while_the_job_runs(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    made = jobs.enqueue(RUN)
    seen: list[Job] = []

    def work(job: Job, progress: Any) -> None:
        progress("customer", 0.5)
        wait(lambda: jobs.find(job.id).step == "customer")
        seen.append(jobs.find(job.id))

    worker(work).work(once=True)

    assert [(one.id, one.step, one.fraction) for one in seen] == [(made.id, "customer", 0.5)]


def test_a_failure_that_may_pass_is_tried_again(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    made = jobs.enqueue(RUN)

    ended = worker(raising(LakeError("locked", where="lake", fix="Wait"))).work(once=True)

    job = jobs.find(made.id)
    assert ended == [(made.id, "waiting")]
    assert (job.failures, job.error) == (1, {"error": "LakeError", "what": "locked", "where": "lake", "fix": "Wait"})
    assert job.run_at > job.created_at


def test_a_refusal_is_a_dead_letter_at_once(
    jobs: Jobs, worker: Callable[..., Worker], heard: list[tuple[int, str, str]]
) -> None:
    made = jobs.enqueue(RUN)

    worker(raising(AccessError("user 'ann' is disabled"))).work(once=True)

    assert jobs.find(made.id).state == "dead"
    assert heard == [(made.id, "dead", "AccessError")]


def test_a_crash_of_the_work_leaves_its_kind_but_not_its_words(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    made = jobs.enqueue(RUN)

    worker(raising(ValueError("ann.lee@example.com"))).work(once=True)

    job = jobs.find(made.id)
    assert job.error["error"] == "ValueError"
    assert "ann.lee" not in str(job)


def test_a_cancelled_job_halts_at_its_next_step(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    made = jobs.enqueue(RUN)
    steps: list[int] = []

    def work(job: Job, progress: Any) -> None:
        jobs.cancel(job.id)
        for step in range(500):
            steps.append(step)
            progress(str(step))
            time.sleep(0.01)

    ended = worker(work).work(once=True)

    assert ended == [(made.id, "cancelled")]
    assert len(steps) < 500


def test_a_stopped_worker_gives_its_job_back(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    made = jobs.enqueue(RUN)
    one = worker(endless)
    thread = threading.Thread(target=one.work)
    thread.start()
    wait(lambda: jobs.find(made.id).state == "running")

    one.stop.set()
    thread.join(10)

    job = jobs.find(made.id)
    assert (job.state, job.failures) == ("waiting", 0)
    assert not one.is_stuck
    assert jobs.lease("another") is not None


def test_a_job_that_does_not_halt_is_given_back_after_a_while(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    made = jobs.enqueue(RUN)
    free = threading.Event()
    one = worker(lambda job, progress: free.wait(20), Pace(0.01, 0.02, 60, grace=0.1))
    thread = threading.Thread(target=one.work)
    thread.start()
    wait(lambda: jobs.find(made.id).state == "running")

    one.stop.set()
    thread.join(10)
    free.set()

    assert one.is_stuck
    assert jobs.find(made.id).state == "waiting"


def test_a_worker_that_lost_its_lease_settles_nothing(
    jobs: Jobs, worker: Callable[..., Worker], heard: list[Any]
) -> None:
    made = jobs.enqueue(RUN)

    def work(job: Job, progress: Any) -> str:
        jobs.release(job)
        assert jobs.lease("another") is not None
        return "late"

    ended = worker(work).work(once=True)

    assert ended == [(made.id, "lost")]
    assert (jobs.find(made.id).state, jobs.find(made.id).result) == ("running", None)
    assert heard == []


def test_a_worker_follows_the_schedules(jobs: Jobs, worker: Callable[..., Worker], heard: list[Any]) -> None:
    Schedules(jobs).add("each minute", Timing("* * * * *"), RUN)
    with jobs.store.transaction() as execute:
        execute("UPDATE schedule SET fired_at = '2026-01-01T00:00:00.000000'")

    ended = worker(lambda job, progress: job.key).work(once=True)

    assert [outcome for _, outcome in ended] == ["done"]
    assert [outcome for _, outcome, _ in heard] == ["ordered", "done"]


def test_a_job_whose_workers_all_died_is_told_of(jobs: Jobs, worker: Callable[..., Worker], heard: list[Any]) -> None:
    made = jobs.enqueue(RUN)
    jobs.lease("one", seconds=-1)
    jobs.store.rows("UPDATE job SET failures = 4")

    worker(lambda job, progress: None).work(once=True)

    assert heard == [(made.id, "dead", "JobError")]


def test_old_jobs_are_swept(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    made = jobs.enqueue(RUN)
    worker(lambda job, progress: None).work(once=True)
    jobs.store.rows("UPDATE job SET finished_at = '2020-01-01T00:00:00.000000'")

    worker(lambda job, progress: None).work(once=True)

    with pytest.raises(JobError, match=f"no job {made.id}"):
        jobs.find(made.id)


def test_a_worker_is_seen_until_it_leaves(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    jobs.enqueue(RUN)
    seen: list[Any] = []

    one = worker(lambda job, progress: seen.extend(Crew(jobs).seen()))
    one.work(once=True)

    assert [who.name for who in seen] == [one.name]
    assert seen[0].memory_mb > 1
    assert Crew(jobs).seen() == []


def test_a_worker_ends_after_its_work_for_a_fresh_process_to_follow(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    made = jobs.enqueue(RUN)

    ended = worker(lambda job, progress: None).work(fresh=True)

    assert ended == [(made.id, "done")]


def test_a_worker_whose_parent_has_gone_stops(jobs: Jobs, worker: Callable[..., Worker]) -> None:
    jobs.enqueue(RUN)

    ended = worker(lambda job, progress: None, parent=os.getpid()).work()

    assert ended == []  # this process is not its own parent


def wait(come: Callable[[], bool]) -> None:
    for _ in range(1000):
        if come():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come")


def raising(error: Exception) -> Callable[..., None]:
    def work(job: Job, progress: Any) -> None:
        raise error

    return work


def endless(job: Job, progress: Any) -> None:
    for _ in range(2000):
        progress("again")
        time.sleep(0.01)
