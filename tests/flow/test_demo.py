from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import kehu
from kehu.base.errors import SettingsError
from kehu.flow.demo import USERS, demo
from kehu.flow.status import status

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems" / "mine.txt").write_text("precious", encoding="utf-8")

    with pytest.raises(SettingsError, match="not the demo"):
        demo(tmp_path, households=60)

    assert (tmp_path / "systems" / "mine.txt").read_text(encoding="utf-8") == "precious"


def test_a_project_of_ones_own_is_left_alone(shop: Path) -> None:
    with pytest.raises(SettingsError, match="not the demo"):
        demo(shop, households=60)


@pytest.mark.slow
def test_a_second_demo_reuses_the_first(small_demo: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(small_demo, tmp_path / "demo")
    before = kehu.open(folder).workspace.snapshot()

    report = demo(folder)

    assert set(report["seconds"]) == {"collect", "build"}
    assert kehu.open(folder).workspace.snapshot() == before
    assert report["defects"]["in_quarantine"] == 200


@pytest.mark.slow
def test_the_demo_has_a_user_of_each_role_and_their_logins_stay(small_demo: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(small_demo, tmp_path / "demo")
    command = [sys.executable, "-c", "from kehu.cli import main; main()", "demo", "-C", str(folder), "--no-serve"]

    subprocess.run(command, check=True, capture_output=True)
    logins = (folder / "data" / "logins.txt").read_text(encoding="utf-8")
    subprocess.run(command, check=True, capture_output=True)

    assert (folder / "data" / "logins.txt").read_text(encoding="utf-8") == logins
    assert (folder / "data" / "logins.txt").stat().st_mode & 0o077 == 0
    assert all(f"{name} / " in logins for name in USERS)


@pytest.mark.slow
def test_a_killed_run_leaves_the_last_snapshot_and_the_next_completes(small_demo: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(small_demo, tmp_path / "demo")
    before = kehu.open(folder).workspace.snapshot()
    command = [sys.executable, "-c", "from kehu.cli import main; main()", "build", "--full", "-C", str(folder)]

    kill(command, folder, until="build")

    project = kehu.open(folder)
    lines = project.workspace.read("SELECT count(*) FROM order_line").value()
    assert project.workspace.snapshot() == before
    subprocess.run(command, check=True, capture_output=True)
    assert project.workspace.snapshot() != before
    assert project.workspace.read("SELECT count(*) FROM order_line").value() == lines
    assert all(row["lost_rows"] == 0 for row in status(project)["sources"])


@pytest.mark.slow
def test_a_demo_killed_while_it_collects_is_completed(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    code = "import sys, pathlib; from kehu.flow.demo import demo; demo(pathlib.Path(sys.argv[1]), households=20)"

    kill([sys.executable, "-c", code, str(folder)], folder, until="collect")

    report = demo(folder, households=20)
    assert report["defects"]["in_quarantine"] == 200
    assert set(report["seconds"]) == {"collect", "build", "score"}


def kill(command: list[str], folder: Path, *, until: str) -> None:
    """Start a command and kill it with -9 as soon as its writer holds the lock for the step."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lock, deadline = folder / "data" / "main" / "lock", time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if lock.is_file() and until in lock.read_text(encoding="utf-8"):
            time.sleep(0.5)
            break
        time.sleep(0.02)
    assert process.poll() is None, "it ended before it could be killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
