"""Looks for what is wrong with a project and this machine, and says how to mend it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kehu.base.errors import KehuError
from kehu.base.progress import Progress, silent
from kehu.flow.project import Project, open_project
from kehu.warehouse.lake import open_lake
from kehu.warehouse.upkeep.examine import examine
from kehu.warehouse.upkeep.tidy import tidy

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_FREE_GB = 2


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what was found, and the fix."""

    what: str
    ok: bool
    found: str
    fix: str = ""


def doctor(folder: Path) -> list[Finding]:
    """Look at the project in ``folder`` and at this machine; every check runs, whatever the others find."""
    checks: list[tuple[str, Callable[[Path], str], str]] = [
        ("project", settings, "Mend the line named, or make a project with 'kehu init'"),
        ("sources", every_source, "Mend the mapping named, or 'kehu source add' again"),
        ("warehouse", lake, "Restore a backup, or collect and build again"),
        ("audit", audit, "Find out who changed data/control.sqlite"),
        ("disk", disk, "Free some space"),
        ("LightGBM", lightgbm, "sudo apt-get install libgomp1"),
        ("front-end files", front_end, "Run 'make demo' or 'make test' once more"),
    ]
    found = [looked(what, check, folder, fix) for what, check, fix in checks]
    return found + looked_into(folder)


def mend(folder: Path, *, progress: Progress = silent) -> list[Finding]:
    """Mend what can be mended without losing a row, then look again.

    The list of snapshots is written anew from the catalog, left-over files go, files are merged, snapshots past their
    time expire; where only older snapshots miss files, all older snapshots expire. A missing file of the newest state
    and a damaged catalog need a full build or a backup: the findings say which.
    """
    workspace = open_project(folder).workspace
    sights = {sight.what: sight for sight in examine(open_lake(workspace.settings))}
    if "files" in sights and "Only older" in sights["files"].fix:
        tidy(open_lake(workspace.settings), days=0, progress=progress)
    workspace.tidy(progress)
    return doctor(folder)


def looked_into(folder: Path) -> list[Finding]:
    """Look into the lake; nothing when it cannot be opened at all, which another finding says."""
    try:
        settings = open_project(folder).settings
        sights = examine(open_lake(settings), days=settings.keep_days)
    except KehuError:
        return []
    return [Finding(sight.what, sight.ok, sight.found, sight.fix) for sight in sights]


def looked(what: str, check: Callable[[Path], str], folder: Path, fix: str) -> Finding:
    """Run one check; what it raises is its finding."""
    try:
        return Finding(what, ok=True, found=check(folder))
    except KehuError as error:
        return Finding(
            what, ok=False, found=f"{error.where}: {error.what}" if error.where else error.what, fix=error.fix or fix
        )
    except OSError as error:
        return Finding(what, ok=False, found=str(error), fix=fix)


def settings(folder: Path) -> str:
    """Say which project this is."""
    project = open_project(folder)
    return f"{project.settings.name}, {project.settings.time_zone}"


def every_source(folder: Path) -> str:
    """Read every mapping and find every file."""
    from kehu.collect.source import files_of
    from kehu.flow.source import mappings, sources

    project = open_project(folder)
    known = sources(project) if any(project.sources.glob("*.yml")) else []
    files = sum(len(files_of(source, stream)) for source in known for stream in source.streams)
    return f"{len(mappings(project))} sources, {files} files"


def lake(folder: Path) -> str:
    """Open the newest published snapshot and count its tables."""
    project: Project = open_project(folder)
    newest = project.workspace.snapshot()
    if newest is None:
        return "nothing is built yet"
    return f"snapshot {newest.id} of {newest.at:%Y-%m-%d %H:%M} UTC, {len(project.workspace.tables())} tables"


def audit(folder: Path) -> str:
    """Verify the chain of the audit."""
    verdict = open_project(folder).workspace.audit.verify()
    if not verdict.is_sound:
        raise KehuError(f"the audit log was changed: {verdict}", where="data/control.sqlite")
    return "unbroken"


def disk(folder: Path) -> str:
    """Say how much space is left."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < LEAST_FREE_GB:
        raise KehuError(f"only {free:.1f} GB are free", where=str(folder))
    return f"{free:.0f} GB free"


def lightgbm(folder: Path) -> str:  # noqa: ARG001  # every check has the same shape
    """Load the library of the scorers, which needs the system's OpenMP."""
    import lightgbm as library

    return f"version {library.__version__}"


def front_end(folder: Path) -> str:  # noqa: ARG001  # every check has the same shape
    """Find the files that set-up fetched for the web app."""
    spec = find_spec("kehu.web")
    vendor = Path(str(spec.origin)).parent / "static" / "vendor" if spec else Path()
    files = [path for path in vendor.rglob("*") if path.is_file()]
    if not files:
        raise KehuError("front-end files are missing", where=str(vendor))
    return f"{len(files)} files"
