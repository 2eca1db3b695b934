"""The words for what identity writes as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

NEAR = {
    "told_apart": _("A person said that they are two"),
    "contradiction": _("Something contradicts it"),
    "too_little": _("Likely, but not enough to join them"),
    "outweighed": _("Alike, but the other records of both speak against it"),
}
SUSPICIONS = {
    "many_records": _("Far more records than usual"),
    "other_birth_date": _("Birth dates that contradict each other"),
    "other_gender": _("Records of a woman and of a man"),
    "other_national_id": _("More than one national id"),
    "one_shared_value": _("Many names around one shared value"),
    "not_kept_same": _("A person said same, and it could not be kept"),
    "not_kept_different": _("A person said different, and it could not be kept"),
}
DECISIONS = {
    "same": _("The same customer"),
    "different": _("Different customers"),
    "withdrawn": _("Taken back"),
}
MOVING = {
    "orders": _("Orders"),
    "order_line": _("Order lines"),
    "interaction": _("Interactions"),
    "survey_response": _("Surveys"),
    "contact_response": _("Campaigns"),
    "consent": _("Consents"),
}


def word(table: dict[str, _StrPromise], code: str) -> str:
    """Return the words for a code; the code itself, readable, where there are none."""
    return str(table.get(code) or code.replace("_", " ").capitalize())
