"""Ends sessions nobody uses, and keeps what the signed-in see out of caches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import logout

from kehu.base import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

MINUTE = 60


def idle_sign_out(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Sign out who has not asked for a page for 30 minutes, and everyone 12 hours after signing in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(clock.now().timestamp())
            seen = int(request.session.get("seen", now))
            began = int(request.session.setdefault("began", now))
            if now - seen > settings.SESSION_IDLE.total_seconds() or now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif now - seen > MINUTE or "seen" not in request.session:
                request.session["seen"] = now
        return get_response(request)

    return middleware


def keep_private(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Tell browsers and proxies to keep no copy of what a signed-in person saw."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware
