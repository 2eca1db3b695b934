from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PEOPLE = "id,name,email,phone,city\n1,Ann Lee,,,Boston\n2,Ann Lee,,,\n3,Bob Ray,bob@x.com,+12125550101,Rome\n"


@pytest.fixture
def town(run: Callable[..., Any], tmp_path: Path) -> Path:
    """Two records of one name, with nothing else to tell."""
    folder = tmp_path / "town"
    assert run("init", folder).status == 0
    (tmp_path / "people.csv").write_text(PEOPLE)
    with (folder / "kehu.toml").open("a") as settings:
        settings.write("\nreview_at = 0.001\nmatch_at = 0.999\n")
    for words in (("source", "add", "crm", tmp_path / "people.csv", "--yes"), ("collect",), ("build",)):
        assert run("-C", folder, *words).status == 0
    return folder


def test_an_answer_joins_two_and_undo_in_the_queue_takes_it_back(
    run: Callable[..., Any], town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (waiting,) = run("-C", town, "customer", "review", "--json").json()["pairs"]
    monkeypatch.setattr("sys.stdin", io.StringIO("dus"))  # different; no, undo; same
    answered = run("-C", town, "customer", "review")
    left = run("-C", town, "customer", "review", "--json").json()
    ids = run("-C", town, "query", "--json", "SELECT DISTINCT customer_id FROM customer_xref").json()

    assert {waiting["left"]["record"][1], waiting["right"]["record"][1]} == {"1", "2"}
    assert (answered.status, "1 answered" in answered.err) == (0, True)
    assert (left["total"], len(ids["rows"])) == (0, 2)


def test_an_empty_queue_says_so(run: Callable[..., Any], shop: Path) -> None:
    answered = run("-C", shop, "customer", "review", "--limit", "1")

    assert (answered.status, "Nothing waits" in answered.err) == (0, True)
