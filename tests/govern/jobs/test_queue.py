from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import JobError
from kehu.govern.jobs import queue
from kehu.govern.jobs.job import MOST_FAILURES, Order, pause

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.govern.jobs.conftest import Clock

    from kehu.govern.jobs.queue import Jobs

BUILD = Order("build", {"names": ["customer"]}, "ann")
BROKEN = {"error": "LakeError", "what": "locked", "where": "", "fix": "Wait"}


def test_what_was_ordered_is_kept_with_who_asked(either: Jobs) -> None:
    made = either.enqueue(BUILD)

    job = either.find(made.id)

    assert (job.kind, job.payload, job.requester, job.state) == ("build", {"names": ["customer"]}, "ann", "waiting")


def test_a_leased_job_is_nobody_elses(either: Jobs) -> None:
    made = either.enqueue(BUILD)

    first, second = either.lease("one"), either.lease("two")

    assert first is not None
    assert (first.id, first.state, first.attempt, first.worker) == (made.id, "running", 1, "one")
    assert second is None


def test_a_completed_job_holds_its_result_and_waits_no_more(either: Jobs) -> None:
    either.enqueue(BUILD)
    job = leased(either)

    settled = either.complete(job, {"seconds": 1.5})

    after = either.find(job.id)
    assert settled
    assert (after.state, after.result, after.leased_until) == ("done", {"seconds": 1.5}, None)
    assert either.lease("two") is None


def test_the_same_key_gives_the_same_job(either: Jobs) -> None:
    keyed = Order("run", {}, "ann", key="2026-11-22")

    first = either.enqueue(keyed)
    either.complete(leased(either), None)
    again = either.enqueue(keyed)

    assert (again.id, again.state) == (first.id, "done")
    assert either.lease("one") is None


def test_a_key_of_other_work_is_refused(either: Jobs) -> None:
    either.enqueue(Order("run", {}, "ann", key="k"))

    with pytest.raises(JobError, match="key 'k' belongs to job"):
        either.enqueue(Order("score", {}, "ann", key="k"))


def test_jobs_of_one_lane_run_one_after_another(either: Jobs) -> None:
    either.enqueue(BUILD)
    either.enqueue(BUILD)
    other = either.enqueue(Order("look", {}, "ann", lane=""))

    first, second, third = either.lease("one"), either.lease("two"), either.lease("three")

    assert first is not None
    assert second is not None
    assert second.id == other.id
    assert third is None


def test_a_cancelled_job_is_not_run(either: Jobs) -> None:
    made = either.enqueue(BUILD)

    cancelled = either.cancel(made.id)

    assert cancelled.state == "cancelled"
    assert either.lease("one") is None


def test_a_running_job_is_told_to_stop(either: Jobs) -> None:
    either.enqueue(BUILD)
    job = leased(either)
    before = either.renew(job, "customer", 0.5)

    either.cancel(job.id)

    assert (before, either.renew(job)) == ("held", "stop")
    assert either.cancelled(job)
    assert either.find(job.id).state == "cancelled"


def test_progress_is_kept_with_the_lease(either: Jobs) -> None:
    either.enqueue(BUILD)
    job = leased(either)

    either.renew(job, "customer", 0.5)

    assert (either.find(job.id).step, either.find(job.id).fraction) == ("customer", 0.5)


def test_a_permanent_failure_is_a_dead_letter_that_can_be_retried(either: Jobs) -> None:
    either.enqueue(BUILD)
    job = leased(either)

    either.fail(job, BROKEN, is_permanent=True)
    dead = either.listed("dead")
    again = either.retry(job.id)

    assert [(one.id, one.error) for one in dead] == [(job.id, BROKEN)]
    assert (again.state, again.failures) == ("waiting", 0)
    assert leased(either).attempt == 2


def test_a_released_job_is_due_at_once_and_unharmed(either: Jobs) -> None:
    either.enqueue(BUILD)
    job = leased(either)

    either.release(job)

    again = leased(either)
    assert (again.id, again.attempt, again.failures) == (job.id, 2, 0)


def test_who_lost_the_lease_can_settle_nothing(either: Jobs, now: Clock) -> None:
    either.enqueue(BUILD)
    lost = leased(either)
    either.release(lost)
    held = leased(either)

    words = either.complete(lost, "late"), either.fail(lost, BROKEN), either.release(lost), either.renew(lost)

    assert words == (False, False, False, "lost")
    assert either.complete(held, "in time")
    assert either.find(held.id).result == "in time"


def test_a_lease_that_is_not_renewed_ends(either: Jobs, now: Clock) -> None:
    either.enqueue(BUILD)
    dead = leased(either)
    alive = either.reap()
    now.move(seconds=61)

    taken = either.reap()

    assert alive == []
    assert [(one.id, one.state, one.failures) for one in taken] == [(dead.id, "waiting", 1)]
    assert not either.complete(dead, None)


def test_a_renewed_lease_does_not_end(jobs: Jobs, now: Clock) -> None:
    jobs.enqueue(BUILD)
    job = leased(jobs)

    for _ in range(5):
        now.move(seconds=30)
        assert jobs.renew(job) == "held"

    assert jobs.reap() == []


def test_a_job_that_kills_its_workers_becomes_a_dead_letter(jobs: Jobs, now: Clock) -> None:
    jobs.enqueue(BUILD)

    for _ in range(MOST_FAILURES):
        assert jobs.lease("one") is not None
        now.move(hours=3)
        jobs.reap()
        now.move(hours=3)

    (dead,) = jobs.listed("dead")
    assert dead.error["what"] == "its worker ended without a word"
    assert jobs.lease("one") is None


def test_a_failed_job_waits_longer_each_time(jobs: Jobs, now: Clock) -> None:
    jobs.enqueue(BUILD)

    pauses = []
    for _ in range(MOST_FAILURES - 1):
        jobs.fail(leased(jobs), BROKEN)
        assert jobs.lease("one") is None
        (job,) = jobs.listed("waiting")
        pauses.append((job.run_at - now.at).total_seconds())
        now.at = job.run_at

    assert pauses == sorted(pauses)
    assert 5 <= pauses[0] <= 15
    jobs.fail(leased(jobs), BROKEN)
    assert jobs.counts() == {"dead": 1}


def test_pauses_are_spread_and_no_longer_than_an_hour_and_a_half() -> None:
    from random import Random

    drawn = {pause(20, Random(seed)) for seed in range(50)}

    assert len(drawn) == 50
    assert max(drawn) <= timedelta(hours=1.5)


def test_work_for_later_is_not_done_before(jobs: Jobs, now: Clock) -> None:
    jobs.enqueue(Order("run", {}, "ann", run_at=now.at + timedelta(hours=1)))

    before = jobs.lease("one")
    now.move(hours=1)

    assert before is None
    assert jobs.lease("one") is not None


def test_another_tenants_jobs_are_not_there(opened: Callable[..., Jobs]) -> None:
    mine, theirs = opened("main"), opened("other")
    made = theirs.enqueue(BUILD)

    assert mine.lease("one") is None
    assert mine.listed() == []
    with pytest.raises(JobError, match=f"no job {made.id}"):
        mine.find(made.id)
    with pytest.raises(JobError):
        mine.cancel(made.id)


def test_a_full_queue_refuses_and_says_what_to_do(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_WAITING", 2)
    jobs.enqueue(BUILD)
    jobs.enqueue(BUILD)

    with pytest.raises(JobError, match="kehu job work"):
        jobs.enqueue(BUILD)


@pytest.mark.parametrize("act", ["retry", "cancel"])
def test_a_settled_job_is_neither_retried_nor_cancelled(jobs: Jobs, act: str) -> None:
    jobs.enqueue(BUILD)
    job = leased(jobs)
    jobs.complete(job, None)

    with pytest.raises(JobError, match=f"job {job.id} is done"):
        getattr(jobs, act)(job.id)


def test_a_failure_after_a_cancel_is_a_cancel(jobs: Jobs) -> None:
    jobs.enqueue(BUILD)
    job = leased(jobs)
    jobs.cancel(job.id)

    jobs.fail(job, BROKEN)

    assert jobs.find(job.id).state == "cancelled"


def test_old_jobs_are_forgotten_but_no_dead_letters(jobs: Jobs, now: Clock) -> None:
    jobs.enqueue(BUILD)
    jobs.complete(leased(jobs), None)
    jobs.enqueue(BUILD)
    jobs.fail(leased(jobs), BROKEN, is_permanent=True)
    now.move(days=31)

    jobs.forget()

    assert jobs.counts() == {"dead": 1}


def test_two_connections_never_lease_the_same_job(opened: Callable[..., Jobs]) -> None:
    queues = [opened() for _ in range(4)]
    made = {queues[0].enqueue(Order("look", {}, "ann", lane="")).id for _ in range(20)}

    leases = [job.id for turn in range(30) if (job := queues[turn % 4].lease(str(turn)))]

    assert sorted(leases) == sorted(made)


def leased(jobs: Jobs):
    job = jobs.lease("one")
    assert job is not None
    return job
