from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import JobError
from kehu.govern.jobs.job import Order
from kehu.govern.jobs.schedule import Schedules, Timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.govern.jobs.conftest import Clock

    from kehu.govern.jobs.queue import Jobs

RUN = Order("run", {}, "ann")
HOURLY = "0 * * * *"


@pytest.fixture
def at(now: Clock) -> Callable[[str], None]:
    def moved(text: str) -> None:
        now.at = datetime.fromisoformat(text)

    moved("2026-01-05 00:30")
    return moved


@pytest.mark.parametrize(
    ("zone", "cron", "since", "due"),
    [
        ("Asia/Shanghai", "30 6 * * 1-5", "2026-01-01 00:00", ["2026-01-01 22:30", "2026-01-04 22:30"]),
        ("America/New_York", "30 2 * * *", "2026-03-07 12:00", ["2026-03-08 07:00", "2026-03-09 06:30"]),
        ("America/New_York", "30 1 * * *", "2026-10-31 12:00", ["2026-11-01 05:30", "2026-11-02 06:30"]),
        ("America/New_York", "30 1 * * *", "2026-11-01 05:30", ["2026-11-02 06:30", "2026-11-03 06:30"]),
        ("America/New_York", HOURLY, "2026-11-01 05:00", ["2026-11-01 06:00", "2026-11-01 07:00"]),
        ("Europe/Berlin", "0 6 * * *", "2026-03-28 00:00", ["2026-03-28 05:00", "2026-03-29 04:00"]),
    ],
    ids=["weekdays", "gap", "doubled hour", "within the doubled hour", "every hour of it", "same wall clock"],
)
def test_times_follow_the_zone_through_its_clock_changes(
    jobs: Jobs, now: Clock, zone: str, cron: str, since: str, due: list[str]
) -> None:
    now.at = datetime.fromisoformat(since)
    schedules = Schedules(jobs)
    schedules.add("daily", Timing(cron, zone), RUN)

    found = []
    for _ in range(2):
        (schedule,) = schedules.listed()
        now.at = schedule.next_at()
        found.append(now.at)
        schedules.fire()

    assert found == [datetime.fromisoformat(one) for one in due]


def test_a_schedule_orders_its_work_when_its_time_has_come(either: Jobs, at: Callable[[str], None]) -> None:
    schedules = Schedules(either)
    schedules.add("hourly", Timing(HOURLY), Order("build", {"names": ["customer"]}, "ann"))

    before = schedules.fire()
    at("2026-01-05 01:00")
    (fired,) = schedules.fire()

    assert before == []
    assert (fired.kind, fired.payload, fired.requester) == ("build", {"names": ["customer"]}, "ann")
    assert schedules.fire() == []


def test_two_workers_order_the_work_once(opened: Callable[..., Jobs], at: Callable[[str], None]) -> None:
    one, two = Schedules(opened()), Schedules(opened())
    one.add("hourly", Timing(HOURLY), RUN)
    at("2026-01-05 01:00")

    fired = one.fire() + two.fire()

    assert len(fired) == 1


def test_a_time_is_ordered_once_even_when_firing_was_cut_short(jobs: Jobs, at: Callable[[str], None]) -> None:
    schedules = Schedules(jobs)
    schedules.add("hourly", Timing(HOURLY, catch_up="all"), RUN)
    at("2026-01-05 01:00")
    (first,) = schedules.fire()
    with jobs.store.transaction() as execute:
        execute("UPDATE schedule SET fired_at = created_at")

    (again,) = schedules.fire()

    assert again.id == first.id


@pytest.mark.parametrize(("policy", "hours"), [("skip", []), ("once", [6]), ("all", [1, 2, 3, 4, 5, 6])])
def test_missed_times_follow_the_policy(jobs: Jobs, at: Callable[[str], None], policy: str, hours: list[int]) -> None:
    schedules = Schedules(jobs)
    schedules.add("hourly", Timing(HOURLY, catch_up=policy), RUN)
    at("2026-01-05 06:30")

    fired = schedules.fire()

    assert [datetime.fromisoformat(job.key.removeprefix("schedule:hourly:")).hour for job in fired] == hours
    assert schedules.fire() == []
    at("2026-01-05 07:00")
    assert len(schedules.fire()) == (0 if policy == "once" else 1)  # its former job still waits


@pytest.mark.parametrize("policy", ["skip", "once"])
def test_a_year_of_missed_minutes_is_looked_at_in_bounds(jobs: Jobs, at: Callable[[str], None], policy: str) -> None:
    schedules = Schedules(jobs)
    schedules.add("each minute", Timing("* * * * *", catch_up=policy), RUN)
    at("2027-01-05 06:30")

    fired = schedules.fire()

    assert [job.key for job in fired] == ["schedule:each minute:2027-01-05T06:30:00.000000"]


def test_work_does_not_pile_up_while_nobody_does_it(jobs: Jobs, at: Callable[[str], None]) -> None:
    schedules = Schedules(jobs)
    schedules.add("hourly", Timing(HOURLY), RUN)

    for hour in range(1, 9):
        at(f"2026-01-05 0{hour}:00")
        schedules.fire()

    assert jobs.counts() == {"waiting": 1}


def test_a_removed_schedule_orders_nothing(jobs: Jobs, at: Callable[[str], None]) -> None:
    schedules = Schedules(jobs)
    schedules.add("hourly", Timing(HOURLY), RUN)

    schedules.remove("hourly")
    at("2026-01-05 01:00")

    assert schedules.fire() == []
    with pytest.raises(JobError, match="no schedule 'hourly'"):
        schedules.remove("hourly")


@pytest.mark.parametrize(
    ("timing", "said"),
    [
        (Timing("61 * * * *"), "names no time"),
        (Timing("* * * * * *"), "five fields"),
        (Timing("0 0 31 2 *"), "names no time"),
        (Timing(HOURLY, "Mars/Base"), "no time zone"),
        (Timing(HOURLY, "UTC", "sometimes"), "no catch-up policy"),  # type: ignore[arg-type]
    ],
)
def test_a_timing_that_cannot_be_is_refused(jobs: Jobs, timing: Timing, said: str) -> None:
    with pytest.raises(JobError, match=said):
        Schedules(jobs).add("odd", timing, RUN)


def test_a_name_is_taken_once(jobs: Jobs) -> None:
    Schedules(jobs).add("hourly", Timing(HOURLY), RUN)

    with pytest.raises(JobError, match="already"):
        Schedules(jobs).add("hourly", Timing(HOURLY), RUN)
