"""Django checks the password; govern says whether the actor may come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend

from kehu.web import door

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpRequest


class ActorBackend(ModelBackend):
    """A credential counts only while its actor is enabled in the control store."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """Check the password in any case, so that an unknown, a disabled and a known user take the same time."""
        user = super().authenticate(request, username=username, password=password)
        return user if user is not None and door.actor(user.get_username()) is not None else None

    def get_user(self, user_id: int) -> User | None:
        """Return the session's user while the actor is enabled."""
        user = super().get_user(user_id)
        return user if user is not None and door.actor(user.get_username()) is not None else None
