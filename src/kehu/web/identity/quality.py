"""How far who is who may be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_GET

from kehu.flow.review import acts
from kehu.present.identity import identity_quality
from kehu.web import door
from kehu.web.identity import reading
from kehu.web.identity.words import SUSPICIONS, word

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from kehu.present.identity.quality import Quality

SURE = ("precision", "recall")
SIZES = ("0", "1", "2", "3", "4", "5", "6-10", "11-20", "21-")


@require_GET
@door.published
def quality_page(request: HttpRequest) -> HttpResponse:
    """Show the figures of identity, the suspicious customers, and what waits for the next build."""
    project = door.project(request)
    workspace = project.workspace
    found = identity_quality(workspace)
    may_decide = workspace.access.can("decide")
    context = {
        "found": found,
        "sure": {name: reading.chance(found.measures.get(f"expected_{name}")) for name in SURE} if found else {},
        "sizes": _sizes(found) if found else [],
        "suspicious": [{**row, "words": word(SUSPICIONS, row["reason"])} for row in (found and found.suspicious) or []],
        "waiting": reading.told(acts(project), workspace.access.actor) if may_decide else [],
        "snapshot": workspace.snapshot(),
    }
    return render(request, "identity/quality.html", context)


def _sizes(found: Quality) -> list[dict[str, Any]]:
    """Return how many customers have how many described records, each with the length of its bar."""
    counts = found.parts.get("customers_by_records", {})
    most = max(counts.values(), default=1) or 1
    return [
        {
            "size": size.replace("-", "–"),
            "customers": counts[size],
            "width": max(round(counts[size] / most * 100, 2), 0.5),
        }
        for size in SIZES
        if size in counts
    ]
