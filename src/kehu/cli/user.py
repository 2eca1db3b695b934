"""Commands of users: add, list, roles, password, disable, enable."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Annotated

import typer

from kehu.cli.app import Json, app, project
from kehu.cli.render import emit, table

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.govern.workspace import Workspace

user = typer.Typer(help="Who may use this project.", no_args_is_help=True)
app.add_typer(user, name="user")
Roles = Annotated[list[str], typer.Option("--role", help="owner, analyst, marketer, agent or viewer; may be repeated.")]


@user.command()
def add(
    name: str, role: Roles, display_name: Annotated[str, typer.Option("--name")] = "", as_json: Json = False
) -> None:
    """Add a user; give a password with 'kehu user password' before the first sign-in."""
    from kehu.govern import users

    users.add_user(owned().control, name, role, display_name=display_name)
    _answer(name, "added", as_json=as_json)


@user.command("list")
def list_(as_json: Json = False) -> None:
    """List users with their roles."""
    from kehu.govern import users

    known = users.list_users(owned().control)
    rows = [(one.name, one.display_name, ", ".join(sorted(one.roles)), one.disabled_at) for one in known]
    if as_json:
        emit([dict(zip(("user", "name", "roles", "disabled_at"), row, strict=True)) for row in rows])
    else:
        table(("user", "name", "roles", "disabled_at"), rows)


@user.command()
def roles(name: str, role: Roles, as_json: Json = False) -> None:
    """Replace a user's roles."""
    from kehu.govern import users

    users.set_roles(owned().control, name, role)
    _answer(name, "roles set", as_json=as_json)


@user.command()
def disable(name: str, as_json: Json = False) -> None:
    """Shut a user out at once."""
    from kehu.govern import users

    users.disable(owned().control, name)
    _answer(name, "disabled", as_json=as_json)


@user.command()
def enable(name: str, as_json: Json = False) -> None:
    """Let a disabled user in again."""
    from kehu.govern import users

    users.enable(owned().control, name)
    _answer(name, "enabled", as_json=as_json)


@user.command()
def password(name: str, as_json: Json = False) -> None:
    """Set a user's password for the web app (asked for twice, never shown)."""
    from kehu.govern import users

    users.user(owned().control, name)
    secret = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    set_password(owned().settings.folder, name, secret)
    _answer(name, "password set", as_json=as_json)


def owned() -> Workspace:
    """Open the project's door for the one who may manage users."""
    workspace = project().workspace
    workspace.access.demand("users")
    return workspace


def set_password(folder: Path, name: str, secret: str) -> None:
    """Hand a password to the web app, which owns how a person proves who they are."""
    importlib.import_module("kehu.web.accounts.password").set_password(folder, name, secret)


def _answer(name: str, done: str, *, as_json: bool) -> None:
    if as_json:
        emit({"user": name, "done": done})
    else:
        typer.echo(f"{name}: {done}")
