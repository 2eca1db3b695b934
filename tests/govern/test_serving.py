"""Limits of what people ask, cancelling, and the log of what was slow."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kehu.base.cancel import cancellable
from kehu.base.errors import KehuError, LakeError, QueryError, SettingsError
from kehu.base.settings import load
from kehu.base.types import Result
from kehu.govern import slow
from kehu.govern.access import Access
from kehu.govern.answers import Answers
from kehu.govern.slow import Slow, SlowLog, outline
from kehu.govern.workspace import Workspace, open_workspace
from kehu.warehouse.session import readers
from kehu.warehouse.session.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kehu.warehouse.catalog import Catalog

CROSSED = "SELECT sum(o1.amount + o2.amount) FROM " + ", ".join(f"orders AS o{number}" for number in range(16))
GROWN = "city"
for _ in range(5):  # two letters grow to 1.5 billion in one value
    GROWN = f"replace({GROWN}, 'o', '{'o' * 60}')"
HUGE = f"SELECT max(length({GROWN})) FROM customer"


@pytest.fixture
def opened(tmp_path: Path, catalog: Catalog) -> Callable[..., Workspace]:
    """Open a workspace of a customer and four orders with some settings."""

    def workspace(**settings: object) -> Workspace:
        lines = [f"{name} = {value!r}" for name, value in settings.items()]
        (tmp_path / "kehu.toml").write_text("\n".join(lines), encoding="utf-8")
        made = open_workspace(tmp_path, catalog=catalog)
        if made.snapshot() is None:
            with made.write("first build", publish=True) as writer:
                writer.replace(
                    "orders", "SELECT i AS order_id, 'c1' AS customer_id, i * 1.5 AS amount FROM range(4) t(i)"
                )
                writer.replace("customer", "SELECT 'c1' AS customer_id, 'Boston' AS city, 'ann@x.com' AS email")
        return made

    return workspace


def as_(workspace: Workspace, role: str) -> Workspace:
    return workspace.acting(Access(role, frozenset({role})))


def test_what_people_ask_is_stopped_in_time_and_jobs_are_not(opened: Callable[..., Workspace]) -> None:
    shop = opened(query_seconds=0.1, read_seconds=0.1)

    for ask in (as_(shop, "analyst").query, as_(shop, "analyst").read, as_(shop, "analyst").arrow):
        with pytest.raises(QueryError, match="too long"):
            ask(CROSSED)

    assert shop.read("SELECT count(*) FROM orders AS a, orders AS b, range(3000000)").value() == 48_000_000


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="only Linux tells the address space")  # noqa: PTH110
def test_an_expression_of_gigabytes_is_refused_and_the_next_query_answers(opened: Callable[..., Workspace]) -> None:
    analyst = as_(opened(query_memory="100MB", memory_limit="500MB"), "analyst")

    with pytest.raises(LakeError, match=r"not enough memory.*Raise memory_limit"):
        analyst.query(HUGE)

    assert analyst.query("SELECT count(*) FROM orders").value() == 4


def test_a_cancelled_request_stops_its_query_and_asks_no_more(opened: Callable[..., Workspace]) -> None:
    analyst, told = as_(opened(), "analyst"), []

    with cancellable() as running:
        canceller = threading.Timer(0.3, running.cancel)
        canceller.start()
        for sql in (CROSSED, "SELECT 1 AS n FROM orders"):
            with pytest.raises(QueryError) as stopped:
                analyst.query(sql)
            told.append(stopped.value.what)

    assert told == ["the query was cancelled"] * 2
    assert analyst.query("SELECT count(*) FROM orders").value() == 4


def test_cancelling_one_request_leaves_the_others_alone(opened: Callable[..., Workspace]) -> None:
    analyst = as_(opened(), "analyst")

    with cancellable() as running:
        running.cancel()
    with cancellable():
        answer = analyst.query("SELECT count(*) FROM orders").value()

    assert answer == 4


def test_a_slow_query_is_logged_with_its_plan_and_without_values(opened: Callable[..., Workspace]) -> None:
    shop = opened(slow_query_seconds=0.000001)
    agent = as_(shop, "agent")

    agent.read("SELECT count(*) FROM customer WHERE email = ? AND city = 'Boston'", ("ann@x.com",), subject="page:x")
    with pytest.raises(QueryError):
        agent.query("SELECT CAST(city AS INTEGER) FROM customer")

    failed, counted = shop.slow()[:2]
    assert (counted.outcome, counted.rows, counted.subject, counted.roles) == ("ok", 1, "page:x", "agent")
    assert any("email" in line and "city" in line for line in counted.plan)
    assert (failed.outcome, failed.action) == ("QueryError", "query")
    written = (shop.settings.lake / "slow.jsonl").read_text(encoding="utf-8")
    assert "ann@x.com" not in written
    assert "Boston" not in written
    assert (shop.settings.lake / "slow.jsonl").stat().st_mode & 0o777 == 0o600


def test_quick_queries_are_not_logged(opened: Callable[..., Workspace]) -> None:
    shop = opened(slow_query_seconds=30)

    as_(shop, "agent").read("SELECT count(*) FROM customer")

    assert shop.slow() == []


def test_a_full_slow_log_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "MOST", 300)
    log = SlowLog(tmp_path)
    one = Slow("2026-01-01T00:00:00", 2.0, "ok", "read", "page:x", "viewer", 1, 1, "SELECT 1")

    for number in range(7):
        log.add(replace(one, snapshot=number))

    assert [kept.snapshot for kept in log.last(3)] == [6, 5, 4]
    assert len(list(tmp_path.iterdir())) == 2


def test_an_outline_shows_names_and_never_values() -> None:
    plan = [{"name": "FILTER", "extra_info": {"Expression": "(email = ann)"}, "children": [
        {"name": "SCAN", "extra_info": {"Function": "READ_PARQUET", "Filters": ["city='Oslo'", "x IN (Ann Lee)"]}}
    ]}]  # fmt: skip

    assert outline(plan, {"email", "city"}) == ["FILTER  on email", "  SCAN  Function: READ_PARQUET; on city"]


def test_answers_never_take_more_than_their_room() -> None:
    answers, asked = Answers(20_000), []

    def ask(key: str) -> Result:
        def made() -> Result:
            asked.append(key)
            return Result(("a",), [("x" * 500,)], 1)

        return answers.get((1, "policy", key), (), made)

    for key in ("q1", "q2", *(f"q{number}" for number in range(3, 30)), "q29", "q1"):
        ask(key)

    counts = answers.counts()
    assert counts.bytes <= 20_000
    assert asked.count("q29") == 1
    assert asked.count("q1") == 2
    assert (counts.hits, counts.misses) == (1, 30)


def test_an_answer_larger_than_its_share_is_asked_again() -> None:
    answers, asked = Answers(20_000), []

    for _ in range(2):
        answers.get((1, "", "q"), (), lambda: asked.append(1) or Result(("a",), [("x" * 5_000,)], 1))

    assert len(asked) == 2


@pytest.mark.parametrize(
    "sql", ["SELECT now()", "SELECT Current_Date", "SELECT random() FROM t", "SELECT age(x) FROM t"]
)
def test_what_the_snapshot_does_not_decide_is_asked_each_time(sql: str) -> None:
    answers, asked = Answers(1_000_000), []

    for _ in range(2):
        answers.get((1, "", sql), (), lambda: asked.append(1) or Result(("a",), [(1,)], 1))

    assert len(asked) == 2


def test_values_of_other_types_are_other_questions() -> None:
    answers = Answers(1_000_000)

    found = [
        answers.get((1, "", "q"), (value,), lambda value=value: Result(("a",), [(repr(value),)], 1)).value()
        for value in (1, True, "1", 1.0)
    ]

    assert found == ["1", "True", "'1'", "1.0"]


def test_two_roles_with_the_same_sql_share_only_what_both_may_see(opened: Callable[..., Workspace]) -> None:
    shop = opened()
    mail = "SELECT email FROM customer"

    seen = [as_(shop, role).query(mail).value() for role in ("agent", "viewer", "agent", "analyst")]

    assert seen == ["ann@x.com", None, "ann@x.com", None]
    assert (shop.answers().hits, shop.answers().misses) == (2, 2)


@pytest.mark.parametrize("line", ['query_memory = "lots"', "query_seconds = 0", "slow_query_seconds = -1"])
def test_limits_that_cannot_work_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "kehu.toml").write_text(line, encoding="utf-8")

    with pytest.raises(SettingsError, match=line.split(maxsplit=1)[0]):
        load(tmp_path)


def test_a_server_asks_the_former_snapshot_until_the_new_one_is_warm(
    opened: Callable[..., Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = opened()
    shop.serve()
    count = "SELECT count(*) FROM orders"
    before = as_(shop, "viewer").read(count)
    go = threading.Event()
    monkeypatch.setattr(readers, "Reader", lambda *place: go.wait(20) and Reader(*place))
    with shop.write("second build", publish=True) as writer:
        writer.replace("orders", "SELECT i AS order_id, 'c1' AS customer_id, i * 1.5 AS amount FROM range(9) t(i)")

    meanwhile = as_(shop, "viewer").read(count)
    go.set()
    newest = shop.published()[0].id
    end = time.monotonic() + 20
    while as_(shop, "viewer").read(count).snapshot != newest and time.monotonic() < end:
        time.sleep(0.02)

    assert (before.value(), meanwhile.value(), meanwhile.snapshot) == (4, 4, before.snapshot)
    assert as_(shop, "viewer").read(count).value() == 9
    assert shop.pending() == []


def test_errors_of_the_lake_are_errors_of_kehu(opened: Callable[..., Workspace]) -> None:
    with pytest.raises(KehuError, match="no published snapshot 99"):
        as_(opened(), "analyst").query("SELECT 1 AS n FROM orders", at=99)
