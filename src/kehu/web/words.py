"""The words for what the warehouse writes as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise

GROUPS = {
    "champions": _("Champions"),
    "loyal": _("Loyal"),
    "potential_loyalist": _("Potential loyal"),
    "new": _("New"),
    "promising": _("Promising"),
    "need_attention": _("Need attention"),
    "about_to_sleep": _("About to sleep"),
    "at_risk": _("At risk"),
    "cant_lose": _("Cannot lose"),
    "hibernating": _("Hibernating"),
    "lost": _("Lost"),
}
BANDS = {"high": _("High"), "medium": _("Medium"), "low": _("Low"), "lapsed": _("Lapsed")}
ROLES = {
    "owner": _("Owner"),
    "analyst": _("Analyst"),
    "marketer": _("Marketer"),
    "agent": _("Service agent"),
    "viewer": _("Viewer"),
}
FIELDS = {
    "full_name": _("Name"),
    "first_name": _("Given name"),
    "last_name": _("Family name"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "gender": _("Gender"),
    "birth_on": _("Date of birth"),
    "address": _("Address"),
    "city": _("City"),
    "state": _("State"),
    "postcode": _("Postcode"),
    "country": _("Country"),
    "loyalty_card": _("Loyalty card"),
    "registered_at": _("Registered"),
}
SOURCES = {
    "pos": _("Tills"),
    "shop": _("Web shop"),
    "crm": _("Contacts"),
    "erp": _("ERP"),
    "service": _("Service desk"),
    "marketing": _("Marketing"),
}
HAPPENINGS = {
    "order": _("Orders"),
    "interaction": _("Interactions"),
    "survey": _("Surveys"),
    "contact": _("Campaigns"),
    "call": _("Call"),
    "chat": _("Chat"),
    "ticket": _("Ticket"),
    "mail": _("Mail"),
    "visit": _("Visit"),
    "nps": _("Recommendation (NPS)"),
    "csat": _("Satisfaction (CSAT)"),
    "addressed": _("Addressed by a campaign"),
    "redeemed": _("Coupon redeemed"),
    "opened": _("Message opened"),
    "clicked": _("Link clicked"),
    "web": _("Web order"),
    "shop": _("Web order"),
    "online": _("Web order"),
    "store": _("Purchase in store"),
    "pos": _("Purchase in store"),
    "till": _("Purchase in store"),
}
RULES = {
    "not_a_number": _("Not a number"),
    "not_a_date": _("Not a date"),
    "missing": _("Missing value"),
    "duplicate_key": _("Key given twice"),
    "unknown_reference": _("Unknown reference"),
    "malformed": _("Broken line"),
    "email": _("Same e-mail"),
    "phone": _("Same phone"),
    "loyalty_card": _("Same loyalty card"),
    "national_id": _("Same national id"),
    "splink": _("Similar in many fields"),
    "similar": _("Similar in many fields"),
    "probabilistic": _("Similar in many fields"),
}


def _word(table: dict[str, Words], code: object) -> Words:
    text = str(code or "")
    return table.get(text) or text.replace("_", " ").strip().capitalize() or "–"


def group(code: object) -> Words:
    """Return the name of an RFM group."""
    return _word(GROUPS, code)


def band(code: object) -> Words:
    """Return the name of a band."""
    return _word(BANDS, code)


def role(code: object) -> Words:
    """Return the name of a role."""
    return _word(ROLES, code)


def field(code: object) -> Words:
    """Return the name of a golden record's field."""
    return _word(FIELDS, code)


def source(code: object) -> Words:
    """Return the name of a source; the demo's have one, others keep their own."""
    return SOURCES.get(str(code)) or str(code)


def happening(code: object) -> Words:
    """Return the name of a kind of happening."""
    return _word(HAPPENINGS, code)


def rule(code: object) -> Words:
    """Return the name of a rule of quality or identity."""
    return _word(RULES, code)
