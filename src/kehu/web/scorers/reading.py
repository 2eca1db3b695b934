"""A card in words and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kehu.present.scorecard import Scorecard


def reading(card: Scorecard) -> dict[str, Any]:
    """Return the card as its template shows it."""
    return {"head": card, "card": card.card}
