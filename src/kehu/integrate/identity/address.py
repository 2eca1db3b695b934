"""Addresses as sources write them: house number and street in one spelling, and the town that a line names."""

from __future__ import annotations

import re
import unicodedata

from kehu.integrate.identity.latin import latin

# Publication 28 of the US Postal Service, appendix C1 (suffixes) and C2 (units), the frequent ones.
STREET_WORDS = {
    "street": "st", "avenue": "ave", "av": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr", "lane": "ln",
    "court": "ct", "place": "pl", "square": "sq", "terrace": "ter", "parkway": "pkwy", "circle": "cir",
    "highway": "hwy", "crescent": "cres", "close": "cl", "grove": "gr", "north": "n", "south": "s", "east": "e",
    "west": "w", "saint": "st", "mount": "mt", "way": "way",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th",
    "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th", "eleventh": "11th", "twelfth": "12th",
    "strasse": "str", "platz": "pl", "bd": "blvd", "bld": "blvd", "chemin": "ch", "calle": "c", "avenida": "ave",
    "avda": "ave", "avd": "ave", "plaza": "pza", "piazza": "pza", "rua": "r",
}  # fmt: skip
GERMAN = re.compile(r"(?<=\w)str(asse\b|\.|\b)")
BESIDE = re.compile(r"(?<=[a-z.]\s)\s*(between|near|opposite|at \d\w*)\s.*")  # what else stands there
ORDINAL = re.compile(r"\d*(1st|2nd|3rd|\dth)")  # of a street, not a house
UNIT = re.compile(
    r"\b(apt|apartment|unit|suite|ste|flat|room|rm|floor|fl|#)\b\.?\s*\w+|#\s*\w+"
    r"|\b(wohnung|whg|app?artement|appt|etage|b[âa]timent|bat|app?artamento|apto|interno|int|scala|piso|puerta|pta|andar"
    r"|bloco|lokal|lok|daire|kat|кв|квартира|к|оф|офис)\b\.?\s*(\d+\w?|\w)\b"  # Scala Drive is a street
)
SIGNED = re.compile(
    r"\b(?:no\b|nr\b|n\.|д\b|дом\b)[.:\s]*(\d+[a-z]?)\b"
)  # a unit's number behind another one, else the house's
NUMBERED = re.compile(r"\s*\d{1,4}\s?[a-z]?(/\w+)?\s*")  # what stands after "Via Roma,"
HAN_DIGITS = {digit: str(value) for value, digit in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
HAN_BLOCK = re.compile(r"[a-z]+(?=座|栋|幢|楼|单元|号)")  # counts where no number tells the house
HAN_NUMBER = re.compile(r"[零〇一二三四五六七八九十两]+(?=号|楼|栋|幢|单元|室|层|弄|期|座|门)")
# Province, city, district and town, each optional; "中山路" and what follows is the street.
REGION = re.compile(
    r"^\s*(中国)?([^\d路街]{2,8}?(省|自治区|特别行政区))?([^\d路街]{2,8}?市)?([^\d路街]{1,6}?[区县旗])?([^\d路]{1,6}?(街道|镇|乡))?"
)
HAN = re.compile(r"[㐀-鿿]")
HAN_TOWN = re.compile(
    r"^(北京|上海|天津|重庆)|(?:省|自治区|自治州|^)([^\d\s路街道省区]{2,7}?市)|(?:省|市|区|^)([^\d\s路街道省市区]{1,6}?[县旗盟])"
)
HAN_POSTCODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
TOWN = (  # as the end of a line with commas: "Springfield, IL 62704", "Leeds LS1 4DY", "28013 Madrid", "Porto 4000"
    re.compile(r"^(?P<city>[^\d,]+?),?\s+[A-Z]{2},?\s+(?P<postcode>\d{5}(-\d{4})?)$"),
    re.compile(r"^(?P<city>[^\d,]+?),?\s+(?P<postcode>[A-Za-z]{1,2}\d[A-Za-z\d]?\s*\d[A-Za-z]{2})$"),
    re.compile(r"^(?:[A-Z]{1,2}-)?(?P<postcode>\d{4,6}|\d{2}-\d{3}|\d{4}-\d{3})\s+(?P<city>[^\d,]+)$"),
    re.compile(r"^(?P<city>[^\d,]+?),?\s+(?P<postcode>\d{4,6}|\d{5}-\d{3}|\d{4}-\d{3}|\d{3}-\d{4})$"),
)
NO_TOWN = re.compile(r"\b(box|unit|suite|ste|apt|flat|room|floor|building|street|road|avenue)\b", re.IGNORECASE)


def address(text: str) -> tuple[str, str]:
    """Return house number and street of one address line, in one spelling.

    Examples
    --------
    >>> address("12 Main Street, Apt. 4"), address("人民路三十二号5栋")
    (('12', 'main st'), ('32-5', '人民路'))
    >>> address("Via Roma, 12"), address("Hauptstraße 7"), address("长春街s座")
    (('12', 'via roma'), ('7', 'hauptstr'), ('s', '长春街'))
    """
    text = unicodedata.normalize("NFKC", text).lower().strip()
    if HAN.search(text):
        text = HAN_NUMBER.sub(lambda match: _number(match.group()), text)
        numbers = re.findall(r"\d+", text) or HAN_BLOCK.findall(text)
        road = re.sub(r"[\W\d]+", "", re.split(rf"\d|{HAN_BLOCK.pattern}", REGION.sub("", text))[0])
        return "-".join(numbers), road or re.sub(r"[\W\d]+", "", text)
    line = BESIDE.sub("", UNIT.sub(" ", text))
    signed = SIGNED.sub(lambda found: " " if re.search(r"\d", line[: found.start()]) else f" {found[1]}", line)
    words = re.findall(r"\w+", latin(_street(signed)).lower())
    number = next((word for word in words if word[0].isdigit() and not ORDINAL.fullmatch(word)), "")
    if number in words:
        words.remove(number)
    return number, " ".join(STREET_WORDS.get(word, word) for word in words)


def town(text: str) -> tuple[str, str]:
    """Return city and postcode of an address that holds all in one line; empty where it does not say them.

    Examples
    --------
    >>> town("12 Main St, Springfield, IL 62704"), town("Lange Straße 7, 10115 Berlin"), town("Via Roma, 12")
    (('Springfield', '62704'), ('Berlin', '10115'), ('', ''))
    >>> town("浙江省宁波市鄞州区新华路10号 315000")
    ('宁波市', '315000')
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if HAN.search(text):
        found = HAN_TOWN.search(re.sub(r"^\s*中国", "", text))
        postcode = HAN_POSTCODE.search(text)
        city = f"{found[1]}市" if found and found[1] else (found[2] or found[3]) if found else ""
        return city, postcode.group() if postcode else ""
    parts = [part.strip() for part in text.split(",")]
    ends = (", ".join(parts[-count:]) for count in (3, 2, 1) if len(parts) > count)
    matches = (form.match(end) for end in ends for form in TOWN)
    named = ((str(match["city"]).strip(), str(match["postcode"])) for match in matches if match)
    return next(((city, postcode) for city, postcode in named if not NO_TOWN.search(city)), ("", ""))


def _street(line: str) -> str:
    """Return the part of a line that names the street, with the house number if that stands before or after it."""
    parts = line.split(",")
    place = next((place for place, part in enumerate(parts) if re.search(r"[^\W\d]", part)), 0)
    head = GERMAN.sub("str ", parts[place].replace("ß", "ss"))
    if re.search(r"\d", head):
        return head
    if place and (numbered := re.match(r"\s*\d+\w?\s*,", line)):
        return numbered.group().replace(",", " ") + head
    after = parts[place + 1] if place + 1 < len(parts) else ""
    return f"{head} {after}" if NUMBERED.fullmatch(after) else head


def _number(text: str) -> str:
    if "十" not in text:
        return "".join(HAN_DIGITS[digit] for digit in text)
    tens, _, ones = text.partition("十")
    return (HAN_DIGITS.get(tens, "") or "1") + (HAN_DIGITS.get(ones, "") or "0")
