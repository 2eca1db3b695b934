"""Excel workbooks, opened by a limited child process."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from kehu.base.errors import SourceError, did_you_mean
from kehu.collect.column import sampled
from kehu.collect.connector import Reading, Stream, StreamLook
from kehu.collect.delimited import rejects_of, select_of
from kehu.collect.dialect import column_names

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from kehu.base.types import Json

# SECURITY.md row 25: inflated size at most 20 times or 200 MB, checked before parsing; small files may be denser
_INFLATED_MOST, _INFLATED_FREE, _RATIO_MOST = 200 << 20, 20 << 20, 20
_SECONDS = 600


class Excel:
    """Reads .xlsx and .xlsm: one stream per sheet, every cell as text, ``_line`` is the sheet's own row number.

    Dates become ISO text, numbers their shortest text, formulas their last value. Rows above the header (titles) are
    left out.
    """

    suffixes = (".xlsx", ".xlsm", ".xls")

    def look(self, path: Path, connection: DuckDBPyConnection, scratch: Path) -> list[StreamLook]:
        """Return one stream per sheet that holds a table."""
        found = []
        for sheet in _sheets(path, scratch):
            if not sheet["header"]:
                continue
            columns = tuple((column, "VARCHAR") for column in column_names(sheet["header"]))
            looks, sample = sampled(connection, select_of(scratch / sheet["copy"], columns, ","), columns)
            found.append(StreamLook("", "excel", sheet=sheet["name"], columns=looks, rows=sheet["rows"], sample=sample))
        if not found:
            raise SourceError("no sheet holds a table", where=str(path), fix="Put a header row above the values")
        return found

    def read(self, path: Path, stream: Stream, connection: DuckDBPyConnection, scratch: Path) -> Reading:  # noqa: ARG002
        """Copy the sheets into ``scratch`` (once) and return how DuckDB reads one of them.

        Raises
        ------
        SourceError
            When the workbook is broken, of the old .xls kind, a zip bomb, or has no such sheet.
        """
        sheets = {sheet["name"]: sheet for sheet in _sheets(path, scratch)}
        name = stream.sheet or next(iter(sheets))
        if name not in sheets:
            fix = f"{did_you_mean(name, sheets)} It has {', '.join(sheets)}".strip()
            raise SourceError(f"no sheet {name!r}", where=str(path), fix=fix)
        columns = tuple((column, "VARCHAR") for column in column_names(sheets[name]["header"]))
        if not columns:
            raise SourceError(
                "the sheet is empty", where=f"{path}, sheet {name}", fix="Put a header row above the values"
            )
        copy = scratch / sheets[name]["copy"]
        return Reading(
            columns,
            select_of(copy, columns, ",", tag=copy.stem, parallel=False),
            rejects_select=rejects_of(copy.stem, ","),
            written=sheets[name]["rows"],
        )


def _sheets(path: Path, scratch: Path) -> list[dict[str, Json]]:
    stem = f"book{path.stat().st_ino}"
    report = scratch / f"{stem}.json"
    if not report.exists():
        _require_plain_zip(path)
        command = [sys.executable, "-m", "kehu.collect.workbook", str(path), str(scratch), stem]
        try:
            child = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            fix = "Save the sheet as CSV"
            raise SourceError("the workbook took more than ten minutes", where=str(path), fix=fix) from error
        if child.returncode != 0:
            why = child.stderr.strip().splitlines()[-1:] or ["it needs more memory than a workbook may"]
            fix = "Open it in Excel and save it again as .xlsx, or save the sheet as CSV"
            raise SourceError(f"the workbook cannot be read: {why[0][:300]}", where=str(path), fix=fix)
    sheets: list[dict[str, Json]] = json.loads(report.read_text(encoding="utf-8"))
    return sheets


def _require_plain_zip(path: Path) -> None:
    where = str(path)
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise SourceError("the file is empty (0 bytes)", where=where, fix="Export it again")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        fix = "Open it in Excel and save it as .xlsx without a password"
        raise SourceError("an old .xls or a password-protected workbook", where=where, fix=fix)
    try:
        with zipfile.ZipFile(path) as archive:
            inflated = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        fix = "Open it in Excel and save it again as .xlsx, or save the sheet as CSV"
        raise SourceError(f"the workbook is broken: {error}", where=where, fix=fix) from error
    ratio = inflated / max(1, path.stat().st_size)
    if inflated > _INFLATED_MOST or (inflated > _INFLATED_FREE and ratio > _RATIO_MOST):
        what = f"inflates to {inflated >> 20} MB ({ratio:.0f} times its size): refused as a possible zip bomb"
        raise SourceError(what, where=where, fix="If it is genuine, save the sheets as CSV")
