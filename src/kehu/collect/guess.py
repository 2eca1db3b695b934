"""Which encoding lines of text may be in that are no UTF-8: what chardet guesses, where it has enough to go by."""

from __future__ import annotations

import re

CANDIDATES = (
    *("gb18030", "big5hkscs", "cp932", "cp949", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256"),
    *("cp1257", "cp1258", "koi8-r", "cp874", "mac-roman", "cp850", "cp866", "iso8859-2", "iso8859-7"),
)
_LATIN = frozenset({"cp1250", "cp1254", "cp1257", "cp1258", "mac-roman", "cp850", "iso8859-2"})
_FEW = 3  # different bytes; with fewer chardet is wrong too often
_HIGH = bytes(range(0x80, 0x100)).decode("cp1252", errors="ignore")
_LETTERS = frozenset("".join(sign for sign in _HIGH if sign.isalpha()).encode("cp1252"))
_WESTERN = frozenset("ªµºÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôöøùúûüŒœ".encode("cp1252"))
_SYMBOLS = "".join(sign for sign in _HIGH if not sign.isalpha())
_BETWEEN_WORDS = dict.fromkeys(map(ord, "\xa0·’"), " ")
_WORD = re.compile(r"[A-Za-z\x80-\uffff]+")
_FIELD_END = re.compile(rb'[,;\t"]')  # none of these is the second byte of a Chinese, Japanese or Korean letter
_UTF8 = re.compile(rb"[A-Za-z][\xc2-\xdf]|[\xc2-\xdf].[A-Za-z]|[\xe0-\xf4]|([\xc2-\xdf].){3}", re.DOTALL)
_DOUBLE = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")


def guesses(lines: list[bytes]) -> tuple[str, ...]:
    """Return the encodings that a text may be in, the likeliest first; one that does not read all of it is not it.

    Parameters
    ----------
    lines : list of bytes
        Lines of a text that is not UTF-8 as a whole, each with a byte beyond ASCII.

    Returns
    -------
    tuple of str
        Names of Python's codecs. "utf-8" alone: most lines are UTF-8, the others are faults.

    Notes
    -----
    chardet alone would err in three ways (ADR 8). A broken byte in a Chinese text rules every Chinese encoding out, and
    a Western one reads any byte: so it is first asked without the lines that an encoding does not read, where these are
    a tenth at most. A value that comes often outweighs all others: a line counts when it brings a field that is new.
    Prices and a handful of Western words make it guess Cyrillic or Hungarian: what looks right in cp1252 is cp1252,
    unless a letter speaks for another Latin alphabet that Western languages do not write.
    """
    if _is_faulty_utf8(lines):
        return ("utf-8",)
    sample = b"\n".join(lines)
    found = _faulty(lines) or _guess(lines)
    if not found:
        return ("cp1252", "gb18030") if _is_western(sample) else ("gb18030", "cp1252")
    # where the guess tells nothing else than cp1252, the common one goes first and the guess decides behind the sample
    alike = sample.decode(found, errors="replace") == sample.decode("cp1252", errors="replace")
    return tuple(dict.fromkeys(("cp1252", found))) if alike else (found,)


def _reads(encoding: str, line: bytes) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_faulty_utf8(lines: list[bytes]) -> bool:
    """Return whether more lines are surely UTF-8 than are not; 女 and 未知 alone in GB18030 are UTF-8 by chance."""
    good = [line for line in lines if _reads("utf-8", line)]
    return sum(1 for line in good if _UTF8.search(line)) > len(lines) - len(good)


def _faulty(lines: list[bytes]) -> str:
    """Return the encoding that all lines but a tenth (but one of a few lines) are in; empty when there is none."""
    for encoding in CANDIDATES:
        good = [line for line in lines if _reads(encoding, line)]
        if 0 < len(lines) - len(good) <= max(1, len(lines) // 10) and _guess(good) == encoding:
            return encoding
    return ""


def _guess(lines: list[bytes]) -> str:
    """Return chardet's guess, or cp1252 where that reads well; empty when there is too little to ask about."""
    import chardet  # its tables take 50 ms, and most files are UTF-8

    sample = b"\n".join([b"", *_new(lines)])  # a text that begins with BM or ID3 is taken for a picture or for music
    high = {byte for byte in set(sample) if byte >= 0x80}
    if len(high) < _FEW:
        return ""
    found = chardet.detect(
        sample,
        include_encodings=[one for one in CANDIDATES if min(high) >= 0xA0 or not one.startswith("iso")],
        prefer_superset=False,
        compat_names=False,
        no_match_encoding="cp1252",
    )["encoding"]
    nothing_else = found not in _LATIN or high & _LETTERS <= _WESTERN
    return "cp1252" if nothing_else and _looks_western(sample) else found or ""


def _new(lines: list[bytes]) -> list[bytes]:
    """Return the lines with a field that none before them had: ten thousand times 男 tells as much as once."""
    seen: set[bytes] = set()
    kept = []
    for line in lines:
        fields = {field for field in _FIELD_END.split(line) if not field.isascii()} - seen
        if fields:
            seen |= fields
            kept.append(line)
    return kept


def _looks_western(sample: bytes) -> bool:
    """Return whether nine in ten words beyond ASCII look like words when read in cp1252."""
    text = sample.decode("cp1252", errors="replace").translate(_BETWEEN_WORDS)
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return 10 * sum(_is_odd(word) for word in words) <= len(words)


def _is_odd(word: str) -> bool:
    """Return whether a word holds a symbol, a capital behind a small letter, or letters of which none is ASCII."""
    inner = word.strip(_SYMBOLS)
    if len(inner) < 2:
        return len(word) > 1 and not inner
    cased = inner.islower() or inner.isupper() or inner[1:].islower()
    return not inner.isalpha() or not cased or not any(letter.isascii() for letter in inner)


def _is_western(sample: bytes) -> bool:
    """Return whether most pairs are a high byte before an ASCII letter; Chinese text is made of two high bytes each."""
    pairs = _DOUBLE.findall(sample)
    return sum(1 for pair in pairs if pair[1] >= 0xA1) * 2 < len(pairs)
