"""Decisions wait durably, each for its workspace, until the ledger has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from kehu.govern.control import Control
from kehu.govern.decision import Decision, Waiting

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 1, 2, 3, 4, 5, 678901)  # noqa: DTZ001  # naive UTC, as tables store it
ONE = Decision("d1", "same", "crm", "1", "web", "王@x.com", "c1", "merge", 'said "so"\n; --', "ann", AT)
OTHER = Decision("d2", "different", "crm", "2", "web", "3", None, "review", "", "ann", AT)


@pytest.fixture
def waiting(control: Control) -> Waiting:
    return Waiting(control, "main")


def test_a_decision_comes_back_as_it_was_said_and_in_its_order(waiting: Waiting) -> None:
    waiting.add([OTHER])
    waiting.add([ONE, replace(ONE, right_key="4")])

    assert waiting.all() == [OTHER, ONE, replace(ONE, right_key="4")]


def test_what_the_ledger_has_is_forgotten_and_nothing_else(waiting: Waiting) -> None:
    waiting.add([ONE, replace(ONE, right_key="4")])
    waiting.add([OTHER])

    waiting.settle(["d1", "unknown"])
    waiting.settle(["d1"])

    assert waiting.all() == [OTHER]


def test_workspaces_do_not_see_each_others_decisions(waiting: Waiting, control: Control) -> None:
    other = Waiting(control, "other")
    waiting.add([ONE])

    other.settle(["d1"])

    assert (waiting.all(), other.all()) == ([ONE], [])


def test_the_rows_of_one_act_are_kept_all_or_none(waiting: Waiting) -> None:
    def rows():
        yield ONE
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        waiting.add(rows())

    assert waiting.all() == []


def test_decisions_outlive_the_process(tmp_path: Path) -> None:
    first = Control(tmp_path / "control.sqlite")
    Waiting(first, "main").add([ONE])
    first.close()
    second = Control(tmp_path / "control.sqlite")

    assert Waiting(second, "main").all() == [ONE]
    second.close()
