"""Which files of a folder are one stream, and what the stream is called."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kehu.collect.connector import StreamLook

_ENDING = re.compile(r"(\.(csv|tsv|txt|jsonl|ndjson|json|parquet|pq|xlsx|xlsm|sqlite3?|db))?(\.gz)?$", re.IGNORECASE)


def stream_name(file: str, *, fallback: str = "stream") -> str:
    """Return a stream's name made of a file, sheet or table name: lower case, letters and digits, no dates.

    Examples
    --------
    >>> stream_name("Orders 2017-01.csv"), stream_name("订单.csv"), stream_name("2017-01.csv", fallback="pos")
    ('orders', '订单', 'pos')
    """
    stem = _ENDING.sub("", PurePosixPath(file).name)
    undated = re.sub(r"(?<!\d)\d{2,}(?:[-_.]?\d+)*", "_", stem)
    undated = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", undated)
    plain = re.sub(r"[\W_]+", "_", undated).strip("_").lower()
    if not re.search(r"[^\W\d_]", plain):
        plain = re.sub(r"[\W_]+", "_", fallback).strip("_").lower()
    return plain or "stream"


def grouped(looks: dict[str, list[StreamLook]], *, folder: str) -> list[StreamLook]:
    """Return the streams of a folder from the looks at each of its files.

    Parameters
    ----------
    looks : dict of str to list of StreamLook
        By file, relative to the folder.
    folder : str
        The folder's name: the stream's name where files are named by date only.
    """
    groups: dict[tuple[object, ...], list[tuple[str, StreamLook]]] = {}
    for file, found in looks.items():
        for one in found:
            key = (_pattern(file), one.connector, one.sheet, one.table, tuple(column.name for column in one.columns))
            groups.setdefault(key, []).append((file, one))
    return [_stream(members, set(looks), folder) for members in groups.values()]


def _pattern(file: str) -> str:
    return re.sub(r"\d+(?:[-_.]\d+)*", "*", file)


def _stream(members: list[tuple[str, StreamLook]], others: set[str], folder: str) -> StreamLook:
    files, first = tuple(file for file, _ in members), members[0][1]
    encodings = {one.encoding for _, one in members}
    within = first.sheet or first.table
    single_holder = within and len(files) == 1
    return replace(
        first,
        name=stream_name(within if single_holder else _pattern(files[0]).replace("*", "_"), fallback=folder),
        file=_glob(files, others),
        files=files,
        encoding=first.encoding if len(encodings) == 1 else "",
        rows=sum(one.rows for _, one in members),
    )


def _glob(files: tuple[str, ...], others: set[str]) -> str:
    if len(files) == 1:
        return files[0]
    wide = _pattern(files[0])
    exact = re.sub(r"\d", "[0-9]", files[0])
    for glob in (wide, exact):
        if {file for file in others if fnmatchcase(file, glob)} == set(files):
            return glob
    return wide


def unique_names(looks: list[StreamLook]) -> list[StreamLook]:
    """Return the looks with names made different by ``_2``, ``_3`` where they are not."""
    seen: set[str] = set()
    result = []
    for one in looks:
        unique, again = one.name, 2
        while unique in seen:
            unique, again = f"{one.name}_{again}", again + 1
        seen.add(unique)
        result.append(replace(one, name=unique))
    return result
