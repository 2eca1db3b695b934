"""The doctor looks into the lake, and mends what costs no row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kehu.flow import pipeline
from kehu.flow.doctor import doctor
from kehu.flow.project import open_project
from kehu.warehouse.store.upgrade import FILE, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kehu.flow.doctor import Finding

pytestmark = pytest.mark.slow
PARTS = "lake version,lake lock,catalog,list of snapshots,files,left-over files,layout,expired snapshots"
LAKE = set(PARTS.split(","))


def _found(folder: Path) -> dict[str, Finding]:
    return {finding.what: finding for finding in doctor(folder)}


def test_a_sound_project_is_well_in_every_part_of_its_lake(built_shop: Path) -> None:
    found = _found(built_shop)

    assert found.keys() >= LAKE
    assert all(found[what].ok for what in LAKE)
    assert found["left-over files"].found == "none"


def test_mending_drops_left_overs_and_writes_the_list_of_snapshots_anew(shop: Path, run: Callable[..., object]) -> None:
    lake = shop / "data" / "main"
    listed = (lake / "snapshots.json").read_text(encoding="utf-8")
    (lake / "snapshots.json").write_text("[]", encoding="utf-8")
    stray = lake / "files" / "main" / "stray.parquet"
    stray.write_bytes(b"x")

    sick = run("--dir", shop, "doctor", "--json")
    well = run("--dir", shop, "doctor", "--mend", "--json")

    wrong = {finding["what"]: finding for finding in sick.json() if not finding["ok"]}
    assert "kehu doctor --mend" in wrong["list of snapshots"]["fix"]
    assert {finding["what"] for finding in well.json() if not finding["ok"]}.isdisjoint(LAKE)
    assert [row[0] for row in json.loads(listed)] == [
        row[0] for row in json.loads((lake / "snapshots.json").read_text())
    ]
    assert not stray.exists()


def test_a_missing_file_of_a_computed_table_is_mended_by_a_full_build(shop: Path) -> None:
    next((shop / "data" / "main" / "files" / "main" / "orders").glob("*.parquet")).unlink()
    before = _found(shop)["files"]

    pipeline.build(open_project(shop), full=True)

    assert (before.ok, before.fix) == (False, "kehu build --full")
    assert "orders" in before.found
    assert open_project(shop).workspace.read("SELECT count(*) FROM orders").value() == 3


def test_a_newer_lake_is_a_finding_and_not_a_crash(shop: Path) -> None:
    (shop / "data" / "main" / FILE).write_text(json.dumps({"version": VERSION + 1}), encoding="utf-8")

    found = _found(shop)

    assert not found["lake version"].ok
    assert "newer Kehu" in found["warehouse"].found
