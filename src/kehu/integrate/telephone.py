"""Phone numbers as keys: E.164 by SQL alone, the same in every source."""

from __future__ import annotations

from phonenumbers import PhoneMetadata, country_code_for_region

DIGITS, DROPPED = "０１２３４５６７８９＋", "\u00a0　‐–—－（）．·"
NORTH_AMERICA = 1  # calling code of the North American plan: ten digits, no trunk prefix to drop


def bare_number(text: str) -> str:
    """Return the expression of a phone number without separators and extension, its digits half-width."""
    half = f"TRANSLATE({text}, '{DIGITS}{DROPPED}', '0123456789+')"
    ascii_text = f"CASE WHEN LENGTH({text}) = STRLEN({text}) THEN {text} ELSE {half} END"
    return f"REGEXP_REPLACE({ascii_text}, '(?s)[ ()./-]|[xe].*', '', 'g')"


def telephone(bare: str, region: str) -> str:
    """Return the expression of a phone number in E.164, its bare digits where the plan does not fit.

    Parameters
    ----------
    bare : str
        Expression of `bare_number`, best a column.
    region : str
        ISO 3166 code used where a number names no country.

    Notes
    -----
    Rules, first that fits: ``+`` or ``00`` and 8-15 digits; ``86`` and a Chinese mobile; a national number of the
    region; a Chinese mobile (11 digits from 13 to 19; inside the North
    American plan only where it is no American number); else the digits. NULL where
    fewer than five digits or anything but digits stands.
    """
    number = f"LTRIM({bare}, '+')"
    international = f"CASE WHEN {bare} LIKE '+%' THEN {number} WHEN {bare} LIKE '00%' THEN SUBSTRING({bare}, 3) END"
    code = country_code_for_region(region.upper())
    rules = [
        f"WHEN LENGTH({international}) BETWEEN 8 AND 15 THEN '+' || {international}",
        f"WHEN LENGTH({number}) = 13 AND {number} LIKE '861%' THEN '+' || {number}",
        *_national(number, region.upper(), code),
    ]
    if code != NORTH_AMERICA:
        mobile = f"LENGTH({number}) = 11 AND {number} BETWEEN '13' AND '199999999999'"
        rules.append(f"WHEN {mobile} THEN '+86' || {number}")
    written = f"TRY_CAST({number} AS HUGEINT) IS NULL OR LENGTH({number}) < 5"
    return f"CASE WHEN {written} THEN NULL {' '.join(rules)} ELSE {number} END"


def _american() -> str:
    plan = PhoneMetadata.metadata_for_region("US", None)
    fixed = plan.fixed_line if plan else None
    return (fixed.national_number_pattern if fixed else None) or "[2-9][0-9]{9}"


def _national(number: str, region: str, code: int) -> list[str]:
    if code == NORTH_AMERICA:
        known = f"REGEXP_FULL_MATCH(SUBSTRING({number}, 2), '{_american()}')"
        mobile = f"{number} BETWEEN '13' AND '199999999999'"
        return [
            f"WHEN LENGTH({number}) = 10 THEN '+1' || {number}",
            f"WHEN LENGTH({number}) = 11 AND {mobile} AND NOT {known} THEN '+86' || {number}",
            f"WHEN LENGTH({number}) = 11 AND {number} LIKE '1%' THEN '+' || {number}",
        ]
    plan = PhoneMetadata.metadata_for_region(region, None)
    if plan is None or plan.general_desc is None:
        return []
    prefix = plan.national_prefix or ""
    lengths = ", ".join(str(n) for n in plan.general_desc.possible_length)
    size = len(str(code))
    rules = []
    if region == "CN":  # mobiles are written without the trunk prefix 0
        rules.append(f"WHEN LENGTH({number}) = 11 AND {number} LIKE '1%' THEN '+86' || {number}")
    if prefix:
        rest = f"SUBSTRING({number}, {len(prefix) + 1})"
        rules.append(f"WHEN {number} LIKE '{prefix}%' AND LENGTH({rest}) IN ({lengths}) THEN '+{code}' || {rest}")
    rest = f"SUBSTRING({number}, {size + 1})"
    rules.append(
        f"WHEN {number} LIKE '{code}%' AND LENGTH({rest}) IN ({lengths}) AND LENGTH({number}) > 10 THEN '+' || {number}"
    )
    if not prefix:
        rules.append(f"WHEN LENGTH({number}) IN ({lengths}) THEN '+{code}' || {number}")
    return rules
