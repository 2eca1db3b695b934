"""Merging two customers by hand, undoing a joining, and taking a decision back: each says first what will happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kehu.base.errors import QueryError
from kehu.flow import identity
from kehu.flow.jobs.orders import build_decisions
from kehu.present.directory import Search, directory
from kehu.present.identity import merge_preview, unmerge_preview
from kehu.web import door
from kehu.web.failure import absent
from kehu.web.identity import reading
from kehu.web.identity.words import MOVING, word

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

FOUND = 10  # customers offered to merge with
REASON = 500  # letters
WHOSE = "SELECT full_name FROM customer_360 WHERE customer_id = ?"


@require_GET
@door.published
def search_page(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Find the customer to merge with."""
    workspace = door.workspace(request)
    workspace.access.demand("decide")
    whose = workspace.read(WHOSE, [customer_id], subject=f"customer:{customer_id}").rows
    if not whose:
        raise Http404
    text = request.GET.get("q", "").strip()[:100]
    rows = directory(workspace, Search(text, size=FOUND + 1)).rows if text else []
    context = {
        "customer_id": customer_id,
        "whose": whose[0][0],
        "text": text,
        "rows": [row for row in rows if row["customer_id"] != customer_id][:FOUND],
        "snapshot": workspace.snapshot(),
    }
    return render(request, "identity/merge_search.html", context)


@require_http_methods(["GET", "POST"])
@door.published
def merge_page(request: HttpRequest, customer_id: str, other: str) -> HttpResponse:
    """Show what merging another customer into this one gives; a POST does it."""
    project = door.project(request)
    project.workspace.access.demand("decide")
    try:
        if request.method == "POST":
            identity.merge(project, customer_id, other, reason=request.POST.get("reason", "")[:REASON])
            build_decisions(project)
            return redirect("customer", customer_id)
        found = merge_preview(project.workspace, customer_id, other)
    except QueryError as error:
        raise absent(error) from error
    context = {
        "found": found,
        "fields": reading.golden(found),
        "names": {one: next(_names(found.records, one), "") for one in (customer_id, other)},
        "counts": {one: sum(row["customer_id"] == one for row in found.records) for one in (customer_id, other)},
        "moving": [(word(MOVING, one.table), one) for one in found.moving if one.other_rows],
        "differing": sum(one.wins == "other" or bool(one.other and one.wins == "into") for one in found.fields),
        "snapshot": project.workspace.snapshot(),
    }
    return render(request, "identity/merge.html", context)


@require_http_methods(["GET", "POST"])
@door.published
def unmerge_page(request: HttpRequest, customer_id: str, merge_id: str) -> HttpResponse:
    """Show the two customers that undoing a joining gives; a POST undoes it."""
    project = door.project(request)
    project.workspace.access.demand("decide")
    try:
        found = unmerge_preview(project.workspace, merge_id)
        if found.customer_id != customer_id:
            raise Http404
        if request.method == "POST":
            identity.unmerge(project, merge_id, reason=request.POST.get("reason", "")[:REASON])
            build_decisions(project)
            return redirect("customer", customer_id)
    except QueryError as error:
        raise absent(error) from error
    whose = next((row["full_name"] for row in found.stays.records if row["full_name"]), "")
    context = {"found": found, "whose": whose, "snapshot": project.workspace.snapshot()}
    return render(request, "identity/unmerge.html", context)


@require_POST
@door.published
def undo_decision(request: HttpRequest, decision_id: str) -> HttpResponse:
    """Take a decision back, and return to the page it was shown on."""
    project = door.project(request)
    try:
        identity.undo(project, decision_id)
    except QueryError as error:
        raise absent(error) from error
    build_decisions(project)
    target = request.POST.get("next", "")
    return redirect(target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else "identity")


def _names(records: list[dict[str, object]], customer_id: str) -> map[str]:
    return map(str, (row["full_name"] for row in records if row["customer_id"] == customer_id and row["full_name"]))
