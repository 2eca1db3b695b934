"""Any script in Latin letters, so that records of one person can meet whatever script they are written in."""

from __future__ import annotations

import re

HANGUL_NAME = re.compile(r"[가-힣]{2,4}")


def latin(text: str) -> str:
    """Return text in ASCII letters; Chinese is read by `kehu.integrate.identity.name.sound` instead.

    Examples
    --------
    >>> latin("Юлия"), latin("Γιώργος"), latin("Łukasz Groß"), latin("Müller")
    ('Yuliya', 'Giorgos', 'Lukasz Gross', 'Muller')
    """
    if text.isascii():
        return text
    from anyascii import anyascii  # its tables are read by script, when one is met

    return anyascii(text)


def hangul_parts(full: str) -> tuple[str, str]:
    """Return given and family name of a Korean name written as one word; empty where it is none.

    Examples
    --------
    >>> hangul_parts("김민수"), hangul_parts("김 민수")
    (('민수', '김'), ('', ''))
    """
    return (full[1:], full[0]) if HANGUL_NAME.fullmatch(full) else ("", "")
