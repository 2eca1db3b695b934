"""A project: its folder, its door to the warehouse, its sources and its tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kehu import tables
from kehu.base.errors import SettingsError
from kehu.base.settings import load

if TYPE_CHECKING:
    from kehu.base.settings import Settings
    from kehu.govern.workspace import Workspace

TABLES = (Path(tables.__file__).parent,)
SETTINGS = """# Settings of this project; docs/settings.md explains each.
# Times are stored in UTC, days follow the time zone.
name = {name}
time_zone = "{zone}"
currency = "USD"
region = "US"
"""


@dataclass(frozen=True)
class Project:
    """One project folder, opened for one actor.

    Attributes
    ----------
    settings : Settings
        What ``kehu.toml`` says.
    workspace : Workspace
        The door to the warehouse, as the actor may see it.
    """

    settings: Settings
    workspace: Workspace

    @property
    def sources(self) -> Path:
        """The folder of the mappings."""
        return self.settings.folder / "sources"

    @property
    def table_folders(self) -> tuple[Path, ...]:
        """Built-in tables, then the project's own, which replace those of the same name."""
        own = self.settings.folder / "tables"
        return (*TABLES, own) if own.is_dir() else TABLES


def open_project(folder: Path, *, as_: str | None = None, workspace: str = "main") -> Project:
    """Open a project as the owner, or as the user or role named.

    Raises
    ------
    SettingsError
        When there is no project, or its settings or policy cannot be used.
    AccessError
        When there is no such user or role, or the user is disabled.
    """
    from kehu.flow.tables import project_tables
    from kehu.govern.workspace import open_workspace
    from kehu.warehouse.catalog import Catalog

    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", workspace):
        fix = "Use lower-case letters, digits, - and _"
        raise SettingsError(f"{workspace!r} cannot be a workspace's name", where=str(folder), fix=fix)
    settings = load(folder.absolute(), workspace=workspace)
    own = settings.folder / "tables"
    tables = project_tables((*TABLES, own) if own.is_dir() else TABLES)
    catalog = Catalog(tables, cache=settings.data / "personal.json")
    return Project(settings, open_workspace(settings.folder, as_=as_ or "", workspace=workspace, catalog=catalog))


def init(folder: Path, *, name: str = "", settings: str = "") -> Path:
    """Make an empty project and return its folder.

    Parameters
    ----------
    folder : Path
        Made when absent; a folder that holds a project already is refused.
    name : str
        The company's name; the folder's name when empty.
    settings : str
        The whole text of ``kehu.toml``; a commented default when empty.

    Raises
    ------
    SettingsError
        When the folder holds a project already.
    """
    from kehu.govern.policy_file import default_text

    folder = folder.absolute()
    if (folder / "kehu.toml").exists():
        raise SettingsError("a project is here already", where=str(folder), fix="Open it, or choose another folder")
    for part in ("sources", "tables", "data"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    title = '"' + (name or folder.name).replace("\\", "\\\\").replace('"', '\\"') + '"'
    (folder / "policy.yml").write_text(default_text(), encoding="utf-8")
    (folder / ".gitignore").write_text("data/\n", encoding="utf-8")
    fresh = folder / "kehu.toml.part"
    fresh.write_text(settings or SETTINGS.format(name=title, zone=local_zone()), encoding="utf-8")
    fresh.replace(folder / "kehu.toml")  # last and at once: a folder is a project whole or not at all
    return folder


def local_zone() -> str:
    """Return this machine's IANA time zone, or UTC where it has none."""
    link = Path("/etc/localtime")
    parts = link.resolve().parts if link.exists() else ()
    return "/".join(parts[parts.index("zoneinfo") + 1 :]).removeprefix("Etc/") if "zoneinfo" in parts else "UTC"
