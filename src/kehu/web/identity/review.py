"""The review queue: two customers at a time, the same or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kehu.base.errors import QueryError
from kehu.flow import identity
from kehu.flow.jobs.orders import build_decisions
from kehu.flow.review import acts, turn
from kehu.web import door
from kehu.web.failure import absent
from kehu.web.identity import reading
from kehu.web.identity.words import DECISIONS, word

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from kehu.flow.project import Project

KEPT = 50  # decisions that one session can undo one by one


@require_GET
@door.published
def review_page(request: HttpRequest) -> HttpResponse:
    """Show the pair whose turn it is."""
    project = door.project(request)
    project.workspace.access.demand("decide")
    try:
        context = _turn(request, project, request.GET.get("after", ""))
    except QueryError as error:  # a place that is none
        raise absent(error) from error
    return render(request, "identity/turn.html" if _is_part(request) else "identity/review.html", context)


@require_POST
@door.published
def decide(request: HttpRequest) -> HttpResponse:
    """Decide about a pair, and show the next one."""
    project, form = door.project(request), request.POST
    verdict, after = form.get("verdict", ""), form.get("after", "")
    left, right = ((form.get(f"{side}_source", ""), form.get(f"{side}_key", "")) for side in ("left", "right"))
    try:
        made = identity.decide(project, left, right, verdict, reason=form.get("reason", "")[:500])  # type: ignore[arg-type]  # checked there
    except QueryError as error:
        raise absent(error) from error
    build_decisions(project)
    request.session["decided"] = [*request.session.get("decided", []), [made.decision_id, after]][-KEPT:]
    return _next(request, project, after, verdict)


@require_POST
@door.published
def undo_last(request: HttpRequest) -> HttpResponse:
    """Take back the last decision of this session, and show its pair again."""
    project = door.project(request)
    project.workspace.access.demand("decide")
    last = _last(request, project)
    if last is None:
        return _next(request, project, request.POST.get("after", ""), "")
    identity.undo(project, last[0])
    build_decisions(project)
    request.session["decided"] = [one for one in request.session.get("decided", []) if one[0] != last[0]]
    return _next(request, project, last[1], "withdrawn")


def _last(request: HttpRequest, project: Project) -> tuple[str, str] | None:
    """Return the decision that undoing takes back, with the place its pair was shown from."""
    kept = request.session.get("decided", [])
    if kept:
        return (kept[-1][0], kept[-1][1])
    own = project.workspace.access.actor
    mine = (one for one in acts(project) if one.actor == own and one.about == "review" and one.kind != "withdrawn")
    found = next(mine, None)
    return (found.decision_id, "") if found else None


def _next(request: HttpRequest, project: Project, after: str, said: str) -> HttpResponse:
    if not _is_part(request):
        query = urlencode({name: text for name, text in (("after", after), ("said", said)) if text})
        return redirect(f"{reverse('review')}?{query}" if query else reverse("review"))
    return render(request, "identity/turn.html", {**_turn(request, project, after), "part": True, **_said(said)})


def _turn(request: HttpRequest, project: Project, after: str) -> dict[str, Any]:
    found = turn(project, after)
    all_ = found.left + found.decided
    return {
        "turn": found,
        "pair": reading.pair(found.pair) if found.pair else None,
        "after": after,
        "done": round(found.decided / all_ * 100, 1) if all_ else 0,
        "can_undo": _last(request, project) is not None,
        "snapshot": project.workspace.snapshot(),
        "part": _is_part(request),
        **_said(request.GET.get("said", "")),
    }


def _said(verdict: str) -> dict[str, str]:
    return {"said": word(DECISIONS, verdict) if verdict in DECISIONS else "", "said_kind": verdict}


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
