from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from kehu.govern import users
from kehu.govern.control import Control

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Answer


@pytest.fixture
def here(shop: Path, run: Callable[..., Answer]) -> Callable[..., Answer]:
    """Run a command in a shop of this test's own."""
    return lambda *words: run("--dir", shop, *words)


def test_work_is_ordered_done_and_shown(here: Callable[..., Answer]) -> None:
    ordered = here("job", "run", "collect", "--with", '{"names": ["people"]}', "--json").json()
    worked = here("job", "work", "--once", "--json")
    shown = here("job", "show", ordered["id"], "--json").json()

    assert ordered["state"] == "waiting"
    assert worked.json() == [{"job": ordered["id"], "outcome": "done"}]
    assert worked.status == 0
    assert (shown["state"], shown["result"]["people"]["rows"]) == ("done", 0)


def test_a_failed_job_is_seen_in_the_exit_status_and_the_list(here: Callable[..., Answer]) -> None:
    here("job", "run", "collect", "--with", '{"names": ["absent"]}')

    worked = here("job", "work", "--once")

    listed = here("job", "list", "--json").json()
    assert worked.status == 1
    assert [one["attempt"] for one in listed] == [1]
    assert "absent" in listed[0]["error"]["what"]


def test_a_job_is_cancelled_and_tried_again(here: Callable[..., Answer]) -> None:
    number = here("job", "run", "tidy", "--json").json()["id"]

    cancelled = here("job", "cancel", number, "--json").json()
    again = here("job", "retry", number, "--json").json()

    assert (cancelled["state"], again["state"]) == ("cancelled", "waiting")
    assert "tidy" in here("job", "list", "--state", "waiting").out


def test_the_same_key_orders_once(here: Callable[..., Answer]) -> None:
    first, second = (here("job", "run", "tidy", "--key", "k", "--json").json()["id"] for _ in range(2))

    assert first == second


def test_work_for_later_waits(here: Callable[..., Answer]) -> None:
    here("job", "run", "tidy", "--at", "2100-01-01T00:00:00")

    assert here("job", "work", "--once", "--json").json() == []


def test_a_user_orders_with_rights_of_their_own(here: Callable[..., Answer], shop: Path) -> None:
    control = Control(shop / "data" / "control.sqlite")
    users.add_user(control, "olivia", ["owner"])
    control.close()

    ordered = here("job", "run", "tidy", "--as", "olivia", "--json").json()
    refused = here("job", "run", "tidy", "--as", "viewer")

    assert ordered["requester"] == "olivia"
    assert refused.status == 1
    assert "may not write" in refused.err


def test_a_schedule_is_kept_listed_and_dropped(here: Callable[..., Answer]) -> None:
    words = ("--cron", "30 6 * * 1-5", "--kind", "run", "--zone", "Asia/Shanghai", "--catch-up", "skip")

    added = here("schedule", "add", "nightly", *words, "--json").json()
    listed = here("schedule", "list", "--json").json()
    dropped = here("schedule", "remove", "nightly")

    assert (added["zone"], added["catch_up"]) == ("Asia/Shanghai", "skip")
    assert added["next_at"].endswith("T22:30:00Z")
    assert [one["name"] for one in listed] == ["nightly"]
    assert dropped.status == 0
    assert here("schedule", "list", "--json").json() == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("job", "run", "buidl"), "Did you mean 'build'"),
        (("job", "run", "build", "--with", "{"), "--with is no JSON"),
        (("job", "run", "build", "--with", "[]"), "--with is no mapping"),
        (("job", "run", "build", "--with", '{"nmaes": []}'), "does not take nmaes"),
        (("job", "show", "99"), "there is no job 99"),
        (("job", "list", "--state", "ded"), "Did you mean 'dead'"),
        (("schedule", "add", "x", "--cron", "never", "--kind", "run"), "has not five fields"),
        (("schedule", "add", "x", "--cron", "0 6 * * *", "--kind", "run", "--zone", "Mars"), "no time zone"),
        (("schedule", "remove", "x"), "there is no schedule 'x'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_refused_with_the_fix(here: Callable[..., Answer], words: tuple[str, ...], said: str) -> None:
    answer = here(*words)

    assert answer.status == 1
    assert said in answer.err


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("status",), "status"),
        (("customer", "find", "ann.lee@example.com"), "customer find"),
        (("query", "SELECT 'ann.lee@example.com'"), "query"),
        (("frobnicate", "ann.lee@example.com"), ""),
    ],
)
def test_a_command_is_told_without_its_arguments(
    here: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], name: str
) -> None:
    monkeypatch.setenv("KEHU_LOG", "json")

    answer = here(*words)

    told = [json.loads(line) for line in answer.err.splitlines() if line.startswith("{")]
    assert told[-1]["event"] == "command ended"
    assert (told[-1].get("command", ""), told[-1]["status"]) == (name, answer.status)
    assert "ann.lee" not in json.dumps(told)


def test_a_failure_is_told_by_its_kind(here: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_LOG", "json")

    answer = here("job", "show", "99")

    (event,) = [json.loads(line) for line in answer.err.splitlines()]
    assert (event["command"], event["status"], event["reason"]) == ("job show", 1, "JobError")


def test_an_error_nobody_expected_is_told_by_its_place_alone(
    here: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise ValueError("ann.lee@example.com")

    monkeypatch.setenv("KEHU_LOG", "json")
    entry = import_module("kehu.cli.main")
    monkeypatch.setattr(entry, "app", broken)
    monkeypatch.setattr(entry, "named", lambda: "status")

    answer = here("status")

    assert answer.status == 1
    assert "ValueError" in answer.err
    assert "ann.lee" not in answer.err
