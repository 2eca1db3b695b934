"""A town of organizations with its truth: chains, office towers, moves, typos, short and long names, in two languages.

Made for choosing set-ups on one seed and reporting on another; no name, street or number of it is real.
"""

from __future__ import annotations

# ruff: noqa: SIM905
import numpy as np

WORDS = (
    "north star blue river summit harbor cedar maple granite falcon orchid pioneer liberty crystal golden silver "
    "bright evergreen lakeside prairie beacon anchor compass atlas apex zenith nova orion delta sigma vertex "
    "quantum fusion ember willow juniper sterling regal crown heritage legacy canyon mesa ridge valley meadow brook"
).split()
TRADES = (
    "trading,logistics,consulting,software,foods,dental clinic,child care center,law offices,plumbing,electric,bakery,"
    "printing,travel,pharmacy,motors,insurance agency,construction,furniture,textiles,medical center,preschool,"
    "learning academy,landscaping,security,catering"
).split(",")
SHORT = {"center": "ctr", "international": "intl", "offices": "ofc", "services": "svcs", "academy": "acad", "and": "&"}
FORMS = ("", " Inc", " Inc.", " LLC", " Ltd.", " Co., Ltd.", " Corp")
STREETS = "Oak Elm Lake State Clark Halsted Ashland Western Pulaski Cicero Main Church Mill Park Union".split()
TYPES = (("St", "Street"), ("Ave", "Avenue"), ("Rd", "Road"), ("Blvd", "Boulevard"))
HAN = "宏达腾飞华瑞鑫源恒通天成永兴金泰博远盛世嘉禾万里星辰云海东方中科联创智慧安康同仁德信明珠长青"
HAN_TRADES = (
    "科技 贸易 物流 信息技术 电子商务 食品 建筑工程 医疗器械 文化传媒 餐饮管理 机械设备 装饰设计 教育咨询 服装 化工"
).split()
HAN_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "")
HAN_CITIES = (("上海", "上海市浦东新区"), ("北京", "北京市海淀区"), ("深圳", "深圳市南山区"), ("杭州", "杭州市西湖区"))
HAN_STREETS = "人民路 中山路 解放路 建设路 科技园路 长江路 文化路 和平路 新华路 友谊路".split()
FIELDS = ("name", "address", "city", "postcode", "phone", "email", "domain", "tax_id", "source", "truth")


def town(count: int, seed: int, *, han: bool = False) -> list[dict[str, str | None]]:
    """Return records of ``count`` organizations in shuffled order: FIELDS, ``truth`` being the organization."""
    rng = np.random.default_rng(seed)
    records: list[dict[str, str | None]] = []
    made = 0
    tower = _place(rng, han)
    while made < count:
        sites = int(rng.integers(3, 15)) if rng.random() < 0.03 else 1  # a chain
        name = _name(rng, han)
        domain = f"{''.join(rng.choice(list('bcdfghklmnprstw'), 7))}.{'cn' if han else 'com'}"
        switchboard = _phone(rng, han) if sites > 1 and rng.random() < 0.3 else None
        for _ in range(sites):
            if rng.random() < 0.05:
                tower = _place(rng, han)
            place = tower if rng.random() < 0.08 else _place(rng, han)
            site = {
                "name": _branch(rng, name, place, han) if sites > 1 else name, **place,
                "phone": switchboard or _phone(rng, han), "domain": domain, "truth": str(made),
                "tax_id": None if sites > 1 else "91" + "".join(rng.choice(list("0123456789ABCDEFGH"), 16)),
            }  # fmt: skip
            records += [_seen(rng, site, source, han) for source in _sources(rng)]
            made += 1
    return [records[place] for place in rng.permutation(len(records))]


def _sources(rng: np.random.Generator) -> list[str]:
    return [
        source for source, share in (("erp", 0.7), ("crm", 0.6), ("web", 0.35), ("erp", 0.15)) if rng.random() < share
    ]


def _name(rng: np.random.Generator, han: bool) -> str:
    if han:
        city = HAN_CITIES[rng.integers(len(HAN_CITIES))][0] if rng.random() < 0.7 else ""
        return city + "".join(rng.choice(list(HAN), 2)) + str(rng.choice(HAN_TRADES))
    return " ".join([*rng.choice(WORDS, 1 + int(rng.random() < 0.7)), str(rng.choice(TRADES))]).title()


def _place(rng: np.random.Generator, han: bool) -> dict[str, str]:
    if han:
        city, district = HAN_CITIES[rng.integers(len(HAN_CITIES))]
        street = f"{district}{rng.choice(HAN_STREETS)}{rng.integers(1, 400)}号"
        return {"city": city, "address": street, "postcode": str(100_000 + 100 * int(rng.integers(0, 90)))}
    street = f"{rng.integers(1, 9000)} {rng.choice(list('NSEW'))} {rng.choice(STREETS)} {TYPES[rng.integers(4)][0]}"
    return {"city": "Chicago", "address": street, "postcode": str(60_600 + int(rng.integers(0, 60)))}


def _phone(rng: np.random.Generator, han: bool) -> str:
    return f"+8621{rng.integers(50_000_000, 69_999_999)}" if han else f"+1312{rng.integers(2_000_000, 9_999_999)}"


def _branch(rng: np.random.Generator, name: str, place: dict[str, str], han: bool) -> str:
    if rng.random() < 0.5:
        return name
    return f"{name}（{place['city']}分公司）" if han else f"{name} - {place['address'].split()[2]}"


def _seen(rng: np.random.Generator, site: dict[str, str | None], source: str, han: bool) -> dict[str, str | None]:
    """Return the organization as one source knows it: misspelled, shortened, moved, with gaps."""
    record = {**site, "source": source, "name": _named(rng, str(site["name"]), han)}
    if rng.random() < 0.07:  # moved; nobody told this source
        record |= _place(rng, han)
    elif not han:
        record["address"] = _spelled(rng, str(site["address"]))
    elif rng.random() < 0.3:
        record["address"] = str(site["address"])[3:]
    if rng.random() < 0.15:
        record["phone"] = _phone(rng, han)
    record["email"] = f"{rng.choice(['info', 'sales', 'office'])}@{site['domain']}" if rng.random() < 0.4 else None
    return _with_gaps(rng, record, site)


def _named(rng: np.random.Generator, name: str, han: bool) -> str:
    if rng.random() < 0.2:
        name = _typo(rng, name)
    if not han and rng.random() < 0.25:
        name = " ".join(SHORT.get(word.lower(), word) for word in name.split())
    if len(name.split()) > 2 and rng.random() < 0.1:
        name = " ".join(name.split()[:-1])
    if han and name[:2] in {city for city, _ in HAN_CITIES} and rng.random() < 0.15:
        name = name[2:]
    name += str(rng.choice(HAN_FORMS if han else FORMS))
    return name.upper() if not han and rng.random() < 0.3 else name


def _with_gaps(
    rng: np.random.Generator, record: dict[str, str | None], site: dict[str, str | None]
) -> dict[str, str | None]:
    gaps = {"address": 0.12, "city": 0.3, "postcode": 0.3, "phone": 0.2, "domain": 0.5, "tax_id": 0.6}
    for field, share in gaps.items():
        if rng.random() < share:
            record[field] = None
    if record["email"]:
        record["domain"] = site["domain"]
    return {field: record[field] for field in FIELDS}


def _spelled(rng: np.random.Generator, address: str) -> str:
    number, direction, street, kind = address.split()
    written = {"N": "North", "S": "South", "E": "East", "W": "West"}[direction]
    direction = str(rng.choice([direction, direction + ".", written, ""], p=[0.5, 0.15, 0.25, 0.1]))
    kind = dict(TYPES)[kind] if rng.random() < 0.4 else "" if rng.random() < 0.15 else kind
    suite = f" Suite {rng.integers(1, 40)}" if rng.random() < 0.1 else ""
    if rng.random() < 0.04:
        number = _typo(rng, number)
    return f"{number} {direction} {street} {kind}{suite}".replace("  ", " ").strip()


def _typo(rng: np.random.Generator, text: str) -> str:
    place = int(rng.integers(0, len(text)))
    if rng.random() < 0.5 and len(text) > 4:
        return text[:place] + text[place + 1 :]
    return text[:place] + str(rng.choice(list(text))) + text[place + 1 :]
