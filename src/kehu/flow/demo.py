"""The demo company's first day: its systems' files, a project around them, users, and the whole run."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from kehu.base.errors import SettingsError
from kehu.base.progress import Progress, silent
from kehu.flow import pipeline, source
from kehu.flow.project import Project, init, open_project
from kehu.flow.report import report
from kehu.govern.keys import ID_KEY, kept_key

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.base.types import Json

SYSTEMS = ("erp", "crm", "pos", "shop", "service", "marketing")
USERS = {
    "olivia": ("Olivia Owen", "owner"),
    "ana": ("Ana Lytle", "analyst"),
    "mark": ("Mark Eten", "marketer"),
    "grace": ("Grace Agnew 安歌", "agent"),
    "victor": ("Victor Ewing", "viewer"),
}


def demo(folder: Path, *, households: int | None = None, progress: Progress = silent) -> dict[str, Json]:
    """Make the demo project whole, reusing what is there, and return its report.

    Parameters
    ----------
    folder : Path
        The demo's folder; made when absent.
    households : int, optional
        Only so many of the 2,469 households.
    progress : Progress
        Told each step.

    Returns
    -------
    dict
        What `kehu.flow.report.report` gives, with the seconds of each phase.

    Raises
    ------
    SettingsError
        When the folder holds something that is not the demo.
    """
    started = time.monotonic()
    made = make(folder.absolute(), households=households, progress=progress)
    seconds = {"write the six systems": time.monotonic() - started} if made else {}
    project = open_project(folder.absolute())
    add_users(project)
    for name in SYSTEMS:
        if not (project.sources / f"{name}.yml").is_file():
            progress(f"looking at {name}")
            source.write(project, source.propose(project, name, project.settings.folder / "systems" / name))
    seconds |= pipeline.run(project, progress=progress)
    return report(project, seconds)


def make(folder: Path, *, households: int | None, progress: Progress) -> bool:
    """Write the systems, the truth and the project's files unless they are there; tell whether it was done."""
    from kehu.demo.company import write

    part = folder / ".part"  # what a killed run wrote so far is thrown away
    is_project, killed = (folder / "kehu.toml").is_file(), part.is_dir()
    if is_project and (folder / "truth").is_dir():
        return False
    if is_project or (not killed and any((folder / name).exists() for name in ("systems", "truth"))):
        fix = "Choose another folder with --dir"
        raise SettingsError("something that is not the demo is here", where=str(folder), fix=fix)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    write(part, progress, households=households)
    for name in ("systems", "truth"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (part / name).rename(folder / name)
    project = init(folder, settings=(part / "kehu.toml").read_text(encoding="utf-8"))
    kept_key(project / "data" / "main" / ID_KEY, "the demo's people are invented: everybody gets the same ids")
    shutil.rmtree(part)
    return True


def add_users(project: Project) -> None:
    """Give the demo a user of each role."""
    from kehu.govern import users

    control = project.workspace.control
    known = {user.name for user in users.list_users(control)}
    for name, (display_name, role) in USERS.items():
        if name not in known:
            users.add_user(control, name, [role], display_name=display_name, email=f"{name}@demo.example")
