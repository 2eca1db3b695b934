"""What is wrong in a source ends as one clear error or one quarantined row, and never as half of a landing."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import zipfile
from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAULTS = {
    "missing file": (None, "no such file", ""),
    "empty file": (b"", "empty", ""),
    "wrong delimiter": (b"id;name;email\n5;Cy;cy@example.com\n", "delimiter ','", "line 1"),
    "unknown column": (b"number,name,email,phone,city,birthday\n5,Cy,,,,\n", "id", ""),
    "undecodable byte": (b"id,name,email,phone,city,birthday\n5,Cy\xff\xfe\xfa,,,,\n", "byte", "line 2"),
}


QUICK = ("missing file", "undecodable byte")  # of one kind each; the others need seconds too


@pytest.mark.parametrize(
    "fault", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in FAULTS]
)
def test_a_broken_file_is_one_error_and_lands_nothing(run: Callable[..., object], shop: Path, fault: str) -> None:
    content, what, where = FAULTS[fault]
    people = shop / "people.csv"
    people.unlink() if content is None else people.write_bytes(content)
    before = run("-C", shop, "status", "--json").json()

    refused = run("-C", shop, "run", "--json")

    after = run("-C", shop, "status", "--json").json()
    error = refused.json()
    assert refused.status == 1
    assert error["error"] == "SourceError"
    assert what in error["what"].lower()
    assert where in error["where"] + error["what"]
    assert "people.csv" in error["where"] + error["what"]
    assert error["fix"]
    assert after["pending"] == before["pending"] == []
    assert after["snapshot"] == before["snapshot"]


def test_a_broken_workbook_is_refused_when_it_is_added(run: Callable[..., object], shop: Path) -> None:
    (shop / "text.xlsx").write_bytes(b"this is no workbook")
    with zipfile.ZipFile(shop / "zip.xlsx", "w") as archive:
        archive.writestr("hello.txt", "nor is this")

    for name in ("text.xlsx", "zip.xlsx"):
        refused = run("-C", shop, "source", "add", "book", shop / name, "--yes", "--json")

        assert refused.status == 1
        assert name in refused.json()["where"]
        assert refused.json()["fix"]
    assert not (shop / "sources" / "book.yml").exists()


def test_a_mapping_that_names_an_unknown_column_says_which(run: Callable[..., object], shop: Path) -> None:
    mapping = shop / "sources" / "people.yml"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace("email: email", "email: e_mail"), encoding="utf-8")

    refused = run("-C", shop, "run", "--json")

    assert refused.status == 1
    assert "e_mail" in refused.err
    assert "email" in refused.json()["fix"]


def test_a_date_that_is_none_is_quarantined_with_its_line(run: Callable[..., object], built_shop: Path) -> None:
    sql = "SELECT source, line, rule, column_name, value FROM quarantine"

    rows = run("-C", built_shop, "query", sql, "--json").json()["rows"]

    assert rows == [
        {"source": "sales", "line": 5, "rule": "not_a_date", "column_name": "ordered_at", "value": "not a date"}
    ]


@pytest.mark.slow
def test_a_mended_file_completes_the_run(run: Callable[..., object], shop: Path) -> None:
    people = shop / "people.csv"
    whole = people.read_bytes()
    people.write_bytes(b"")
    run("-C", shop, "run")
    people.write_bytes(whole + b"5,Cy Young,cy@example.com,,Tacoma,\n")

    done = run("-C", shop, "run", "--json")

    assert (done.status, done.json()["seconds"].keys()) == (0, {"collect", "build", "score"})
    assert run("-C", shop, "customer", "find", "cy young", "--json").json()["total"] == 1


def test_the_sources_that_are_well_land_beside_a_broken_one(run: Callable[..., object], shop: Path) -> None:
    (shop / "people.csv").unlink()
    with (shop / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("A5;3;2026-03-10 09:15;1,00;EUR\n")

    refused = run("-C", shop, "collect", "--json")

    assert refused.status == 1
    assert [one["name"] for one in run("-C", shop, "status", "--json").json()["pending"]] == ["land: collect sales"]


def test_a_system_error_is_told_in_one_line(
    run: Callable[..., object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "file"))

    monkeypatch.setattr(type(sys.modules["kehu.cli.main"].app), "__call__", full)

    refused = run("status", "--json")

    assert (refused.status, refused.json()["where"]) == (1, str(tmp_path / "file"))
    assert "Free some space" in refused.json()["fix"]


@pytest.mark.slow
def test_a_full_disk_is_one_error_and_the_next_run_completes(run: Callable[..., object], shop: Path) -> None:
    with (shop / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("A5;3;2026-03-10 09:15;1,00;EUR\n")
    before = run("-C", shop, "status", "--json").json()
    command = [sys.executable, "-c", "from kehu.cli import main; main()", "-C", shop, "run", "--json"]
    small = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (128 * 1024, 128 * 1024))  # the catalog is larger

    refused = subprocess.run(command, preexec_fn=small, capture_output=True, text=True, check=False)

    error = json.loads(refused.stdout)
    assert refused.returncode == 1
    assert "full" in error["what"]
    assert "Free" in error["fix"]
    assert "Traceback" not in refused.stderr
    assert run("-C", shop, "status", "--json").json()["snapshot"] == before["snapshot"]
    assert run("-C", shop, "run", "--json").status == 0
    assert run("-C", shop, "query", "SELECT count(*) AS n FROM orders", "--json").json()["rows"] == [{"n": 4}]
