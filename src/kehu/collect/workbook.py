"""The child process that opens a workbook: limited in memory, writes every sheet as numbered CSV.

``python -m kehu.collect.workbook FILE FOLDER STEM`` writes ``STEM.json`` and one ``STEM-<n>.csv`` per sheet.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import load_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kehu.base.types import Json

MEMORY = 1 << 30  # bytes of address space; read-only openpyxl needs some 100 MB for any honest workbook
_TITLE_ROWS = 20

Row = tuple[int, list[str]]


def write_sheets(path: Path, folder: Path, stem: str) -> list[dict[str, Json]]:
    """Write each sheet of a workbook as numbered CSV; return name, header, rows and copy of each."""
    book = load_workbook(path, read_only=True, data_only=True)
    sheets = []
    for position, sheet in enumerate(book.worksheets):
        copy = f"{stem}_{position}.csv"  # its stem names a table
        rows = ((at, [_text(cell) for cell in row]) for at, row in enumerate(sheet.iter_rows(values_only=True), 1))
        header, count = _write(rows, folder / copy)
        sheets.append({"name": sheet.title, "header": header, "rows": count, "copy": copy})
    return sheets


def _write(rows: Iterator[Row], copy: Path) -> tuple[list[str], int]:
    first = list(islice(rows, _TITLE_ROWS))
    at = _header_at([row for _, row in first])
    header = _trimmed(first[at][1]) if first else []
    count = 0
    with copy.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for number, row in chain(first[at + 1 :], rows):
            if any(row):
                writer.writerow([number, *row[: len(header)], *[""] * (len(header) - len(row))])
                count += 1
    return header, count


def _header_at(rows: Sequence[Sequence[str]]) -> int:
    filled = [sum(1 for cell in row if cell) for row in rows]
    widest = max(filled, default=0)
    return next((at for at, count in enumerate(filled) if count and count * 2 > widest), 0)


def _trimmed(header: list[str]) -> list[str]:
    while header and not header[-1]:
        header = header[:-1]
    return header


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).replace("\r\n", "\n").replace("\r", " ").replace("\0", "")


def _main(path: str, folder: str, stem: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sheets = write_sheets(Path(path), Path(folder), stem)
    Path(folder, f"{stem}.json").write_text(json.dumps(sheets, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
