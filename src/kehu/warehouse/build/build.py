"""Build tables in order, inside one transaction of the lake, at the cost of what changed, and check each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.base.progress import Progress, silent
from kehu.warehouse.build import state
from kehu.warehouse.build.change import Changes, altered
from kehu.warehouse.build.compute import show_settings
from kehu.warehouse.build.keep import keep
from kehu.warehouse.build.plan import Decision, decide
from kehu.warehouse.build.run import Run
from kehu.warehouse.build.whole import whole
from kehu.warehouse.session.spare import spare_arrow
from kehu.warehouse.store.engine import name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.base.settings import Settings
    from kehu.warehouse.build.run import Engine
    from kehu.warehouse.catalog import Catalog
    from kehu.warehouse.lake import Writer
    from kehu.warehouse.table import Table

__all__ = ["BuildReport", "Scope", "TableRun", "build", "ensure"]


@dataclass(frozen=True)
class Scope:
    """What a build is asked for.

    Attributes
    ----------
    names : iterable of str or None
        Tables to build, with everything they read; None means all.
    alone : bool
        Build the named tables only; what they read stays as the lake holds it.
    full : bool
        Compute every table whole from raw rows and ledgers, whatever changed.
    """

    names: Iterable[str] | None = None
    alone: bool = False
    full: bool = False


@dataclass(frozen=True)
class TableRun:
    """How building one table went.

    Attributes
    ----------
    name : str
        The table.
    action : str
        ``full`` (computed whole), ``merge`` (touched keys only), ``skip`` (nothing to do) or ``ledger``.
    why : str
        The reason in words.
    rows : int
        Rows it holds now; of a skipped table -1, nobody counted.
    changed : int
        Rows that went and came; -1 when it was written anew without comparing.
    seconds : float
        Time it took.
    """

    name: str
    action: str
    why: str
    rows: int
    changed: int
    seconds: float


@dataclass(frozen=True)
class BuildReport:
    """How a build went, table by table, with the seconds of the whole."""

    tables: tuple[TableRun, ...]
    seconds: float

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do."""
        return all(run.action in ("skip", "ledger") for run in self.tables)


def build(
    writer: Writer,
    catalog: Catalog,
    settings: Settings,
    scope: Scope | None = None,
    *,
    engine: Engine | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Bring tables up to date in dependency order inside the writer's transaction.

    A table is computed whole when it is new, its definition or the settings changed, or an input changed that it does
    not follow; a ``merge`` table else only for the keys that changes touch; a table nothing changed for is skipped.
    Every way gives the same rows.

    Parameters
    ----------
    writer : Writer
        An open transaction; whoever opened it with ``publish=True`` publishes the result on success. When there is
        nothing to do it is left empty, which makes no snapshot.
    catalog : Catalog
        All tables of the project.
    settings : Settings
        Shown to SQL as the one-row table ``workspace_setting`` (time_zone, currency, name).
    scope : Scope, optional
        Which tables, and whether to recompute them all; all tables at the cost of the change when None.
    engine : Engine, optional
        What computes whole SQL tables; DuckDB when None.
    progress : Progress
        Told each table's name and the share of tables done.

    Returns
    -------
    BuildReport
        One `TableRun` per table of the lake, in build order: what was done and why.

    Raises
    ------
    TableError
        When a table's SQL, its columns or a check fail; nothing is published then.
    """
    start, scope = time.monotonic(), scope or Scope()
    spare_arrow()
    show_settings(writer, settings)
    order = catalog.order(scope.names)
    if scope.alone and scope.names is not None:
        order = [table for table in order if table in set(scope.names)]
    stored = [table for table in order if catalog.tables[table].is_stored]
    before, now = state.built(writer), state.digests(catalog, settings, stored)
    is_current = [table for table in stored if table in before and before[table].digest == now[table]]
    latest = state.committed(writer)
    since = min((before[table].snapshot for table in is_current), default=latest)
    known = {table for table in catalog.tables if catalog.tables[table].is_stored} | state.followed_raw(catalog)
    changes = Changes(writer, latest if scope.full else since, known)
    run = Run(writer, catalog, settings, changes, engine, progress, counted=state.held(writer, catalog))
    runs = []
    for number, table in enumerate(stored):
        progress(table, number / len(stored))
        is_exact = table in is_current and before[table].snapshot == since
        current = None if scope.full or table not in is_current else is_exact
        runs.append(_one(run, catalog.tables[table], current, asked=scope.full))
        run.forget(stored[number + 1 :])
    report = BuildReport(tuple(runs), time.monotonic() - start)
    if not report.is_idle or changes.since < latest or now.items() - {t: b.digest for t, b in before.items()}.items():
        fresh = {table: state.Built(now[table], latest + 1) for table in stored}
        state.record(writer, {**_untouched(run, before, latest), **fresh})
    progress("built", 1.0)
    return report


def _untouched(run: Run, before: dict[str, state.Built], latest: int) -> dict[str, state.Built]:
    """Return the state of all tables, brought forward where none of what a table reads changed since it was built."""
    changed = {since: altered(run.writer, since).keys() for since in {one.snapshot for one in before.values()}}
    own = {table for table in run.catalog.tables if run.changes.of(table) != "none"}
    found = {}
    for table, one in before.items():
        is_known = table in run.catalog.tables
        is_behind = is_known and ({*changed[one.snapshot], *own} & set(state.inputs(run.catalog, table)))
        found[table] = one if is_behind else state.Built(one.digest, latest + 1)
    return found


def _one(run: Run, table: Table, is_exact: bool | None, *, asked: bool) -> TableRun:
    """Build one table; ``is_exact`` is None when what the lake holds of it cannot be built on."""
    start = time.monotonic()
    if table.kind == "ledger":
        ensure(run.writer, table)
        return TableRun(table.name, "ledger", "facts, appended by others", -1, 0, time.monotonic() - start)
    if is_exact is None:
        is_new = not run.writer.has(table.name)
        why = "asked for" if asked else "not built yet" if is_new else "its definition or the settings changed"
        decision = Decision("full", why)
    else:
        decision = decide(run, table, is_exact=is_exact)
    if decision.action == "skip":
        return TableRun(table.name, "skip", decision.why, -1, 0, time.monotonic() - start)
    is_merge = decision.action == "merge"
    changed = keep(run, table) if is_merge else whole(run, table, compare=is_exact is not None)
    rows = run.count(table.name)
    return TableRun(table.name, decision.action, decision.why, rows, changed, time.monotonic() - start)


def ensure(writer: Writer, table: Table) -> None:
    """Create a ledger from its header when it is absent, and add the columns its header has gained."""
    if not writer.has(table.name):
        columns = ", ".join(f"{name(column.name)} {column.type}" for column in table.columns)
        writer.connection.execute(f"CREATE TABLE lake.main.{name(table.name)} ({columns})")
        return
    known = {column for column, _ in writer.tables()[table.name]}
    for column in table.columns:
        if column.name not in known:
            addition = f"ADD COLUMN {name(column.name)} {column.type}"
            writer.connection.execute(f"ALTER TABLE lake.main.{name(table.name)} {addition}")
