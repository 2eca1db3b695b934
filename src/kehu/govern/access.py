"""Who acts, in which roles, and what those roles may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.base.errors import AccessError, did_you_mean

if TYPE_CHECKING:
    from kehu.govern.control import Control

SYSTEM = "system"  # the actor of jobs and of a shell that can read the folder anyway

ACTIONS: dict[str, frozenset[str]] = {
    "owner": frozenset({"read", "query", "search", "export", "write", "users", "audit", "decide"}),
    "analyst": frozenset({"read", "query", "search", "export"}),
    "marketer": frozenset({"read", "query", "search", "export"}),
    "agent": frozenset({"read", "query", "search", "decide"}),
    "viewer": frozenset({"read", "query"}),
}
ROLES = tuple(ACTIONS)


@dataclass(frozen=True)
class Access:
    """One actor's standing in one workspace; every read and write carries it.

    Attributes
    ----------
    actor : str
        Name of the user in the control store, ``"system"`` for jobs, ``"role:viewer"`` for a bare role.
    roles : frozenset of str
        Roles held; what any of them may do, the actor may do.
    workspace : str
        The tenant this access is for.
    purpose : str
        Why data is read; written in the audit log.
    """

    actor: str
    roles: frozenset[str]
    workspace: str = "main"
    purpose: str = "analysis"

    @classmethod
    def owner(cls, *, workspace: str = "main", purpose: str = "operation") -> Access:
        """Return the access of jobs and of the shell's owner, which no policy narrows."""
        return cls(SYSTEM, frozenset({"owner"}), workspace, purpose)

    @property
    def is_system(self) -> bool:
        """Whether a job or the shell's owner acts, rather than a named person."""
        return self.actor == SYSTEM and "owner" in self.roles

    def can(self, action: str) -> bool:
        """Return whether any role allows ``action``: read, query, search, export, write, users, audit or decide."""
        return any(action in ACTIONS[role] for role in self.roles)

    def demand(self, action: str) -> None:
        """Raise ``AccessError`` unless the actor may do ``action``."""
        if not self.can(action):
            held = ", ".join(sorted(self.roles)) or "no role"
            allowed = ", ".join(role for role in ROLES if action in ACTIONS[role])
            raise AccessError(f"{self.actor} ({held}) may not {action}", fix=f"Ask for one of these roles: {allowed}")


def role_set(names: object) -> frozenset[str]:
    """Return ``names`` as a set of known roles.

    Raises
    ------
    AccessError
        When a name is no role.
    """
    roles = frozenset(names) if isinstance(names, (list, tuple, set, frozenset)) else frozenset({str(names)})
    for name in sorted(roles):
        if name not in ACTIONS:
            fix = did_you_mean(name, ROLES) or f"Roles are {', '.join(ROLES)}"
            raise AccessError(f"there is no role {name!r}", fix=fix)
    return roles


def resolve(name: str, control: Control, *, workspace: str = "main") -> Access:
    """Return the access of a user, or of a role of that name (``--as``).

    A user of the control store wins over a role of the same name. This narrows what is seen, it
    authenticates nobody.

    Raises
    ------
    AccessError
        When there is neither such a user nor such a role, or the user is disabled.
    """
    actors = {row[0]: row[1:] for row in control.rows("SELECT name, roles, disabled_at FROM actor")}
    if name in actors:
        roles, disabled_at = actors[name]
        if disabled_at is not None:
            raise AccessError(f"user {name!r} is disabled", fix=f"Enable it with 'kehu user enable {name}'")
        return Access(name, frozenset(roles.split()), workspace)
    if name in ACTIONS:
        return Access(f"role:{name}", frozenset({name}), workspace)
    fix = did_you_mean(name, [*actors, *ROLES]) or f"Roles are {', '.join(ROLES)}"
    raise AccessError(f"there is no user or role {name!r}", fix=fix)
