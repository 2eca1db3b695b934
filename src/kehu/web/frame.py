"""What every page shows around its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kehu.base.errors import KehuError
from kehu.govern.access import Access
from kehu.web import door
from kehu.web.format import own_language

if TYPE_CHECKING:
    from django.http import HttpRequest

THEMES = ("auto", "light", "dark")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the names a template may use on every page."""
    theme = request.COOKIES.get("kehu_theme", "auto")
    found: dict[str, Any] = {"theme": theme if theme in THEMES else "auto", "themes": THEMES}
    try:
        settings = door.project_settings()
    except KehuError:
        return {**found, "company": "Kehu", "notice": "", "zone": "UTC", "currency": ""}
    found |= {
        "company": own_language(settings.name),
        "notice": own_language(settings.notice),
        "zone": settings.time_zone,
        "currency": settings.currency,
    }
    user = getattr(request, "user", None)
    person = door.actor(user.get_username()) if user is not None and user.is_authenticated else None
    standing = Access(person.name, person.roles) if person else None
    may = {action: standing is not None and standing.can(action) for action in ("search", "export", "write", "decide")}
    return {**found, "may": may, "person": person, "person_roles": sorted(person.roles) if person else []}
