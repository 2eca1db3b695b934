"""Whether a table must be computed whole, for touched keys only, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kehu.warehouse.build.increment import touch
from kehu.warehouse.build.slices import coming, moved, staying
from kehu.warehouse.build.state import inputs

if TYPE_CHECKING:
    from kehu.warehouse.build.run import Run
    from kehu.warehouse.table import Table

MANY = 0.3  # touched keys per row of the table or its inputs beyond which computing it whole is the cheaper way
ALWAYS_FEW = 1_000


@dataclass(frozen=True)
class Decision:
    """What to do with a table, and why in words."""

    action: Literal["full", "merge", "skip"]
    why: str


def decide(run: Run, table: Table, *, is_exact: bool) -> Decision:
    """Decide about a table whose stored rows are right but for changes of its inputs; leaves its ``touched`` keys."""
    changes = run.changes
    read = inputs(run.catalog, table.name)
    touched = [other for other in read if other in table.follows and table.follows[other].touched]
    if whole := [other for other in touched if changes.was_whole(other)]:
        return Decision("full", f"{_listed(whole)} was computed whole")
    changed = [
        other for other in read if changes.of(other) != "none" or (other in touched and changes.was_touched(other))
    ]
    if not changed:
        return Decision("skip", "nothing it reads changed")
    if unfollowed := [other for other in changed if table.kind != "merge" or other not in table.follows]:
        return Decision("full", f"{_listed(unfollowed)} changed")
    if rewritten := [other for other in changed if changes.of(other) == "all"]:
        return Decision("full", f"{_listed(rewritten)} changed as a whole")
    return _by_keys(run, table, changed, is_exact=is_exact)


def _by_keys(run: Run, table: Table, changed: list[str], *, is_exact: bool) -> Decision:
    with staying(run, table):
        keys = touch(run.writer, table, run.changes, is_exact=is_exact)
    slices = coming(run, table)
    if not keys and not moved(run, table):
        return Decision("skip", f"{_listed(changed)} changed, but nothing it shows")
    if slices and slices > MANY * run.count(table.slice_by[0]):
        return Decision("full", f"{slices} slices of {table.slice_by[0]} changed")
    if keys > ALWAYS_FEW:
        followed = [other for other in table.follows if run.writer.has(other)]
        rows = max(run.count(other) for other in (table.name, *followed))
        if keys > MANY * rows:
            return Decision("full", f"{keys} keys touched of {rows} rows")
    found = f"{keys} keys, {slices} slices" if slices else f"{keys} keys"
    return Decision("merge", f"{_listed(changed)} changed: {found}")


def _listed(tables: list[str]) -> str:
    shown = ", ".join(tables[:3])
    return shown if len(tables) <= 3 else f"{shown} and {len(tables) - 3} more"
