"""Clean stretches of a text file: where each line is a record in any reader's eyes, so that a fast one may read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kehu.collect.encoding import BOMS

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_TEXT = 500_000  # characters of one record; DuckDB's reader takes 2 MB by default, and buffers 16 times that
_STRIDE = LONGEST_TEXT // 2
_QUOTE, _LF, _CR = b'"\n\r'


@dataclass(frozen=True)
class Span:
    """A clean stretch: its bytes, and the physical line on which it begins.

    Attributes
    ----------
    path : Path
        The file that holds it, as UTF-8.
    at, size : int
        Where it begins there, and its bytes, without the last LF.
    line : int
        Number of its first line.
    """

    path: Path
    at: int
    size: int
    line: int


def is_clean(data: bytes, delimiter: str, *, quoted: bool = True) -> bool:
    """Return True when every reader of delimited text splits these UTF-8 lines into the same records and fields.

    That is: lines end in LF or CR LF, there is no other CR, no NUL and no line of 500,000 bytes; and a quote stands
    only around a whole field, or twice inside such a field, which ends on its line.
    """
    if b"\0" in data or data.startswith(BOMS[0][0]):
        return False
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n") + data.endswith(b"\r"):
        return False
    whole = len(data) - _STRIDE
    if any(data.find(b"\n", at, at + _STRIDE) < 0 for at in range(0, max(whole, 0) + 1, _STRIDE) if at <= whole):
        return False
    return not quoted or b'"' not in data or _is_well_quoted(np.frombuffer(data, np.uint8), ord(delimiter))


def _is_well_quoted(data: np.ndarray, delimiter: int) -> bool:
    """Tell whether quotes open and close in turn, each at a field's edge or beside its twin, none across a line."""
    quotes = np.flatnonzero(data == _QUOTE)
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    before = data[opening[opening > 0] - 1]
    after = data[closing[closing < len(data) - 1] + 1]
    if not np.isin(before, (delimiter, _LF, _QUOTE)).all() or not np.isin(after, (delimiter, _LF, _CR, _QUOTE)).all():
        return False
    return not (np.searchsorted(quotes, np.flatnonzero(data == _LF)) % 2).any()


def numbers_of(data: bytes, first: int) -> np.ndarray:
    """Return the numbers of the lines that are not blank; ``first`` is that of the first line."""
    ends = np.append(np.flatnonzero(np.frombuffer(data, np.uint8) == _LF), len(data))
    starts = np.append(0, ends[:-1] + 1)
    sizes = ends - starts
    blank = sizes == 0
    if b"\r" in data:
        ones = np.flatnonzero(sizes == 1)
        blank[ones] = np.frombuffer(data, np.uint8)[starts[ones]] == _CR
    return first + np.flatnonzero(~blank)
