"""Rows as a file for a spreadsheet: CSV with a byte-order mark, or XLSX; no cell can run as a formula."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
ROW_LIMIT = 1_048_575  # a sheet holds 1,048,576 rows, one of them the header


def safe(cell: object) -> object:
    """Return ``cell`` so that a spreadsheet shows it as it is: text that begins like a formula gets a quote.

    Examples
    --------
    >>> safe("=1+1"), safe(-5), safe(None)
    ("'=1+1", -5, '')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, float):
        return round(cell, 6)
    return cell


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return the rows as CSV in UTF-8 with a byte-order mark, as Excel needs it for Chinese."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe(name) for name in columns])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, sheet: str = "Kehu") -> bytes:
    """Return the rows as a workbook; more rows than a sheet holds go on to further sheets."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, start in enumerate(range(0, max(len(rows), 1), ROW_LIMIT), start=1):
            page = book.add_worksheet(sheet if number == 1 else f"{sheet} {number}")
            page.freeze_panes(1, 0)
            page.set_column(0, max(len(columns) - 1, 0), 16)
            page.write_row(0, 0, columns, head)
            for line, row in enumerate(rows[start : start + ROW_LIMIT], start=1):
                for place, cell in enumerate(row):
                    _write(page, (line, place), cell, day)
    return out.getvalue()


def _write(page: Any, place: tuple[int, int], cell: object, day: object) -> None:  # noqa: ANN401  # untyped library
    if cell is None:
        return
    if isinstance(cell, date) and not isinstance(cell, datetime):
        page.write_datetime(*place, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001  # a plain day
    elif isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        page.write_number(*place, cell)
    else:
        page.write_string(*place, str(safe(cell)))
