"""Every request is counted, timed and told as one event: its path as a template, never as it was typed."""

from __future__ import annotations

import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics

from kehu.web import door

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from django.http import HttpRequest, HttpResponse

    type_scope = MutableMapping[str, Any]
    type_send = Callable[[Any], Awaitable[None]]

log = logging.getLogger("kehu.web")
PATH, ACTOR, REQUEST = "kehu.path", "kehu.actor", "kehu.request"  # what the parts of the app tell each other
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
disable_created_metrics()  # type: ignore[no-untyped-call]  # series of when a counter began: twice the lines, and nobody asks
REGISTRY = CollectorRegistry()
SECONDS = Histogram(
    "kehu_request_seconds",
    "How long requests took, by path template, method and status.",
    ["path", "method", "status"],
    buckets=BUCKETS,
    registry=REGISTRY,
)


async def watched(scope: type_scope, send: type_send, answer: Callable[[type_send], Awaitable[None]]) -> None:
    """Answer a request; count it and tell of it before the last of the answer leaves, or when there is none."""
    began = time.perf_counter()
    scope[REQUEST] = secrets.token_hex(8)
    status = 499  # as proxies say when the client went away before there was an answer
    is_told = False

    def tell() -> None:
        nonlocal is_told
        if not is_told:
            is_told = True
            _tell(scope, status, time.perf_counter() - began)

    async def noted(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            named = (b"x-request-id", scope[REQUEST].encode())
            message = {**message, "headers": [*message.get("headers", ()), named]}
        elif not message.get("more_body"):
            tell()  # a server that stops may end as soon as the answer has left
        await send(message)

    try:
        await answer(noted)
    finally:
        tell()


def _tell(scope: type_scope, status: int, seconds: float) -> None:
    method = scope.get("method") if scope.get("method") in METHODS else "other"
    path = scope.get(PATH, "none")
    SECONDS.labels(path, method, str(status)).observe(seconds)
    about = {"method": method, "path": path, "status": status, "ms": round(seconds * 1000, 1)}
    log.info("request", extra={**about, "request": scope[REQUEST], "actor": scope.get(ACTOR, "")})


def route(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Tell the outer app which page answered, and for whom, the name as a keyed hash."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        scope = getattr(request, "scope", None)
        if scope is not None:
            scope[PATH] = template(request)
            if request.user.is_authenticated:
                scope[ACTOR] = door.base().audit.fingerprint(request.user.get_username())
        return response

    return middleware


def template(request: HttpRequest) -> str:
    """Return the path of a request as its template: /customers/<str:customer_id>/."""
    return f"/{request.resolver_match.route}" if request.resolver_match else "none"
