"""Which record's value a golden record takes, field by field: ``[survivorship]`` of ``kehu.toml``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kehu.base.errors import SettingsError, did_you_mean

RULES = ("source", "whole", "frequency", "recency", "completeness", "oldest")
EVERY = ("frequency", "recency", "completeness")
PLACE = ("recency", "frequency", "completeness")
FIELDS = {
    "title": EVERY,
    "full_name": ("whole", *EVERY),
    **dict.fromkeys(("first_name", "last_name", "nickname", "gender", "birth_on"), EVERY),
    **dict.fromkeys(("email", "phone", "loyalty_card"), EVERY),
    **dict.fromkeys(("address", "city", "state", "postcode", "country"), PLACE),
    **dict.fromkeys(("company", "tax_id", "website"), EVERY),
    "registered_at": ("oldest", "frequency"),
}
OWN = frozenset(field for field, rules in FIELDS.items() if rules != EVERY)  # what ``default`` leaves as it is
MOST = 5  # rules of one field: all but one of recency and oldest
EXAMPLE = 'email = ["source:crm,shop", "recency"]'


@dataclass(frozen=True)
class Choice:
    """How the value of one field is chosen.

    Attributes
    ----------
    field : str
        Field of the golden record.
    rules : tuple of str
        Names of ``RULES``; a rule decides what those before it leave open.
    sources : tuple of str
        Sources in the order in which ``source`` prefers them; any other source comes after them.
    """

    field: str
    rules: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survivorship:
    """How the golden record is chosen: one `Choice` per field."""

    choices: tuple[Choice, ...] = tuple(Choice(field, rules) for field, rules in FIELDS.items())

    @property
    def sources(self) -> frozenset[str]:
        """Every source that some field prefers."""
        return frozenset(source for choice in self.choices for source in choice.sources)

    def sql(self) -> str:
        """Return the choices as a SELECT: field, rule_1 to rule_5 in their order, sources between commas."""
        names = ", ".join(("field", *(f"rule_{number}" for number in range(1, MOST + 1)), "sources"))
        rows = ", ".join(_row(choice) for choice in self.choices)
        return f"SELECT * FROM (VALUES {rows}) AS choice({names})"


USUAL = Survivorship()


def survivorship(said: object, where: str) -> Survivorship:
    """Return what the table ``[survivorship]`` says; what it leaves out is as usual.

    Parameters
    ----------
    said : object
        ``default`` and fields, each with a list of rules: ``source:a,b``, ``whole``, ``frequency``, ``recency``,
        ``completeness``, ``oldest``.
    where : str
        The file, for errors.

    Raises
    ------
    SettingsError
        When it is no table, or names an unknown field or rule, or a rule twice.
    """
    if not isinstance(said, dict):
        raise SettingsError("survivorship is no table", where=where, fix=f"Write [survivorship] and below it {EXAMPLE}")
    for field in said:
        if field not in (*FIELDS, "default"):
            what = f"survivorship names an unknown field {field!r}"
            fix = did_you_mean(field, (*FIELDS, "default")) or f"Use default or one of {', '.join(FIELDS)}"
            raise SettingsError(what, where=where, fix=fix)
    read = {field: _choice(field, rules, where) for field, rules in said.items()}
    usual = read.get("default", Choice("default", EVERY))
    return Survivorship(tuple(_completed(field, read, usual) for field in FIELDS))


def _row(choice: Choice) -> str:
    rules = (*choice.rules, *[""] * (MOST - len(choice.rules)))
    cells = (choice.field, *rules, f",{','.join(choice.sources)}," if choice.sources else "")
    return f"({', '.join(repr(cell) for cell in cells)})"  # letters, digits, _ and commas, checked when read


def _completed(field: str, read: dict[str, Choice], usual: Choice) -> Choice:
    """Let Kehu's own rules decide what a list leaves open."""
    said = read.get(field) or (Choice(field, FIELDS[field]) if field in OWN else usual)
    against = {"oldest": "recency", "recency": "oldest"}
    closed = {*said.rules, *(against[rule] for rule in said.rules if rule in against)}
    return Choice(field, (*said.rules, *(rule for rule in FIELDS[field] if rule not in closed)), said.sources)


def _choice(field: str, said: object, where: str) -> Choice:
    place = f"{where}, survivorship.{field}"
    if not isinstance(said, list) or not said or not all(isinstance(rule, str) for rule in said):
        raise SettingsError(f"{field} is no list of rules", where=place, fix=f"Write it like {EXAMPLE}")
    names, sources = [], tuple[str, ...]()
    for rule in said:
        name, colon, listed = (part.strip() for part in rule.partition(":"))
        if name not in RULES:
            fix = did_you_mean(name, RULES) or f"Use one of {', '.join(RULES)}"
            raise SettingsError(f"{rule!r} is no rule", where=place, fix=fix)
        if (name == "source") != bool(colon):
            fix = "Write source:crm,shop, and every other rule without a colon"
            raise SettingsError(f"{rule!r} is written wrongly", where=place, fix=fix)
        if name == "source":
            sources = _sources(listed, rule, place)
        names.append(name)
    if len(set(names)) < len(names) or {"recency", "oldest"} <= set(names):
        what = f"{', '.join(names)} contradict or repeat each other"
        raise SettingsError(what, where=place, fix="Name each rule once, and not recency beside oldest")
    return Choice(field, tuple(names), sources)


def _sources(listed: str, rule: str, place: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in listed.split(","))
    if not all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,40}", name) for name in names) or len(set(names)) < len(names):
        raise SettingsError(f"{rule!r} names no sources", where=place, fix="Write source:crm,shop, each source once")
    return names
