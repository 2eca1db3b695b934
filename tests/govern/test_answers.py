from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.base.types import Result
from kehu.govern.access import Access
from kehu.govern.answers import Answers
from kehu.govern.workspace import Workspace, open_workspace
from kehu.warehouse.session.reader import Reader
from kehu.warehouse.session.readers import KEPT

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.warehouse.catalog import Catalog

MAIL = "SELECT email FROM customer ORDER BY customer_id"


@pytest.fixture
def shop(tmp_path: Path, catalog: Catalog) -> Workspace:
    """Two customers with an e-mail."""
    (tmp_path / "kehu.toml").write_text('name = "Acme"\n')
    workspace = open_workspace(tmp_path, catalog=catalog)
    with workspace.write("first build", publish=True) as writer:
        writer.replace(
            "customer", "SELECT * FROM (VALUES ('c1', 'ann@x.com'), ('c2', 'bo@x.com')) t(customer_id, email)"
        )
    return workspace


def as_(workspace: Workspace, actor: str, role: str) -> Workspace:
    return workspace.acting(Access(actor, frozenset({role})))


def test_a_shared_answer_is_asked_once_and_audited_each_time(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = Reader.execute
    as_(shop, "ann", "viewer").read("SELECT 1 AS warm")
    monkeypatch.setattr(
        Reader, "execute", lambda self, sql, *rest, **more: asked.append(sql) or real(self, sql, *rest, **more)
    )

    found = [as_(shop, actor, "viewer").read(MAIL, subject="page:all").rows for actor in ("ann", "bob")]

    assert found[0] == found[1]
    assert len(asked) == 1
    assert [line.event.actor for line in shop.audit.lines(last=2)] == ["bob", "ann"]  # newest first


def test_a_shared_answer_never_crosses_a_mask(shop: Workspace) -> None:
    seen = as_(shop, "aki", "agent").read(MAIL).rows

    assert seen == [("ann@x.com",), ("bo@x.com",)]
    assert as_(shop, "vera", "viewer").read(MAIL).rows == [(None,), (None,)]


def test_a_new_policy_ends_what_was_remembered(shop: Workspace) -> None:
    agent = as_(shop, "aki", "agent")
    agent.read(MAIL)

    (shop.settings.folder / "policy.yml").write_text("roles: {agent: {columns: {email: 'null'}}}", encoding="utf-8")

    assert agent.read(MAIL).rows == [(None,), (None,)]


def test_a_new_snapshot_is_asked_again(shop: Workspace) -> None:
    viewer = as_(shop, "vera", "viewer")
    count = "SELECT count(*) FROM customer"
    before = viewer.read(count).value()

    with shop.write("nobody left", publish=True) as writer:
        writer.replace("customer", "SELECT 'c1' AS customer_id, 'ann@x.com' AS email WHERE false")

    assert (before, viewer.read(count).value()) == (2, 0)


def test_other_parameters_are_another_question(shop: Workspace) -> None:
    agent = as_(shop, "aki", "agent")
    sql = "SELECT email FROM customer WHERE customer_id = ?"

    assert [agent.read(sql, (name,)).value() for name in ("c1", "c2")] == ["ann@x.com", "bo@x.com"]


def ask(answers: Answers, snapshot: int) -> None:
    answers.get((snapshot, "", MAIL), (), lambda: Result(("email",), [("ann@x.com",)], snapshot))


def test_answers_leave_with_their_snapshot() -> None:
    several, once = Answers(1 << 20), Answers(1 << 20)
    ask(once, 1)

    for snapshot in range(1, 50):
        ask(several, snapshot)

    assert several.counts().held == KEPT
    assert several.counts().bytes == KEPT * once.counts().bytes


def test_a_snapshot_that_is_still_asked_keeps_its_answers() -> None:
    answers = Answers(1 << 20)

    for snapshot in range(2, 50):
        ask(answers, 1)
        ask(answers, snapshot)

    assert (answers.counts().hits, answers.counts().misses) == (47, 49)


def test_an_answer_that_comes_after_its_snapshot_left_is_not_kept() -> None:
    answers = Answers(1 << 20)

    def slow() -> Result:
        for snapshot in range(2, 2 + KEPT):
            ask(answers, snapshot)
        return Result(("email",), [], 1)

    answers.get((1, "", MAIL), (), slow)

    assert answers.counts().held == KEPT
