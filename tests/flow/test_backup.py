"""The restore drill: what comes out of a backup is, row for row, what went in."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kehu.base.errors import AccessError, BackupError
from kehu.flow import pipeline
from kehu.flow.backup import Backup, listed, verify
from kehu.flow.backup import create as create_backup
from kehu.flow.project import open_project
from kehu.flow.restore import restore
from kehu.govern import users
from kehu.govern.access import Access

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.flow.project import Project

pytestmark = pytest.mark.slow


def create(project: Project, folder: Path, **how: Any) -> Backup:  # as they are given
    return create_backup(project.settings, folder, access=project.workspace.access, **how)


def _contents(project: Project) -> dict[str, list[tuple[object, ...]]]:
    tables = project.workspace.tables()
    return {table: sorted(project.workspace.read(f'SELECT * FROM "{table}"').rows, key=repr) for table in tables}


def _key(folder: Path, digit: str = "7") -> Path:
    path = folder / f"key-{digit}"
    path.write_text(digit * 64, encoding="ascii")
    return path


def _objects(folder: Path) -> list[Path]:
    return sorted((folder / "objects").glob("*/*"))


@pytest.mark.parametrize("sealed", [False, True], ids=["open", "sealed"])
def test_a_restored_project_is_row_for_row_the_one_that_was_backed_up(shop: Path, tmp_path: Path, sealed: bool) -> None:
    project, store = open_project(shop), tmp_path / "backups"
    key = _key(tmp_path) if sealed else None
    users.add_user(project.workspace.control, "ann", ["viewer"])
    before = _contents(project)

    made = create(project, store, key_file=key)
    verify(store, key_file=key)
    done = restore(store, tmp_path / "again", key_file=key)

    again = open_project(tmp_path / "again")
    assert _contents(again) == before
    assert again.workspace.snapshot() == project.workspace.snapshot()
    assert done["workspaces"]["main"]["rows"].keys() == before.keys()
    assert [user.name for user in users.list_users(again.workspace.control)] == ["ann"]
    assert again.workspace.audit.verify().is_sound
    assert (again.settings.data / "main" / "id.key").read_text() == (shop / "data" / "main" / "id.key").read_text()
    assert bool(made.warning) is not sealed
    assert (b"ann.lee@example.com" in b"".join(path.read_bytes() for path in _objects(store))) is not sealed


@pytest.mark.parametrize("elsewhere", [{"catalog": "postgres:dbname=lake"}, {"files": "s3://bucket/lake"}])
def test_a_warehouse_that_is_elsewhere_is_told_not_to_be_in_it(
    shop: Path, tmp_path: Path, elsewhere: dict[str, str]
) -> None:
    settings = replace(open_project(shop).settings, **elsewhere)

    made = create_backup(settings, tmp_path / "backups", access=Access.owner(), key_file=_key(tmp_path))

    assert "the warehouse is not in it" in made.warning


def test_the_restored_project_goes_on_where_the_old_one_stood(shop: Path, tmp_path: Path) -> None:
    create(open_project(shop), tmp_path / "backups")
    restore(tmp_path / "backups", tmp_path / "again")
    with (shop / "people.csv").open("a", encoding="utf-8") as file:
        file.write("5,Cy Young,cy@example.com,,Seattle,\n")
    for name in ("people.csv", "orders.csv"):  # sources belong to other systems, a backup leaves them out
        shutil.copy(shop / name, tmp_path / "again" / name)

    totals = []
    for folder in (shop, tmp_path / "again"):
        project = open_project(folder)
        pipeline.run(project)
        sql = "SELECT customer_id, full_name FROM customer ORDER BY ALL"
        totals.append(project.workspace.read(sql).rows)

    assert totals[0] == totals[1]
    assert any(name == "Cy Young" for _, name in totals[0])


def test_a_second_backup_copies_only_what_is_new_and_old_ones_can_be_forgotten(shop: Path, tmp_path: Path) -> None:
    project, store = open_project(shop), tmp_path / "backups"
    first = create(project, store)
    with (shop / "people.csv").open("a", encoding="utf-8") as file:
        file.write("5,Cy Young,cy@example.com,,Seattle,\n")
    pipeline.collect(project)

    second = create(project, store)
    third = create(project, store, keep=2)

    assert first.files - 2 <= first.new_files <= first.files  # two small files may hold the same bytes
    assert second.new_files < first.new_files / 2
    assert third.pruned == 1
    assert [one.name for one in listed(store)] == [second.name, third.name]
    verify(store)
    restore(store, tmp_path / "again", at=second.name)


def test_at_takes_a_number_a_time_or_refuses(two_backups: Path, tmp_path: Path) -> None:
    first, second = (one.name for one in listed(two_backups))

    assert restore(two_backups, tmp_path / "one", at="1")["backup"] == first
    assert restore(two_backups, tmp_path / "two", at="2999-01-01 00:00")["backup"] == second
    with pytest.raises(BackupError, match="no backup 1999-01-01"):
        restore(two_backups, tmp_path / "three", at="1999-01-01")


def test_no_key_a_wrong_key_and_a_needless_key_are_refused(shop: Path, tmp_path: Path) -> None:
    project, store = open_project(shop), tmp_path / "sealed"
    create(project, store, key_file=_key(tmp_path))

    with pytest.raises(BackupError, match="no key was given"):
        verify(store)
    with pytest.raises(BackupError, match="not the key of this backup"):
        restore(store, tmp_path / "again", key_file=_key(tmp_path, "8"))
    create(project, tmp_path / "open")
    with pytest.raises(BackupError, match="is not encrypted"):
        verify(tmp_path / "open", key_file=_key(tmp_path))
    assert not (tmp_path / "again").exists()


@pytest.fixture(scope="module")
def two_backups(built_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two backups: copy it before a change."""
    folder = tmp_path_factory.mktemp("two")
    project = open_project(shutil.copytree(built_shop, folder / "shop"))
    for _ in range(2):
        create(project, folder / "backups")
    return folder / "backups"


@pytest.mark.parametrize("damage", ["flip", "cut", "missing", "manifest", "chain"])
def test_damage_is_found_and_never_restored(two_backups: Path, tmp_path: Path, damage: str) -> None:
    store = shutil.copytree(two_backups, tmp_path / "backups")
    manifest = store / "backups" / f"{listed(store)[1].name}.json"
    found = json.loads(manifest.read_text())
    content = next(entry["sha256"] for entry in found["entries"] if entry["path"].endswith("catalog.sqlite"))
    _damage(damage, store / "objects" / content[:2] / content, manifest)

    with pytest.raises(BackupError):
        verify(store)
    if damage != "chain":
        with pytest.raises(BackupError):
            restore(store, tmp_path / "again")
        assert not list(tmp_path.glob("*again*"))


def _damage(kind: str, target: Path, manifest: Path) -> None:
    content = target.read_bytes()
    if kind == "flip":
        target.write_bytes(content[:5000] + bytes([content[5000] ^ 1]) + content[5001:])
    elif kind == "cut":
        target.write_bytes(content[:-1])
    elif kind == "missing":
        target.unlink()
    elif kind == "manifest":
        manifest.write_text(manifest.read_text().replace("0", "1", 1))
    else:
        text = json.dumps({**json.loads(manifest.read_text()), "previous_sha256": "0" * 64})
        manifest.write_text(text)
        manifest.with_suffix(".json.sha256").write_text(hashlib.sha256(text.encode()).hexdigest())


def test_a_folder_that_holds_something_else_is_refused(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("mine")
    create(open_project(shop), tmp_path / "backups")

    with pytest.raises(BackupError, match="something else"):
        create(open_project(shop), tmp_path / "full")
    with pytest.raises(BackupError, match="cannot hold its own"):
        create(open_project(shop), shop / "data" / "backups")
    with pytest.raises(BackupError, match="no backup here"):
        verify(tmp_path / "full")
    with pytest.raises(BackupError, match="not empty"):
        restore(tmp_path / "backups", tmp_path / "full")


def test_only_who_may_write_makes_a_backup(shop: Path, tmp_path: Path) -> None:
    viewer = Access("ann", frozenset({"viewer"}))

    with pytest.raises(AccessError):
        create_backup(open_project(shop).settings, tmp_path / "backups", access=viewer)

    assert not (tmp_path / "backups").exists()


def test_a_backup_that_cannot_be_made_durable_does_not_exist(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, store = open_project(shop), tmp_path / "backups"
    create(project, store)
    (shop / "policy.yml").write_text((shop / "policy.yml").read_text() + "# changed\n")
    held = _objects(store)

    def full(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(store / "tmp"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            create(project, store)
    kept = _objects(store), len(listed(store))
    again = create(project, store)

    assert kept == (held, 1)
    assert again.new_files > 0
    assert len(verify(store)) == 2


def test_a_manifest_gets_its_name_when_all_it_names_is_durable(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, durable, at_last = tmp_path / "backups", set[Path](), list[set[Path]]()
    fsync, rename = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        durable.add(Path(f"/proc/self/fd/{descriptor}").readlink())

    def named(path: Path, target: Path) -> Path:
        if path.is_relative_to(store):
            assert path in durable, "a file got its name before its bytes were durable"
        if target.parent == store / "backups" and target.suffix == ".json":
            at_last.append(set(durable))
        return rename(path, target)

    monkeypatch.setattr("os.fsync", synced)
    monkeypatch.setattr("pathlib.Path.replace", named)
    create(open_project(shop), store)

    (before,) = at_last
    assert before >= {path.parent for path in _objects(store)} | {store / "objects", store / "backups"}


def test_a_backup_by_command_starts_no_warehouse(shop: Path, tmp_path: Path) -> None:
    code = """
import sys
from kehu.cli.main import outcome
sys.argv = ["kehu", "--dir", sys.argv[1], "backup", "create", sys.argv[2]]
assert outcome() == (0, "")
print(sorted({"duckdb", "sqlglot", "pandas", "django"} & sys.modules.keys()))
"""
    words = [sys.executable, "-c", code, str(shop), str(tmp_path / "backups")]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.splitlines()[-1] == "[]"  # to load them takes longer than a backup of what changed in a day
    assert len(verify(tmp_path / "backups")) == 1


def test_the_commands_make_list_verify_and_restore(shop: Path, tmp_path: Path, run: Callable[..., object]) -> None:
    store, again = tmp_path / "backups", tmp_path / "again"

    made = run("--dir", shop, "backup", "create", store, "--json")
    shown = [run("backup", word, store, "--json").json() for word in ("list", "verify")]
    done = run("backup", "restore", store, again, "--json")
    tidied = run("--dir", again, "tidy", "--json")

    assert "not encrypted" in made.err
    assert shown[0][0]["backup"] == shown[1][0]["backup"] == made.json()["name"]
    assert done.json()["project"] == str(again)
    assert tidied.json()["snapshots"] == 0
