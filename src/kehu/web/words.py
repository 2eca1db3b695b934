"""The words for what the warehouse writes as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

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
FAMILIES = {
    "champions": "strong", "loyal": "strong", "potential_loyalist": "strong", "new": "fresh", "promising": "fresh",
    "need_attention": "waning", "about_to_sleep": "waning", "at_risk": "danger", "cant_lose": "danger",
    "hibernating": "gone", "lost": "gone",
}  # fmt: skip
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
    "national_id": _("National id"),
    "company": _("Organization"),
    "updated_at": _("Changed last"),
}
GENDERS = {"m": _("Male"), "f": _("Female"), "male": _("Male"), "female": _("Female")}
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
    "store": _("Store order"),
    "pos": _("Store order"),
    "till": _("Store order"),
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
    "key": _("Same key"),
    "given_by_source": _("The source itself says so"),
    "other_generation": _("Another generation of the family"),
    "other_name": _("Another given name"),
    "other_name_and_birth_date": _("Another given name and birth date"),
    "other_birth_date": _("Another birth date"),
    "organization": _("Similar organizations"),
    "decided": _("A person decided"),
    "only value": _("The only value known"),
    "most records": _("In most records"),
    "newest": _("The newest value"),
    "oldest": _("The oldest value"),
    "fullest": _("The fullest value"),
    "preferred source": _("From the source that is preferred"),
    "no placeholder": _("The other is a placeholder"),
    "from a record": _("From a record, not from a mere reference"),
    "first source": _("All else equal: the first source"),
    "out_of_range": _("Out of range"),
    "wrong_field_count": _("Wrong number of fields"),
}
COMPARISONS = {
    "given_name": _("given name"),
    "household": _("family name and home"),
    "birth_date": _("birth date"),
    "email": _("e-mail"),
    "national_id": _("national id"),
    "loyalty_card": _("loyalty card"),
    "place": _("place"),
    "gender": _("gender"),
    "company": _("company"),
    "name": _("name"),
    "address": _("address"),
    "phone": _("phone"),
    "phone_of_name": _("phone, beside a like name"),
    "web": _("web and e-mail"),
    "web_of_name": _("web and e-mail, beside a like name"),
    "tax_id": _("tax number"),
    "relative": _("another person of the home"),
}
LEVELS = {
    "same": _("the same"),
    "swapped": _("swapped"),
    "nickname": _("a nickname"),
    "same_sound": _("the same sound"),
    "same_reading": _("the same in pinyin"),
    "typo": _("a typing error apart"),
    "initial": _("the same initial"),
    "different": _("different"),
    "surname_address_phone": _("same family name, address and phone"),
    "surname_address": _("same family name and address"),
    "surname_phone": _("same family name and phone"),
    "surname_moved": _("same family name, another address"),
    "surname": _("same family name"),
    "close_surname_home": _("similar family name, same home"),
    "close_surname": _("similar family name"),
    "home": _("same home, another family name"),
    "same_year": _("the same year or the same day"),
    "same_local_part": _("the same name before the @"),
    "same_postcode": _("the same postcode"),
    "same_city": _("the same city"),
    "other": _("different"),
    "other_place": _("in another place"),
    "same_place": _("in the same place"),
    "same_street": _("in the same street"),
    "near_number": _("a house number nearby"),
    "other_direction": _("the other end of the street"),
    "same_elsewhere": _("the same, in another place"),
    "same_and_place": _("the same, in the same place"),
    "same_exchange": _("the same first digits"),
    "one_digit": _("one digit apart"),
    "switchboard": _("the same switchboard"),
    "same_domain": _("the same domain"),
    "same_email": _("the same e-mail"),
    "chain_domain": _("the domain of a chain"),
    "chain_email": _("the e-mail of a chain"),
    "contained": _("one is part of the other"),
    "most_words": _("most words the same"),
    "some_words": _("some words the same"),
    "same_rare": _("the same, a rare one"),
    "contained_rare": _("one is part of the other, and rare"),
    "most_words_rare": _("most words the same, a rare one among them"),
    "some_words_rare": _("some words the same, a rare one among them"),
    "seen_together": _("the source names both together"),
    "holds_card": _("whoever holds the card"),
    "most_complete": _("the fullest record"),
    "only_holder": _("nobody else holds it"),
    "one_home": _("both may live in one home"),
}


WORK = {
    "collect": _("Collect"),
    "build": _("Build"),
    "score": _("Score"),
    "run": _("Collect, build, score"),
    "tidy": _("Tidy up"),
    "backup": _("Backup"),
}
STATES = {
    "waiting": _("Waiting"),
    "running": _("Running"),
    "done": _("Done"),
    "dead": _("Given up"),
    "cancelled": _("Cancelled"),
}


def _word(table: Mapping[str, Words], code: object) -> Words:
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


def gender(code: object) -> Words:
    """Return the word for a gender's code."""
    return _word(GENDERS, code)


def family(code: object) -> str:
    """Return the family of an RFM group, which gives it its color."""
    return FAMILIES.get(str(code), "gone")


def work(code: object) -> Words:
    """Return the name of a kind of job."""
    return _word(WORK, code)


def state(code: object) -> Words:
    """Return the name of a job's state."""
    return _word(STATES, code)


def source(code: object) -> Words:
    """Return the name of a source; the demo's have one, others keep their own."""
    return SOURCES.get(str(code)) or str(code)


def happening(code: object) -> Words:
    """Return the name of a kind of happening."""
    return _word(HAPPENINGS, code)


def rule(code: object) -> Words:
    """Return the name of a rule of quality or identity."""
    return _word(RULES, code)


def comparison(code: object) -> Words:
    """Return the name of what two records were compared by."""
    return COMPARISONS.get(str(code)) or str(code).replace("_", " ")


def level(code: object) -> Words:
    """Return how well two records agreed in one comparison."""
    return LEVELS.get(str(code)) or str(code).replace("_", " ")
