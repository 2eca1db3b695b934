"""Phone numbers as E.164 text, or nothing when they are none."""

from __future__ import annotations

import phonenumbers


def phone(text: str | None, region: str) -> str | None:
    """Return a phone number as E.164, or None when it cannot be one.

    Parameters
    ----------
    text : str or None
        The number as a source has it.
    region : str
        ISO 3166 code that says how to read a number without a country code; a Chinese mobile number
        (eleven digits that begin with 1) is read as Chinese where the region's own reading is not valid.

    Examples
    --------
    >>> phone("(212) 555-0187", "US"), phone("138 0013 8001", "CN"), phone("none", "US")
    ('+12125550187', '+8613800138001', None)
    """
    if not text:
        return None
    regions = (region, "CN") if region != "CN" else ("CN",)
    for each in regions:
        try:
            number = phonenumbers.parse(text, each)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return _e164(number)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return _e164(number) if phonenumbers.is_possible_number(number) else None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
