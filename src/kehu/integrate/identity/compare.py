"""How two records of people are compared: what each kind of agreement says, household-aware.

Members of a household agree on surname, address and phone *together*; comparing these three one by one would
count one fact three times and merge families. So they form one comparison, and the given name decides.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One degree of agreement.

    Attributes
    ----------
    name : str
        What evidence calls it.
    sql : str
        Condition over ``<column>_l`` and ``<column>_r``; levels are tried in order.
    m, u : float
        Share of pairs of one person, and of two persons, that reach it: where training starts from, what it is
        blended with, and what stands when a table is too small to train.
    home : float
        Share of pairs of two persons of one home that reach it.
    frequency : str
        Column whose value's frequency adjusts the weight; empty for none.
    """

    name: str
    sql: str
    m: float
    u: float
    home: float
    frequency: str = ""


@dataclass(frozen=True)
class Comparison:
    """A group of columns compared as one piece of evidence.

    Attributes
    ----------
    name : str
        What evidence calls it.
    unknown : str
        Condition under which it says nothing.
    levels : tuple of Level
        From most to least agreement; the last one is "everything else".
    needs : tuple of str
        Columns of which at least one must be filled in the table, or the comparison is left out.
    """

    name: str
    unknown: str
    levels: tuple[Level, ...]
    needs: tuple[str, ...]


# Conditions that are dear to evaluate begin with a cheap one that two strangers rarely meet. As DuckDB macros they
# stay short where Splink parses them.
MACROS = (
    """near(a, b) AS abs(length(a) - length(b)) <= 3 AND (a[1] = b[1] OR right(a, 2) = right(b, 2))
      AND CASE WHEN least(length(a), length(b)) >= 4
        THEN damerau_levenshtein(a, b) <= 1 OR jaro_winkler_similarity(a, b) >= 0.92
        ELSE a[1] = b[1] AND greatest(length(a), length(b)) BETWEEN 3 AND 4 AND least(length(a), length(b)) > 1
          AND damerau_levenshtein(a, b) <= 1 END""",
    """same_street(number_a, number_b, a, b) AS
      coalesce(number_a = number_b AND (a = b OR jaro_winkler_similarity(a, b) >= 0.9
        OR least(length(a), length(b)) >= 3 AND (suffix(a, b) OR suffix(b, a)))
        OR number_a IS NULL AND number_b IS NULL AND a = b AND length(a) > 8 AND a < '㐀', FALSE)""",
    """near_date(a, b) AS (left(a, 4) = left(b, 4) OR right(a, 5) = right(b, 5)) AND damerau_levenshtein(a, b) <= 1
      OR (left(a, 4) = left(b, 4) AND substr(a, 6, 2) = right(b, 2) AND substr(b, 6, 2) = right(a, 2))""",
    """near_email(a, b) AS length(a) > 10 AND abs(length(a) - length(b)) <= 2
      AND (left(a, 2) = left(b, 2) OR substr(a, 3, 3) = substr(b, 3, 3)) AND damerau_levenshtein(a, b) <= 2""",
    """near_number(a, b) AS (left(a, 2) = left(b, 2) OR right(a, 2) = right(b, 2))
      AND damerau_levenshtein(a, b) <= 1""",
    """named_in(text, family, given) AS
      coalesce(contains(text, family), FALSE) OR coalesce(contains(text, given), FALSE)""",
    """same(a, b) AS coalesce(a = b, FALSE)""",
    """within(a, b) AS starts_with(b, a) AND length(a) >= CASE WHEN a > '㐀' THEN 2 ELSE 4 END""",
    """part_of(a, b) AS least(strlen(a), strlen(b)) >= 4
      AND (starts_with(a, b) OR starts_with(b, a) OR suffix(a, b) OR suffix(b, a))""",
    """made_of(whole, head, tail) AS strlen(whole) = strlen(head) + strlen(tail) AND starts_with(whole, head)
      AND suffix(whole, tail)""",
    """close_family(a, b, given_a, given_b) AS coalesce(a = b OR CASE WHEN abs(strlen(a) - strlen(b)) >= 4
      THEN part_of(a, b) ELSE near(a, b) END OR made_of(given_a, given_b, b) OR made_of(given_b, given_a, a), FALSE)""",
    """near_name(a, b) AS a[1] = b[1] AND abs(length(a) - length(b)) <= 3 AND length(a) > 4
      AND jaro_winkler_similarity(a, b) >= 0.93""",
    """swapped(given_a, family_a, given_b, family_b) AS coalesce(CASE WHEN given_a = family_b
        THEN given_b = family_a OR near(given_b, family_a)
      ELSE given_b = family_a AND near(given_a, family_b) END, FALSE)""",
)
# A Chinese surname and its pinyin are the same surname.
_SAME_FAMILY = (
    "(same(family_l, family_r) OR (same(family_sound_l, family_sound_r) AND (family_l > '㐀') <> (family_r > '㐀')))"
)
# García is García López, Schmidt is Müller-Schmidt, and of Juan García López the last word was taken for the surname.
_CLOSE_FAMILY = "close_family(family_sound_l, family_sound_r, given_sound_l, given_sound_r)"
_SAME_STREET = "same_street(house_number_l, house_number_r, street_l, street_r)"
_SAME_PHONE = "same(phone_l, phone_r)"
_SWAPPED = "swapped(given_sound_l, family_sound_l, given_sound_r, family_sound_r)"
# An English name and a Chinese one ("Ben" and "浩然") do not contradict each other.
_OTHER_SCRIPT = "(kind_l = 'latin') <> (kind_r = 'latin') AND NOT list_has_any(roots_l, roots_r)"
_FAMILY_HERE = f"({_SAME_FAMILY} OR {_SWAPPED})"
_ELSEWHERE = "coalesce(street_l <> street_r OR house_number_l <> house_number_r OR phone_l <> phone_r, FALSE)"

# The one name that a record has may stand in the wrong column.
_MISPLACED = "coalesce((given_l = family_r AND family_l IS NULL) OR (given_r = family_l AND family_r IS NULL), FALSE)"
_NEAR_EMAIL = "near_email(email_l, email_r)"
# Namesakes at two providers: what their names say already says nothing more.
_NAMED_LOCAL = """email_local_l = email_local_r AND email_l <> email_r AND NOT regexp_matches(email_local_l, '[0-9]')
  AND (named_in(email_local_l, family_sound_l, given_sound_l)
    OR named_in(email_local_r, family_sound_r, given_sound_r))"""
# Conditions that are dear or that several levels ask, and how to evaluate each once per pair, behind what is cheaper:
# two swaps or moves of a letter are at most four letters taken away, put in or changed.
ONCE = {
    _SWAPPED: f"""CASE WHEN given_sound_l = family_sound_r OR given_sound_r = family_sound_l
      THEN {_SWAPPED} ELSE FALSE END""",
    _SAME_STREET: f"""CASE WHEN house_number_l = house_number_r OR street_l = street_r
      THEN {_SAME_STREET} ELSE FALSE END""",
    _CLOSE_FAMILY: _CLOSE_FAMILY,
    _NEAR_EMAIL: f"""CASE WHEN email_l = email_r THEN length(email_l) > 10
      WHEN length(email_l) > 10 AND abs(length(email_l) - length(email_r)) <= 2
      AND (left(email_l, 2) = left(email_r, 2) OR substr(email_l, 3, 3) = substr(email_r, 3, 3))
      THEN CASE WHEN levenshtein(email_l, email_r) <= 4 THEN {_NEAR_EMAIL} ELSE FALSE END ELSE FALSE END""",
}

GIVEN = Comparison(
    "given_name",
    f"given_l IS NULL OR given_r IS NULL OR ({_OTHER_SCRIPT} AND NOT {_SWAPPED}) OR {_MISPLACED}",
    (
        Level("same", "given_l = given_r", 0.74, 0.008, 0.02, "given"),
        Level(
            "same_reading",
            "given_sound_l = given_sound_r AND (kind_l = 'han') <> (kind_r = 'han')",
            0.02,
            0.0005,
            0.001,
            "given_sound",
        ),
        Level("swapped", _SWAPPED, 0.02, 0.0005, 0.001),
        Level("nickname", "list_has_any(roots_l, roots_r)", 0.06, 0.004, 0.006),
        Level("same_sound", "given_sound_l = given_sound_r", 0.02, 0.002, 0.005),
        Level(
            "typo", "near(given_sound_l, given_sound_r) AND kind_l = 'latin' AND kind_r = 'latin'", 0.07, 0.006, 0.01
        ),
        Level(
            "initial",
            "(length(given_l) = 1 OR length(given_r) = 1) AND given_l[1] = given_r[1] AND ascii(given_l) < 128",
            0.03,
            0.01,
            0.01,
        ),
        Level("different", "ELSE", 0.04, 0.97, 0.95),
    ),
    ("given",),
)
HOUSEHOLD = Comparison(
    "household",
    f"{_SWAPPED} AND NOT {_SAME_STREET} AND NOT {_SAME_PHONE} OR (family_l IS NULL OR family_r IS NULL) AND "
    "(street_l IS NULL OR street_r IS NULL) AND (phone_l IS NULL OR phone_r IS NULL)",
    (
        Level("surname_address_phone", f"{_FAMILY_HERE} AND {_SAME_STREET} AND {_SAME_PHONE}", 0.25, 2e-5, 0.25),
        Level("surname_address", f"{_FAMILY_HERE} AND {_SAME_STREET}", 0.18, 5e-5, 0.3),
        Level("surname_phone", f"{_FAMILY_HERE} AND {_SAME_PHONE}", 0.16, 2e-5, 0.15),
        Level("surname_moved", f"{_SAME_FAMILY} AND {_ELSEWHERE}", 0.12, 0.006, 0.02, "family"),
        Level("surname", _SAME_FAMILY, 0.1, 0.004, 0.03, "family"),
        Level("close_surname_home", f"{_CLOSE_FAMILY} AND ({_SAME_STREET} OR {_SAME_PHONE})", 0.06, 1e-5, 0.05),
        Level("close_surname", _CLOSE_FAMILY, 0.03, 0.006, 0.01),
        Level("home", f"{_SAME_STREET} OR {_SAME_PHONE}", 0.05, 1e-4, 0.18),
        Level("different", "ELSE", 0.05, 0.98, 0.01),
    ),
    ("family", "street", "phone"),
)
BIRTH = Comparison(
    "birth_date",
    "birth_l IS NULL OR birth_r IS NULL",
    (
        Level("same", "birth_l = birth_r", 0.88, 8e-5, 0.02),
        Level("typo", "near_date(birth_l, birth_r)", 0.07, 0.002, 0.004),
        Level(
            "same_year",
            "left(birth_l, 4) = left(birth_r, 4) OR right(birth_l, 5) = right(birth_r, 5)",
            0.02,
            0.02,
            0.03,
        ),
        Level("different", "ELSE", 0.03, 0.978, 0.946),
    ),
    ("birth",),
)
EMAIL = Comparison(
    "email",
    f"email_l IS NULL OR email_r IS NULL OR {_NAMED_LOCAL}",
    (
        Level("same", "email_l = email_r", 0.6, 2e-5, 0.03),
        Level("typo", _NEAR_EMAIL, 0.08, 2e-5, 0.005),
        Level("same_local_part", "email_local_l = email_local_r AND length(email_local_l) >= 5", 0.06, 1e-4, 0.005),
        Level("different", "ELSE", 0.26, 0.9998, 0.96),
    ),
    ("email",),
)
NATIONAL_ID = Comparison(
    "national_id",
    "national_id_l IS NULL OR national_id_r IS NULL",
    (
        Level("same", "national_id_l = national_id_r", 0.86, 2e-6, 0.001),
        Level("typo", "near_number(national_id_l, national_id_r)", 0.1, 5e-5, 0.004),
        Level("different", "ELSE", 0.04, 0.99995, 0.995),
    ),
    ("national_id",),
)
CARD = Comparison(
    "loyalty_card",
    "loyalty_card_l IS NULL OR loyalty_card_r IS NULL",
    (
        Level("same", "loyalty_card_l = loyalty_card_r", 0.8, 2e-5, 0.1),
        Level("different", "ELSE", 0.2, 0.99998, 0.9),
    ),
    ("loyalty_card",),
)
# Town and postcode only speak where neither the address itself nor a shared company has spoken, of which most people
# work in one town; gender only where no given name has.
PLACE = Comparison(
    "place",
    f"{_SAME_STREET} OR {_SAME_PHONE} OR same(company_l, company_r) OR (postcode_l IS NULL OR postcode_r IS NULL) AND "
    "(city_l IS NULL OR city_r IS NULL)",
    (
        Level("same_postcode", "postcode_l = postcode_r", 0.45, 0.01, 0.6, "postcode"),
        Level("same_city", "city_l = city_r", 0.2, 0.06, 0.2, "city"),
        Level("different", "ELSE", 0.35, 0.93, 0.2),
    ),
    ("postcode", "city"),
)
GENDER = Comparison(
    "gender",
    "gender_l IS NULL OR gender_r IS NULL OR given_l IS NOT NULL AND given_r IS NOT NULL",
    (Level("same", "gender_l = gender_r", 0.98, 0.5, 0.3), Level("different", "ELSE", 0.02, 0.5, 0.7)),
    ("gender",),
)
# Whom a person works for; a domain only where the e-mail itself has not spoken.
_SAID_BY_EMAIL = f"(same(email_l, email_r) OR coalesce({_NEAR_EMAIL}, FALSE))"
COMPANY = Comparison(
    "company",
    f"(company_l IS NULL OR company_r IS NULL) AND (domain_l IS NULL OR domain_r IS NULL OR {_SAID_BY_EMAIL})",
    (
        Level("same", "company_l = company_r", 0.5, 0.002, 0.05, "company"),
        Level("contained", "within(company_l, company_r) OR within(company_r, company_l)", 0.1, 0.0005, 0.01),
        Level("typo", "near_name(company_l, company_r)", 0.05, 0.0005, 0.01),
        Level("same_domain", f"domain_l = domain_r AND NOT {_SAID_BY_EMAIL}", 0.1, 0.002, 0.02, "domain"),
        Level("different", "ELSE", 0.25, 0.995, 0.91),
    ),
    ("company", "domain"),
)
COMPARISONS = (GIVEN, HOUSEHOLD, BIRTH, EMAIL, NATIONAL_ID, CARD, PLACE, GENDER, COMPANY)

LEARNING = 4  # raised when other numbers are learned of the same records: projects then learn anew
CERTAIN = 20.0  # bits: what counts as sure


def set_up() -> str:
    """Return a digest of the comparisons and of how they learn: parameters learned for others cannot be used."""
    said = repr([LEARNING, *((part.name, part.unknown, part.levels) for part in COMPARISONS)]) + repr(MACROS)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def log_odds(probability: float) -> float:
    """Return log2 odds of a probability, as match weights are counted: 20 bits for 1, minus infinity for 0."""
    if probability <= 0:
        return -math.inf
    return math.log2(probability / (1 - probability)) if probability < 1 else CERTAIN
