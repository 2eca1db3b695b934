"""What did not become a fact, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_GET

from kehu.present.freshness import freshness
from kehu.present.rejected import PAGE_SIZE, rejected
from kehu.web import door
from kehu.web.sources.reading import reason

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_GET
@door.published
def quarantine_page(request: HttpRequest) -> HttpResponse:
    """Show counts by source and rule, and the rows themselves to those who may see them."""
    workspace = door.workspace(request)
    text = request.GET.get("page", "1")
    page = int(text) if text.isdecimal() and 0 < len(text) < 7 else 1
    source, rule = request.GET.get("source", ""), request.GET.get("rule", "")
    found = rejected(workspace, source=source, rule=rule, page=page)
    pages = max(1, -(-found.total // PAGE_SIZE)) if found else 1
    context = {
        "found": found,
        "rows": [{**row, "said": reason(row["reason"], row["column_name"])} for row in found.rows] if found else [],
        "fresh": freshness(workspace),
        "source": source,
        "rule": rule,
        "page": page,
        "pages": pages,
    }
    return render(request, "sources/quarantine.html", context)
