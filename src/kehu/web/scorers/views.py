"""The cards: what each scorer may be trusted with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_GET

from kehu.present.scorecard import scorecards
from kehu.web import door
from kehu.web.scorers.reading import reading

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_GET
@door.published
def cards_page(request: HttpRequest) -> HttpResponse:
    """Show the newest card of every scorer."""
    workspace = door.workspace(request)
    cards = [reading(card) for card in scorecards(workspace)]
    return render(request, "scorers/cards.html", {"cards": cards, "snapshot": workspace.snapshot()})
