"""The main job: collect -> build -> score, each whole or not at all."""

from __future__ import annotations

import time
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from kehu.base.clock import now
from kehu.base.errors import SettingsError, SourceError, did_you_mean
from kehu.base.progress import Progress, silent
from kehu.flow.decision import settle, take_in
from kehu.flow.seconds import keep
from kehu.flow.source import demand_preferred, mappings, sources
from kehu.flow.tables import full_catalog
from kehu.warehouse.recall import recalled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.base.settings import Settings
    from kehu.collect.land import Landed
    from kehu.flow.project import Project
    from kehu.predict.card import Card
    from kehu.warehouse.build.build import BuildReport
    from kehu.warehouse.build.run import Engine

SCORED = "score"  # the name of the snapshot that shows the scores
AFTER_SCORE = ("customer_score", "customer_360")


def collect(project: Project, names: Sequence[str] = (), *, progress: Progress = silent) -> list[Landed]:
    """Land the new and changed files of sources, one transaction a source; what was landed before is skipped.

    Returns
    -------
    list of Landed
        One per source, in the order of their names.

    Raises
    ------
    SourceError
        When a file is missing, broken or not what its mapping says. Nothing of that source is landed then; the
        other sources are.
    """
    from kehu.collect.land import land

    landed, failed = [], []
    for source in sources(project, names):
        try:
            with project.workspace.write(f"collect {source.name}", publish=False) as writer:
                landed.append(land(writer, source, at=now(), progress=progress))
        except SourceError as error:
            failed.append(error)
    if len(failed) > 1:
        raise SourceError("; ".join(map(str, failed)), where=f"{len(failed)} sources", fix="The others are landed")
    if failed:
        raise failed[0]
    return landed


def build(
    project: Project,
    names: Sequence[str] = (),
    *,
    full: bool = False,
    engine: str = "duckdb",
    progress: Progress = silent,
) -> BuildReport:
    """Bring tables up to date (all by default, else those named with what they read) and publish them as one snapshot.

    Parameters
    ----------
    project : Project
        Opened as the owner.
    names : sequence of str
        Tables to build with what they read; all when empty.
    full : bool
        Compute every table whole from raw rows and ledgers; else the cost follows what changed.
    engine : str
        What computes whole SQL tables: ``duckdb``, ``spark`` or another of the entry points ``kehu.engines``.
    progress : Progress
        Told of every table.

    Raises
    ------
    TableError
        When a table or a check fails; nothing is published then, and the last snapshot stays.
    SettingsError
        When survivorship prefers a source that the project does not have.
    """
    from kehu.warehouse.build.build import Scope
    from kehu.warehouse.build.build import build as compute

    demand_preferred(project)
    held, started = engine_named(engine, project.settings), time.monotonic()
    with (
        recalled(project.settings.data / "parsed.json"),
        project.workspace.write(f"build {' '.join(names)}".strip(), publish=True) as writer,
    ):
        decided = take_in(project, writer)
        catalog = full_catalog(project, writer.tables(), mappings(project))
        scope = Scope(names or None, full=full)
        report = compute(writer, catalog, project.settings, scope, engine=held, progress=progress)
    settle(project, decided)
    keep(project.settings, build=time.monotonic() - started)
    return report


def engine_named(name: str, settings: Settings) -> Engine | None:
    """Return the engine of that name; None is DuckDB, which every build uses for all but whole SQL tables.

    Raises
    ------
    SettingsError
        When there is no such engine.
    """
    if name == "duckdb":
        return None
    found = {entry.name: entry for entry in entry_points(group="kehu.engines")}
    if name not in found:
        fix = did_you_mean(name, found) or f"Use one of duckdb, {', '.join(sorted(found))}"
        raise SettingsError(f"there is no engine {name!r}", where="--engine", fix=fix)
    made: Engine = found[name].load()(settings)
    return made


def score(project: Project, names: Sequence[str] = (), *, progress: Progress = silent) -> list[Card]:
    """Test and run scorers, then publish the customers with their scores.

    Raises
    ------
    ScorerError
        When there is no such scorer, or nothing is built yet.
    """
    from kehu.predict.score import score as run_scorers
    from kehu.warehouse.build.build import Scope
    from kehu.warehouse.build.build import build as compute

    cards = run_scorers(project.workspace, names or None, progress)
    with project.workspace.write(SCORED, publish=True) as writer:
        catalog = full_catalog(project, writer.tables(), mappings(project))
        compute(writer, catalog, project.settings, Scope(AFTER_SCORE, alone=True), progress=progress)
    return cards


def evaluate(project: Project, name: str) -> Card:
    """Return the card of a scorer on the published tables; nothing is written."""
    from kehu.predict.score import evaluate as judge

    return judge(project.workspace, name)


def run(project: Project, *, progress: Progress = silent) -> dict[str, float]:
    """Collect, build and score; return the seconds of each step that ran.

    What nothing changed for is not done again: the build is at the cost of what changed, and scorers run only when
    the published tables are newer than their scores.

    Parameters
    ----------
    project : Project
        Opened as the owner.
    progress : Progress
        Told each step.
    """
    seconds: dict[str, float] = {}
    for step in (collect, build, score):
        if step is score and is_whole(project):
            break
        started = time.monotonic()
        step(project, progress=progress)
        seconds[step.__name__] = time.monotonic() - started
    project.workspace.tidy()
    return seconds


def is_whole(project: Project) -> bool:
    """Tell whether the newest published snapshot shows the scores and every row that landed."""
    published = project.workspace.snapshot()
    return published is not None and published.name == f"publish: {SCORED}" and not project.workspace.pending()
