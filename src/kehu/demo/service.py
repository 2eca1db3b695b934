"""The service desk: calls, chats, tickets, NPS and CSAT answers of its requesters, as JSON Lines."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kehu.demo import spelling, talk
from kehu.demo.dice import dice
from kehu.demo.record import Known, islands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from random import Random

    from kehu.demo.journey import Household
    from kehu.demo.people import Person

_CALLERS = 0.45  # of all persons, whether or not the desk has to join their records
_UNBRIDGED = 0.12  # of the persons whose other records share no key: nobody ever wrote down two keys of theirs
_AGENTS = ("Dana", "Luis", "Mei", "Omar", "Priya", "小林")
_ITEMS = {
    False: ("milk", "strawberries", "ground beef", "frozen pizza", "coffee", "yogurt", "bread", "cheese", "diapers",
            "orange juice", "chicken", "ice cream", "cat food", "salad", "eggs", "rice"),
    True: ("牛奶", "草莓", "牛肉", "冷冻披萨", "咖啡", "酸奶", "面包", "奶酪", "尿布", "橙汁", "鸡肉", "冰淇淋", "猫粮",
           "沙拉", "鸡蛋", "大米"),
}  # fmt: skip
_START = datetime(2017, 1, 2, 13, 0)  # noqa: DTZ001  # written as UTC with a Z
Rows = dict[str, list[dict[str, object]]]


def requesters(people: Sequence[Person], others: Sequence[Known]) -> list[Known]:
    """Return the desk's requesters.

    Nearly half of all persons once called. Where the other systems' records of a person share no key, a requester
    who named two keys (a card and an e-mail address, say) joins them, but for a few who never called.
    """
    rng = dice("service")
    of: dict[str, list[Known]] = defaultdict(list)
    for record in others:
        of[record.person.person_id].append(record)
    found: list[Known] = []
    for person in people:
        groups = islands(of[person.person_id])
        if len(groups) > 1:
            calls = rng.random() >= _UNBRIDGED
            found += _bridges(groups, len(found)) if calls else []
        elif rng.random() < _CALLERS:
            found.append(_caller(rng, person, len(found)))
    return found


def _caller(rng: Random, person: Person, number: int) -> Known:
    phone = person.phone if rng.random() < 0.75 else ""
    email = person.email if not phone or rng.random() < 0.55 else ""
    card = person.card if rng.random() < 0.5 else ""
    return Known("service", _requester_id(number), person, email=email, phone=phone, card=card)


def _bridges(groups: Sequence[Sequence[Known]], number: int) -> list[Known]:
    """Return requesters that join each smaller group to the largest by two keys of different kinds."""
    found: list[Known] = []
    main = _keys(groups[0])
    for group in groups[1:]:
        own = _keys(group)
        pairs = [(a, b) for b in own for a in main if a != b]
        if pairs:
            a, b = pairs[0]
            keys = {a: main[a], b: own[b]}
            found.append(Known("service", _requester_id(number + len(found)), group[0].person, **keys))
    return found


def _keys(group: Sequence[Known]) -> dict[str, str]:
    keys: dict[str, str] = {}
    for record in group:
        for kind, value in (("card", record.card), ("email", record.email), ("phone", record.phone)):
            if value in record.keys:
                keys.setdefault(kind, value)
    return keys


def _requester_id(number: int) -> str:
    return f"U{(number * 7919 + 31_337) % 99_991:05d}"


def rows(found: Sequence[Known], households: Mapping[int, Household]) -> Rows:
    """Return the lines of every file; the mood of a person loosely follows whether the household stopped buying."""
    written: Rows = {name: [] for name in ("requesters", "calls", "chats", "tickets", "nps", "csat")}
    for known in found:
        rng = dice(f"talk:{known.source_key}")
        household = households[known.person.household_id]
        written["requesters"].append(_requester(rng, known))
        gone = (datetime(2018, 1, 1).date() - household.last_on).days > 45  # noqa: DTZ001  # days only
        level = rng.gauss(-0.9 if gone else 0.35, 1.0)
        for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
            _talk(rng, known, level, written)
        if rng.random() < 0.6:
            _ask(rng, known, level, written)
    return written


def _requester(rng: Random, known: Known) -> dict[str, object]:
    person = known.person
    return {
        "requester_id": known.source_key,
        "full_name": spelling.full_name(rng, person),
        "email": spelling.email(rng, known.email) if known.email else None,
        "phone": spelling.phone(rng, known.phone) if known.phone else None,
        "loyalty_card": known.card or None,
        "language": "zh" if person.is_chinese else "en",
        "created_at": _time(_START - timedelta(days=rng.randrange(1, 900))),
    }


def _mood(rng: Random, level: float) -> int:
    feeling = level + rng.gauss(0, 0.5)
    return 0 if feeling < -0.6 else 1 if feeling < 0.5 else 2


def _talk(rng: Random, known: Known, level: float, written: Rows) -> None:
    """Add one call, chat or ticket, and one time in three the answer to its CSAT question."""
    chinese, mood = known.person.is_chinese, _mood(rng, level)
    kind = rng.choice(("call", "call", "chat", "ticket"))
    began = _START + timedelta(minutes=rng.randrange(363 * 24 * 6) * 10)
    subject = talk.topic(rng, mood)
    number = f"{kind[:2].upper()}-{len(written[kind + 's']) + 1:05d}"
    line: dict[str, object] = {
        f"{kind}_id": number,
        "requester_id": known.source_key,
        "kind": kind,
        "email": known.email if kind != "call" and known.email else None,
        "phone": spelling.phone(rng, known.phone) if kind == "call" and known.phone else None,
        "loyalty_card": known.card or None,
        "started_at": _time(began),
        "ended_at": _time(began + timedelta(minutes=rng.randint(2, 40 if kind != "ticket" else 4000))),
        "subject": talk.TOPICS[subject][chinese],
        "text": talk.complaint(rng, subject, mood, rng.choice(_ITEMS[chinese]), chinese=chinese),
        "language": "zh" if chinese else "en",
        "agent": rng.choice(_AGENTS),
        "status": rng.choice(("solved", "solved", "solved", "open" if mood == 0 else "solved")),
    }
    written[kind + "s"].append(line)
    if rng.random() < 0.35:
        score = max(1, min(5, round(3.2 + 0.9 * (mood - 1) + rng.gauss(0, 0.8))))
        written["csat"].append(_answer(rng, known, "csat", score, began + timedelta(days=2)) | {"about": number})


def _ask(rng: Random, known: Known, level: float, written: Rows) -> None:
    score = max(0, min(10, round(7.2 + 1.7 * level + rng.gauss(0, 1.2))))
    asked = _START + timedelta(minutes=rng.randrange(360 * 24 * 60))
    written["nps"].append(_answer(rng, known, "nps", score, asked))


def _answer(rng: Random, known: Known, survey: str, score: int, at: datetime) -> dict[str, object]:
    chinese = known.person.is_chinese
    low, high = (6, 9) if survey == "nps" else (2, 4)
    mood = 0 if score <= low else 2 if score >= high else 1
    said = talk.answer(rng, mood, rng.choice(_ITEMS[chinese]), chinese=chinese) if rng.random() < 0.8 else None
    return {
        "answer_id": f"{survey.upper()}-{known.source_key}-{at:%m%d%H%M}",
        "requester_id": known.source_key,
        "survey": survey,
        "score": score,
        "comment": said,
        "language": "zh" if chinese else "en",
        "answered_at": _time(at),
    }


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def write(folder: Path, written: Rows) -> None:
    """Write one ``.jsonl`` file per kind of line, oldest first."""
    for name, lines in written.items():
        lines.sort(key=lambda line: str(line.get("started_at") or line.get("answered_at") or line["requester_id"]))
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8", newline="\n")
