"""How people and systems write the same thing: phones, names and e-mails in many spellings, and slips of the hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from kehu.demo.people import Person

_NEIGHBOR = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqretuyoipsadgfhkjlxzvcbmn", strict=True))


def phone(rng: Random, number: str) -> str:
    """Return an E.164 number as somebody might type it."""
    if number.startswith("+86"):
        own = number[3:]
        parts = (own[:3], own[3:7], own[7:])
        return rng.choice((number, "+86 " + " ".join(parts), "0086-" + own, "86-" + "-".join(parts), own))
    area, exchange, line = number[2:5], number[5:8], number[8:]
    return rng.choice(
        (
            f"({area}) {exchange}-{line}",
            f"{area}-{exchange}-{line}",
            f"{area}.{exchange}.{line}",
            f"{area} {exchange} {line}",
            f"+1 {area} {exchange} {line}",
            f"+1-{area}-{exchange}-{line}",
            number[2:],
            number[1:],
            number,
        )
    )


def email(rng: Random, address: str) -> str:
    """Return an e-mail address, one time in eight with other capitals or a blank behind it."""
    chance = rng.random()
    if chance < 0.06:
        return address.title()
    if chance < 0.10:
        return address.upper()
    return address + " " if chance < 0.125 else address


def name(rng: Random, person: Person) -> tuple[str, str]:
    """Return (last, first) as a system may hold it: characters, pinyin, English given name, nickname, capitals."""
    chance = rng.random()
    if person.is_chinese:
        if chance < 0.62:
            return person.last, person.first
        if chance < 0.92 or not person.nickname:
            return person.latin_last, person.latin_first
        return person.latin_last, person.nickname
    first = person.nickname if person.nickname and chance < 0.16 else person.first
    return (person.last.upper(), first.upper()) if chance > 0.96 else (person.last, first)


def full_name(rng: Random, person: Person) -> str:
    """Return one field with the whole name, in Chinese, Western or 'Last, First' order."""
    last, first = name(rng, person)
    if person.is_chinese and last == person.last:
        return last + first
    chance = rng.random()
    if person.is_chinese and first == person.latin_first and chance < 0.4:
        return f"{last} {first}"
    return f"{last}, {first}" if chance > 0.93 else f"{first} {last}"


def typo(rng: Random, text: str) -> str:
    """Return the text with one slip: two letters swapped, one left out, doubled, or a neighboring key.

    Only letters and digits before an ``@`` are touched; a text too short or unlucky comes back with its
    second character doubled, so the result always differs.
    """
    head, at, tail = text.partition("@")
    places = [i for i in range(1, len(head) - 1) if head[i].isalnum() and head[i + 1].isalnum()]
    if not places:
        return head + head[-1:] + at + tail
    i = rng.choice(places)
    kind = rng.randrange(4)
    swapped = head[:i] + head[i + 1] + head[i] + head[i + 2 :]
    other = _NEIGHBOR.get(head[i], str((int(head[i]) + 1) % 10) if head[i].isdecimal() else head[i] * 2)
    changed = (swapped, head[:i] + head[i + 1 :], head[:i] + head[i] + head[i:], head[:i] + other + head[i + 1 :])[kind]
    return (changed if changed != head else head[:i] + head[i] + head[i:]) + at + tail


def wrong_digit(rng: Random, number: str) -> str:
    """Return an E.164 number with one of its last four digits changed."""
    place = rng.randrange(len(number) - 4, len(number))
    digit = str((int(number[place]) + rng.randint(1, 9)) % 10)
    return number[:place] + digit + number[place + 1 :]
