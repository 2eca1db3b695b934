"""How answers are shown: one JSON document, or text for people; progress and messages on standard error."""

from __future__ import annotations

import csv
import os
import sys
import time
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kehu.flow.save import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kehu.base.errors import KehuError
    from kehu.base.types import Json, Result

CLEAR = "\r\033[K"  # what a progress line left on the terminal


def emit(document: Json) -> None:
    """Print one JSON document."""
    sys.stdout.write(f"{as_json(document)}\n")


def note(line: str) -> None:
    """Tell the person at the terminal something that is not the answer; say nothing where events go instead."""
    if is_machine_read():
        return
    sys.stderr.write(f"{CLEAR if sys.stderr.isatty() else ''}{line}\n")
    sys.stderr.flush()


def is_machine_read() -> bool:
    """Return whether standard error holds events as JSON, and no words for people."""
    return os.environ.get("KEHU_LOG") == "json"


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
    grid = Table(header_style="bold", box=None, pad_edge=False)
    for position, name in enumerate(columns):
        numeric = bool(rows) and all(
            isinstance(row[position], (int, float, Decimal)) or row[position] is None for row in rows
        )
        grid.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(text(cell) for cell in row))
    width = None if sys.stdout.isatty() else 10_000  # a file or a pipe has room for every column
    console = Console(highlight=False, markup=False, emoji=False, width=width)
    with console.capture() as shown:
        console.print(grid)
    lines = [title] * bool(title) + [line.rstrip() for line in shown.get().splitlines()]
    sys.stdout.write("\n".join(lines) + "\n")


def text(cell: Any) -> str:  # noqa: ANN401  # any SQL value
    """Return a cell for people: grouped numbers, empty for NULL, on one line, nothing that steers a terminal."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:,.4g}" if abs(cell) < 1000 else f"{cell:,.0f}"
    if isinstance(cell, (int, Decimal)):
        return f"{cell:,}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    letters = "" if cell is None else str(cell)
    return letters if letters.isprintable() else "".join(one if one.isprintable() else " " for one in letters)


def comma_separated(result: Result) -> None:
    """Print a result as CSV."""
    writer = csv.writer(sys.stdout)
    writer.writerow(result.columns)
    writer.writerows([["" if cell is None else cell for cell in row] for row in result.rows])


class Steps:
    """Progress on standard error: one line rewritten on a terminal, else a line a second at most."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.told = -1.0

    def __call__(self, step: str, fraction: float | None = None) -> None:
        """Show the step, and how much of the work around it is done."""
        if is_machine_read():
            return
        elapsed = time.monotonic() - self.started
        filled = "" if fraction is None else f" [{'=' * round(20 * fraction):<20}] {fraction:4.0%}"
        if sys.stderr.isatty():
            sys.stderr.write(f"{CLEAR}{elapsed:6.1f} s  {step}{filled}")
        elif elapsed - self.told >= 1:
            self.told = elapsed
            sys.stderr.write(f"{elapsed:6.1f} s  {step}\n")
        sys.stderr.flush()

    def done(self) -> None:
        """Leave the terminal's line to the answer."""
        if sys.stderr.isatty():
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
