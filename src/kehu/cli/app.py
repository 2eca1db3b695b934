"""The command tree's root, which project it works on, and how errors end."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kehu.cli.render import note

if TYPE_CHECKING:
    from kehu.base.settings import Settings
    from kehu.flow.project import Project

app = typer.Typer(
    name="kehu",
    help="Kehu (客户): several messy sources in, one trustworthy customer view with predictions out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass
class Place:
    """Where a command works: the folder and the workspace named before it."""

    folder: Path | None = None
    workspace: str = "main"


PLACE = Place()

Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]
As = Annotated[str, typer.Option("--as", metavar="USER", help="See what this user or role may see.")]


@app.callback()
def root(
    folder: Annotated[
        Path | None,
        typer.Option("--dir", "-C", help="The project's folder [default: here or above, else KEHU_PROJECT]."),
    ] = None,
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="The tenant.")] = "main",
) -> None:
    """Remember which project the command is for."""
    PLACE.folder, PLACE.workspace = folder, workspace


def project(as_: str = "") -> Project:
    """Open the project the command is for, as the owner or as the user or role named."""
    from kehu.flow.project import open_project

    return open_project(folder(), as_=as_ or None, workspace=PLACE.workspace)


def settings() -> Settings:
    """Read the settings of the project the command is for, where it needs no more: opening takes half a second."""
    from kehu.base.settings import load

    return load(folder().absolute(), workspace=PLACE.workspace)


def folder() -> Path:
    """Find the project: --dir, here or above, KEHU_PROJECT, or the only project folder just below."""
    here = Path.cwd()
    if PLACE.folder:
        return PLACE.folder
    for place in (here, *here.parents):
        if (place / "kehu.toml").is_file():
            return place
    if named := os.environ.get("KEHU_PROJECT"):
        return Path(named)
    below = [path.parent for path in here.glob("*/kehu.toml")]
    if len(below) == 1:
        note(f"project: {below[0]}")
        return below[0]
    return here
