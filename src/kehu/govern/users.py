"""People who may sign in: their names, roles and whether they are disabled. Every change leaves an audit line."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kehu.base.clock import now
from kehu.base.errors import AccessError, did_you_mean
from kehu.govern.access import ACTIONS, SYSTEM, role_set
from kehu.govern.audit import Audit, Event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.govern.control import Control

_COLUMNS = "name, display_name, email, roles, locale, created_at, disabled_at"


@dataclass(frozen=True)
class User:
    """One person of the control store.

    Attributes
    ----------
    name : str
        What the person signs in with; lower case, stable, never reused.
    display_name : str
        What pages show.
    email : str
        Where notices go; may be empty.
    roles : frozenset of str
        Out of owner, analyst, marketer, agent, viewer.
    locale : str
        ``"en"`` or ``"zh-hans"``: the language of mail and reports sent to the person.
    created_at : datetime
        UTC.
    disabled_at : datetime or None
        UTC; None while the person may act.
    """

    name: str
    display_name: str
    email: str
    roles: frozenset[str]
    locale: str
    created_at: datetime
    disabled_at: datetime | None


def add_user(
    control: Control,
    name: str,
    roles: Iterable[str],
    *,
    display_name: str = "",
    email: str = "",
    locale: str = "en",
) -> User:
    """Add a person and return it.

    Raises
    ------
    AccessError
        When the name is taken or not usable, or a role does not exist.
    """
    if not re.fullmatch(r"[a-z][a-z0-9._-]{0,63}", name) or name in ACTIONS or name == SYSTEM:
        fix = "Use lower-case letters, digits, '.', '_' and '-', and no role's name"
        raise AccessError(f"{name!r} cannot be a user's name", fix=fix)
    held = _roles(roles)
    values = (name, display_name or name, email, " ".join(sorted(held)), locale, now().isoformat(), None)
    try:
        with control.transaction() as store:
            store.execute(f"INSERT INTO actor ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    except sqlite3.IntegrityError as error:
        fix = f"Change the roles with 'kehu user roles {name} --role ROLE'"
        raise AccessError(f"user {name!r} exists already", fix=fix) from error
    return _noted(control, name, f"added as {values[3]}")


def list_users(control: Control) -> list[User]:
    """Return everybody, disabled people included, by name."""
    return [_user(row) for row in control.rows(f"SELECT {_COLUMNS} FROM actor ORDER BY name")]


def user(control: Control, name: str) -> User:
    """Return one person.

    Raises
    ------
    AccessError
        When nobody has that name.
    """
    rows = control.rows(f"SELECT {_COLUMNS} FROM actor WHERE name = ?", (name,))
    if not rows:
        known = [person.name for person in list_users(control)]
        raise AccessError(f"there is no user {name!r}", fix=did_you_mean(name, known) or "See 'kehu user list'")
    return _user(rows[0])


def set_roles(control: Control, name: str, roles: Iterable[str]) -> User:
    """Give a person these roles and no others."""
    held = _roles(roles)
    user(control, name)
    with control.transaction() as store:
        store.execute("UPDATE actor SET roles = ? WHERE name = ?", (" ".join(sorted(held)), name))
    return _noted(control, name, f"roles {' '.join(sorted(held))}")


def disable(control: Control, name: str) -> User:
    """Stop a person from acting from now on; their name and past acts stay."""
    return _set_disabled(control, name, now().isoformat())


def enable(control: Control, name: str) -> User:
    """Let a disabled person act again."""
    return _set_disabled(control, name, None)


def _set_disabled(control: Control, name: str, at: str | None) -> User:
    user(control, name)
    with control.transaction() as store:
        store.execute("UPDATE actor SET disabled_at = ? WHERE name = ?", (at, name))
    return _noted(control, name, "disabled" if at else "enabled")


def _noted(control: Control, name: str, text: str) -> User:
    Audit(control).append(Event(SYSTEM, "users", f"user:{name}", text, roles="owner", purpose="operation"))
    return user(control, name)


def _roles(roles: Iterable[str]) -> frozenset[str]:
    held = role_set([roles] if isinstance(roles, str) else list(roles))
    if not held:
        raise AccessError("a user needs at least one role", fix=f"Roles are {', '.join(ACTIONS)}")
    return held


def _user(row: tuple[str, ...]) -> User:
    name, display_name, email, roles, locale, created_at, disabled_at = row
    gone = datetime.fromisoformat(disabled_at) if disabled_at else None
    born = datetime.fromisoformat(created_at)
    return User(name, display_name, email, frozenset(roles.split()), locale, born, gone)
