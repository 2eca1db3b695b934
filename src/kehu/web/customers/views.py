"""The customers list, its files, and the customer page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kehu.base.errors import QueryError
from kehu.flow.review import acts
from kehu.present import export as files
from kehu.present.directory import SORTS, directory, everyone, facets, search
from kehu.present.freshness import freshness
from kehu.present.identity import explanation
from kehu.present.profile import profile
from kehu.present.scorecard import scorecards
from kehu.present.timeline import KINDS, order_lines, timeline
from kehu.web import door
from kehu.web.customers import story
from kehu.web.failure import absent
from kehu.web.identity import reading

if TYPE_CHECKING:
    from django.http import HttpRequest

BESIDE = ThreadPoolExecutor(4, "kehu-timeline")  # reads the timeline while the page reads the rest
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@door.published
def directory_page(request: HttpRequest) -> HttpResponse:
    """Show one page of the customers found; htmx asks for the table alone."""
    workspace = door.workspace(request)
    wanted = search(request.GET.dict())
    found = directory(workspace, wanted)
    context = {
        "found": found,
        "search": found.search,
        "chosen": dict(wanted.filters),
        "sorts": SORTS,
        "snapshot": workspace.snapshot(),
        "masked": story.is_masked(workspace),
    }
    part = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    if part and request.headers.get("HX-History-Restore-Request") != "true":
        return render(request, "customers/table.html", context)
    return render(request, "customers/directory.html", {**context, "facets": facets(workspace)})


@require_GET
@door.published
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """Give all customers found as CSV or XLSX, as the mask shows them; the audit log keeps who took them."""
    if kind not in {"csv", "xlsx"}:
        raise Http404
    columns, rows, snapshot = everyone(door.workspace(request), search(request.GET.dict()))
    body = files.csv_bytes(columns, rows) if kind == "csv" else files.xlsx_bytes(columns, rows, sheet="Customers")
    response = HttpResponse(body, content_type=CSV if kind == "csv" else XLSX)
    response["Content-Disposition"] = f'attachment; filename="kehu-customers-snapshot-{snapshot}.{kind}"'
    return response


@require_GET
@door.published
def profile_page(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Show one customer."""
    workspace = door.workspace(request)
    happened = BESIDE.submit(timeline, workspace, customer_id, kind=request.GET.get("kind", ""))
    found = profile(workspace, customer_id)
    if found is None:
        raise Http404
    return render(
        request,
        "customers/profile.html",
        {
            "found": found,
            "customer": found.customer,
            "account": story.belonging(found.account, customer_id),
            "timeline": story.told(happened.result(), door.project_settings().time_zone),
            "kinds": KINDS,
            "reasons": story.reasons(found.reasons, door.project_settings().currency),
            "trust": story.trust(scorecards(workspace)),
            "waiting": story.waiting(door.project(request), found.records or []),
            "snapshot": workspace.snapshot(),
            "masked": story.is_masked(workspace),
        },
    )


@require_GET
@door.published
def timeline_part(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Give the next entries of the timeline, or the whole page to a browser without scripts."""
    workspace = door.workspace(request)
    offset = request.GET.get("offset", "0")
    start = int(offset) if offset.isdecimal() and len(offset) < 7 else 0
    found = timeline(workspace, customer_id, kind=request.GET.get("kind", ""), offset=start)
    context = {
        "timeline": story.told(found, door.project_settings().time_zone),
        "kinds": KINDS,
        "customer": {"customer_id": customer_id},
        "more": start > 0,
    }
    name = "customers/entries.html" if request.headers.get("HX-Request") == "true" else "customers/timeline_page.html"
    return render(request, name, context)


@require_GET
@door.published
def evidence_part(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Give what holds the records together, who was nearly the same, and what people decided."""
    project = door.project(request)
    workspace = project.workspace
    if not workspace.sees("merge_event"):
        raise PermissionDenied
    try:
        found = explanation(workspace, customer_id)
    except QueryError as error:
        raise absent(error) from error
    waiting = acts(project) if workspace.access.can("decide") else []
    context = {
        "found": found,
        "joinings": reading.joinings(found, waiting),
        "near": reading.near(found),
        "decisions": reading.decisions(found),
        "customer_id": customer_id,
        "snapshot": workspace.snapshot(),
    }
    name = "evidence.html" if request.headers.get("HX-Request") == "true" else "evidence_page.html"
    return render(request, f"customers/{name}", context)


@require_GET
@door.published
def order_part(request: HttpRequest, customer_id: str, order_id: str) -> HttpResponse:
    """Give the lines of one order."""
    workspace = door.workspace(request)
    lines = order_lines(workspace, customer_id, order_id)
    if not lines:
        raise Http404
    name = "customers/order.html" if request.headers.get("HX-Request") == "true" else "customers/order_page.html"
    return render(
        request,
        name,
        {
            "lines": lines,
            "order_id": order_id,
            "customer_id": customer_id,
            "fresh": freshness(workspace) if name.endswith("page.html") else None,
        },
    )
