from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kehu.cli.main import placed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("words", [["--dir", "shop", "status"], ["status", "-C", "shop"], ["status", "--dir=shop"]])
def test_the_project_is_named_anywhere_on_the_line(words: list[str]) -> None:
    front = placed(words)

    assert front[0] in {"--dir", "-C"}
    assert front[1:] == ["shop", "status"]


def test_words_after_two_dashes_are_left_alone() -> None:
    assert placed(["customer", "find", "--", "-C", "x"]) == ["customer", "find", "--", "-C", "x"]


def test_the_project_is_found_from_a_folder_inside_it(
    run: Callable[..., object], built_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(built_shop / "sources")

    assert run("status", "--json").json()["project"] == str(built_shop)


def test_the_only_project_below_is_found(
    run: Callable[..., object], built_shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KEHU_PROJECT", raising=False)
    monkeypatch.chdir(built_shop.parent)

    found = run("status", "--json")

    assert found.json()["project"] == str(built_shop)
    assert "project:" in found.err


def test_the_environment_names_the_project(
    run: Callable[..., object], built_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEHU_PROJECT", str(built_shop))
    monkeypatch.chdir(tmp_path)

    assert run("status", "--json").json()["project"] == str(built_shop)


@pytest.mark.parametrize("words", [["-C", "none"], ["-w", "../x"]])
def test_a_place_that_is_no_project_is_refused(
    run: Callable[..., object], built_shop: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(built_shop)

    refused = run(*words, "status", "--json")

    assert (refused.status, refused.json()["error"]) == (1, "SettingsError")


def test_help_is_quick() -> None:
    kehu = [sys.executable, "-c", "from kehu.cli import main; main()", "--help"]
    before = os.times().children_user

    subprocess.run(kehu, check=True, capture_output=True)

    assert os.times().children_user - before < 1.0  # .3 s of a quiet machine's time; room for a busy one


@pytest.mark.slow
def test_a_plain_table_of_people_needs_three_commands(
    run: Callable[..., object], built_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(built_shop / "people.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    run("init", "own")
    monkeypatch.chdir(tmp_path / "own")

    for command in (
        ["source", "add", "people", "../people.csv", "--entity", "customer_record", "--yes"],
        ["collect"],
        ["build"],
    ):
        done = run(*command)
        assert done.status == 0, done.err

    assert run("query", "SELECT count(*) AS n FROM customer_360", "--json").json()["rows"] == [{"n": 3}]


def test_looking_writes_nothing_without_yes(run: Callable[..., object], shop: Path) -> None:
    looked = run("-C", shop, "source", "add", "more", shop / "people.csv", "--json")

    assert looked.status == 0
    assert looked.json()["written"] is None
    assert "customer_record" in looked.json()["mapping"]
    assert not (shop / "sources" / "more.yml").exists()
