"""Commands of users: add, list, roles, password, disable."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from kehu.cli.app import Json, app, project
from kehu.cli.render import emit, table

user = typer.Typer(help="Who may use this project.", no_args_is_help=True)
app.add_typer(user, name="user")
Roles = Annotated[list[str], typer.Option("--role", help="owner, analyst, marketer, agent or viewer; may be repeated.")]


@user.command()
def add(name: str, role: Roles, display_name: Annotated[str, typer.Option("--name")] = "", as_json: Json = False) -> None:
    """Add a user; give a password with 'kehu user password' before the first sign-in."""
    project().workspace.control.add_user(name, display_name=display_name or name, roles=role)
    _answer(name, "added", as_json=as_json)


@user.command("list")
def list_(as_json: Json = False) -> None:
    """List users with their roles."""
    rows = [(actor.name, actor.display_name, ", ".join(sorted(actor.roles)), actor.disabled_at) for actor in _users()]
    if as_json:
        emit([dict(zip(("user", "name", "roles", "disabled_at"), row, strict=True)) for row in rows])
    else:
        table(("user", "name", "roles", "disabled_at"), rows)


@user.command()
def roles(name: str, role: Roles, as_json: Json = False) -> None:
    """Replace a user's roles."""
    project().workspace.control.set_roles(name, role)
    _answer(name, "roles set", as_json=as_json)


@user.command()
def disable(name: str, as_json: Json = False) -> None:
    """Shut a user out at once."""
    project().workspace.control.disable(name)
    _answer(name, "disabled", as_json=as_json)


@user.command()
def password(name: str, as_json: Json = False) -> None:
    """Set a user's password for the web app (asked for twice, never shown)."""
    place = project()
    secret = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    set_password(place.settings.folder, name, secret)
    _answer(name, "password set", as_json=as_json)


def set_password(folder: object, name: str, secret: str) -> None:
    """Hand a password to the web app, which owns how a person proves who they are."""
    importlib.import_module("kehu.web.accounts.password").set_password(folder, name, secret)


def _users() -> list[object]:
    return list(project().workspace.control.users())


def _answer(name: str, done: str, *, as_json: bool) -> None:
    if as_json:
        emit({"user": name, "done": done})
    else:
        typer.echo(f"{name}: {done}")
