"""Delimiter and header of delimited text, found by looking at its first records."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DELIMITERS = (",", ";", "\t", "|")
RESERVED = ("_row_id", "_file", "_line", "_batch_id", "_landed_at")
_VALUE = re.compile(r"^[\s+\-(]*[\d.,:/\s%¥$€-]*\d[\d.,:/\sTZ%)-]*$|@|^https?://|^(true|false|yes|no)$", re.IGNORECASE)


def fields(record: str, delimiter: str) -> list[str]:
    """Return the fields of one record, quotes taken off."""
    csv.field_size_limit(max(csv.field_size_limit(), len(record) + 1))
    return next(csv.reader(record.splitlines(keepends=True), delimiter=delimiter), [])


def delimiter_of(records: Sequence[str]) -> str:
    """Return the delimiter by which most records fall into the same, largest number of fields; ``,`` when none does.

    Examples
    --------
    >>> delimiter_of(["name;city", "Ann;Oslo, Norway", "Bob;Rome"])
    ';'
    """
    best = (0.0, 0, ",")
    for delimiter in DELIMITERS:
        counts = Counter(len(fields(record, delimiter)) for record in records)
        width, times = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        agreed = times / max(1, len(records))
        if width > 1 and (round(agreed, 1), width) > best[:2]:
            best = (round(agreed, 1), width, delimiter)
    return best[2]


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return True when the first row names columns.

    It does not when a cell is a value (number, date, e-mail, yes/no), when a name is missing where the column has
    values or stands twice, or when a cell comes again below in its own column of repeating values.
    """
    if not rows:
        return False
    first, body = [cell.strip() for cell in rows[0]], [row for row in rows[1:] if len(row) == len(rows[0])]
    if any(cell and _VALUE.search(cell) for cell in first) and not _numbered(first):
        return False
    named = [cell for cell in first if cell]
    if len(named) * 2 < len(first) or not named:
        return False
    again = sum(any(row[at].strip() == cell for row in body) for at, cell in enumerate(first) if cell)
    return again * 2 < len(named)


def _numbered(first: Sequence[str]) -> bool:
    # years or months across the top ("2017", "2018") are names when some other cell is a plain word
    values = [cell for cell in first if cell and _VALUE.search(cell)]
    return len(set(first)) == len(first) and len(values) < len(first) / 2 and all(cell.isdigit() for cell in values)


def column_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as the source writes them, made usable.

    Outer spaces go; an empty name becomes ``column_<n>``; a name that stands twice (DuckDB ignores case), or is one
    of Kehu's own, gets ``_2``, ``_3``.

    Examples
    --------
    >>> column_names(["姓名", " id ", "", "ID", "_line"])
    ('姓名', 'id', 'column_3', 'ID_2', '_line_2')
    """
    seen, result = set(RESERVED), []
    for position, name in enumerate(names, 1):
        plain = name.strip().strip("\ufeff") or f"column_{position}"
        unique, again = plain, 2
        while unique.lower() in seen:
            unique, again = f"{plain}_{again}", again + 1
        seen.add(unique.lower())
        result.append(unique)
    return tuple(result)
