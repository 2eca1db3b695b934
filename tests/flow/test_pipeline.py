from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import kehu
from kehu.base.errors import AccessError, LakeError, TableError
from kehu.flow import pipeline
from kehu.flow.ask import find
from kehu.flow.project import init
from kehu.flow.source import propose, write
from kehu.flow.status import status
from kehu.flow.tables import _loaded as load_tables
from kehu.warehouse import recall, sql

if TYPE_CHECKING:
    from pathlib import Path

WRONG = """/*
description: A table that is wrong.
grain: one row
kind: full
key: [n]
owner: tests
columns:
  n: {type: INTEGER, meaning: a number}
checks: [n > 1]
*/
SELECT 1 AS n
"""


def add_order(shop: Path) -> None:
    with (shop / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("A5;3;2026-03-10 09:15;1,00;EUR\n")


@pytest.mark.slow
def test_a_run_after_a_failed_build_completes(shop: Path) -> None:
    add_order(shop)
    wrong = shop / "tables" / "wrong.sql"
    wrong.write_text(WRONG, encoding="utf-8")

    with pytest.raises(TableError, match="n > 1"):
        pipeline.run(kehu.open(shop))
    waiting = kehu.open(shop)
    assert not pipeline.is_whole(waiting)
    assert waiting.workspace.read("SELECT count(*) FROM orders").value() == 3
    wrong.unlink()
    seconds = pipeline.run(kehu.open(shop))

    assert set(seconds) == {"collect", "build", "score"}
    assert kehu.open(shop).workspace.read("SELECT count(*) FROM orders").value() == 4


def test_nothing_new_is_not_computed_again(shop: Path) -> None:
    project = kehu.open(shop)
    before = project.workspace.snapshot()

    seconds = pipeline.run(project)

    assert set(seconds) == {"collect", "build"}
    assert project.workspace.snapshot() == before


def test_a_later_process_does_not_parse_what_an_earlier_one_did(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(tree: object) -> None:
        raise AssertionError(tree)

    pipeline.build(kehu.open(shop))
    monkeypatch.setattr(recall, "_known", {})
    monkeypatch.setattr(sql, "_tables_in", parsed)
    monkeypatch.setattr(sql, "_columns_named", parsed)
    add_order(shop)
    load_tables.cache_clear()

    pipeline.collect(kehu.open(shop))
    pipeline.build(kehu.open(shop))

    assert kehu.open(shop).workspace.read("SELECT count(*) FROM orders").value() == 4


def test_a_build_before_anything_was_collected_gives_empty_tables_and_later_full_ones(tmp_path: Path) -> None:
    init(tmp_path)
    project = kehu.open(tmp_path)

    report = pipeline.build(project)
    assert [run.rows for run in report.tables if run.name == "customer"] == [0]

    (tmp_path / "people.csv").write_text("id,name,email\n1,Ann Lee,ann@example.com\n", encoding="utf-8")
    write(project, propose(project, "people", tmp_path / "people.csv"))
    pipeline.build(kehu.open(tmp_path))
    pipeline.collect(kehu.open(tmp_path))
    pipeline.build(kehu.open(tmp_path))
    assert kehu.open(tmp_path).workspace.read("SELECT full_name FROM customer").rows == [("Ann Lee",)]


def test_only_owners_run_jobs(shop: Path) -> None:
    with pytest.raises(AccessError):
        pipeline.collect(kehu.open(shop, as_="analyst"))


def test_a_full_disk_is_told_and_leaves_the_last_snapshot(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = kehu.open(shop)
    before = project.workspace.snapshot()
    add_order(shop)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kehu.warehouse.session.writer.sync", full)
    with pytest.raises(LakeError, match="disk is full"):
        pipeline.collect(project)

    assert project.workspace.snapshot() == before
    assert project.workspace.pending() == []
    assert project.workspace.read("SELECT count(*) FROM orders").value() == 3


@pytest.mark.slow
def test_running_again_and_again_does_not_grow_the_disk(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = kehu.open(shop)
    monkeypatch.setattr("kehu.warehouse.upkeep.tidy.timedelta", lambda **_: __import__("datetime").timedelta(0))

    sizes = []
    for _ in range(2):
        pipeline.run(project)
        sizes.append(sum(path.stat().st_size for path in (shop / "data").rglob("*.parquet")))

    assert sizes[1] <= sizes[0] * 1.2


@pytest.mark.slow
def test_a_single_table_can_be_built_first(shop: Path) -> None:
    second = kehu.open(shop, workspace="second")
    pipeline.collect(second)

    pipeline.build(second, ["customer"])

    assert second.workspace.read("SELECT count(*) FROM customer").value() == 3
    assert status(second)["sources"] == []
    with pytest.raises(LakeError, match=r"not built yet.*kehu build"):
        find(second, "ann")


def test_building_orders_without_persons_loads_no_matching(shop: Path) -> None:
    (shop / "sources" / "people.yml").unlink()
    code = f"""
import sys
import kehu
from kehu.flow import pipeline
project = kehu.open({str(shop)!r})
found = pipeline.build(project, full=True)
print(sorted({{"duckdb", "pandas", "scipy", "splink", "pypinyin"}} & sys.modules.keys()))
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['duckdb']"
