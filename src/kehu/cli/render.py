"""How answers are shown: one JSON document, or text for people; progress and messages on standard error."""

from __future__ import annotations

import csv
import json
import sys
import time
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kehu.base.errors import KehuError
    from kehu.base.types import Json, Result


def plain(value: Any) -> Json:  # noqa: ANN401  # any SQL value
    """Return a JSON-ready value: DECIMAL as string, times as ISO 8601 (UTC times end in Z)."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + ("" if value.tzinfo else "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def emit(document: Json) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(document, default=plain, ensure_ascii=False, indent=2) + "\n")


def note(line: str) -> None:
    """Tell the person at the terminal something that is not the answer."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def fail(error: KehuError, *, as_json: bool) -> None:
    """Show an error: what, where, the fix; as the one JSON document when JSON was asked for."""
    if as_json:
        emit(error.as_dict())
    note(f"kehu: {error}")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """Print rows as a table that fits the terminal; numbers stand right."""
    from rich.console import Console
    from rich.table import Table

    rows = [list(row) for row in rows]
    grid = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for position, name in enumerate(columns):
        numeric = bool(rows) and all(
            isinstance(row[position], (int, float, Decimal)) or row[position] is None for row in rows
        )
        grid.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(text(cell) for cell in row))
    Console(highlight=False, soft_wrap=not sys.stdout.isatty()).print(grid)


def text(cell: Any) -> str:  # noqa: ANN401  # any SQL value
    """Return a cell for people: grouped numbers, empty for NULL."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.4g}" if abs(cell) < 1000 else f"{cell:,.0f}"
    if isinstance(cell, Decimal):
        return f"{cell:,}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)


def comma_separated(result: Result) -> None:
    """Print a result as CSV."""
    writer = csv.writer(sys.stdout)
    writer.writerow(result.columns)
    writer.writerows([["" if cell is None else cell for cell in row] for row in result.rows])


class Steps:
    """Progress on standard error: a line a step, with the seconds it took; a bar on a terminal."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.step = ""

    def __call__(self, step: str, fraction: float | None = None) -> None:
        """Show the step; on a terminal the same line is rewritten while the fraction grows."""
        terminal = sys.stderr.isatty()
        if step != self.step:
            self._line(f"{'' if not self.step or not terminal else chr(10)}", end="")
            self.step = step
            if not terminal:
                self._line(f"{time.monotonic() - self.started:6.1f} s  {step}")
        if terminal:
            filled = "" if fraction is None else f" [{'=' * round(20 * fraction):<20}] {fraction:4.0%}"
            self._line(f"\r{time.monotonic() - self.started:6.1f} s  {step}{filled}", end="")

    def done(self) -> float:
        """End the last line; return the seconds since the start."""
        if self.step and sys.stderr.isatty():
            self._line("")
        return time.monotonic() - self.started

    @staticmethod
    def _line(line: str, end: str = "\n") -> None:
        sys.stderr.write(line + end)
        sys.stderr.flush()
