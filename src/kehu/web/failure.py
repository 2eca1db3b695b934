"""Pages for what went wrong: each says so plainly and has a way back."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render

from kehu.base.errors import AccessError, KehuError
from kehu.web.monitor.watch import template

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from kehu.base.errors import QueryError

log = logging.getLogger("kehu.web")


class FailureMiddleware:
    """Turns Kehu's own errors into pages; what happened goes to the log under a reference, never to the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 403 for what the actor may not do, and 500 with a reference for Kehu's other errors."""
        if isinstance(error, AccessError):
            return render(request, "403.html", {"what": error.what, "fix": error.fix}, status=403)
        if isinstance(error, KehuError):
            return _broken(request, error)
        return None


def absent(error: QueryError) -> Exception:
    """Return what to raise for something that is not there: 404, but what the lake refused stays what it is."""
    return error if error.where else Http404()


def _broken(request: HttpRequest, error: Exception | None) -> HttpResponse:
    reference = secrets.token_hex(4)
    reason = type(error).__name__ if error else ""  # without one, Django has told of it, with the trace
    log.error("page failed", extra={"reference": reference, "path": template(request), "reason": reason})
    return render(request, "500.html", {"reference": reference}, status=500)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django's shape
    """Answer 404."""
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  # Django's shape
    """Answer 403."""
    return render(request, "403.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 400."""
    return render(request, "404.html", status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500."""
    return _broken(request, None)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # Django's shape
    """Answer 403 for a form that did not come from this app, or whose page grew too old."""
    return render(request, "403.html", {"stale": True}, status=403)
