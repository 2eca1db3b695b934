"""From a signed-in person to the workspace as that person may see it."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import render

from kehu.base.errors import AccessError
from kehu.base.settings import load
from kehu.flow.project import Project, open_project
from kehu.govern import users
from kehu.govern.access import Access
from kehu.govern.audit import Event
from kehu.govern.control import Control

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from kehu.base.settings import Settings
    from kehu.govern.users import User
    from kehu.govern.workspace import Workspace


@lru_cache(maxsize=1)
def project_settings() -> Settings:
    """Return what kehu.toml says, read once."""
    return load(settings.KEHU_PROJECT, workspace=settings.KEHU_WORKSPACE)


@lru_cache(maxsize=1)
def control() -> Control:
    """Return the control store, opened once."""
    return Control(project_settings().data / "control.sqlite")


def actor(name: str) -> User | None:
    """Return the enabled user of that name; asked again at every request, so a disabled one is out at once."""
    known = {user.name: user for user in users.list_users(control())}
    found = known.get(name)
    return found if found is not None and found.disabled_at is None else None


@lru_cache(maxsize=1)
def whole() -> Project:
    """Return the project as jobs see it."""
    project = open_project(settings.KEHU_PROJECT, workspace=settings.KEHU_WORKSPACE)
    project.workspace.serve()
    return project


def base() -> Workspace:
    """Return the workspace as jobs see it; people act through it, so that readers and compiled SQL are shared."""
    return whole().workspace


def project(request: HttpRequest) -> Project:
    """Return the project as the signed-in person may see it."""
    return Project(project_settings(), workspace(request))


def record(action: str, name: str, *, outcome: str = "ok") -> None:
    """Leave an audit line of a sign-in or sign-out; a name that nobody has is kept as a keyed hash only."""
    audit = base().audit
    known = actor(name)
    who = known.name if known else audit.fingerprint(name)
    roles = " ".join(sorted(known.roles)) if known else ""
    audit.append(Event(who, action, "session", outcome=outcome, roles=roles, workspace=settings.KEHU_WORKSPACE))


def workspace(request: HttpRequest) -> Workspace:
    """Return the workspace as the signed-in person may see it."""
    name = request.user.get_username()
    found = actor(name)
    if found is None:
        raise AccessError(f"{name or 'nobody'} may not sign in", fix="Ask the owner for an account")
    return base().acting(Access(found.name, found.roles, settings.KEHU_WORKSPACE, "web"))


def published(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer with a page that says what to do while nothing is published yet."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if workspace(request).snapshot() is None:
            return render(request, "unpublished.html")
        return view(request, *args, **kwargs)

    return guarded
