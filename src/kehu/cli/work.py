"""Commands of the main job: demo, init, collect, build, score, run, status, doctor, serve."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kehu.cli.app import PLACE, Json, app, folder, project
from kehu.cli.render import Steps, emit, note, table

if TYPE_CHECKING:
    from kehu.govern.slow import Slow

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All when none is named.")]
Port = Annotated[int, typer.Option("--port", help="The first port to try on 127.0.0.1.")]


@app.command()
def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop after the report.")] = False,
    port: Port = 8000,
    households: Annotated[int, typer.Option("--households", help="A smaller company, for a quick look.")] = 0,
    as_json: Json = False,
) -> None:
    """Make the demo company whole in --dir [default: demo]: its systems' files, collect, build, score, the web app."""
    from kehu.cli.login import give_logins
    from kehu.flow.demo import demo as make
    from kehu.flow.report import lines

    directory = PLACE.folder or Path("demo")
    steps = Steps()
    report = make(directory, households=households or None, progress=steps)
    give_logins(directory)
    steps.done()
    if as_json:
        emit(report)
    else:
        for line in lines(report):
            typer.echo(line)
    if not no_serve:
        from kehu.cli.serve import serve_project

        serve_project(directory, port)


@app.command()
def init(directory: Annotated[Path, typer.Argument(metavar="FOLDER")], as_json: Json = False) -> None:
    """Make an empty project: kehu.toml, policy.yml, and folders for sources and tables."""
    from kehu.flow.project import init as make

    made = make(directory)
    if as_json:
        emit({"project": str(made), "next": "kehu source add NAME PATH"})
    else:
        typer.echo(f"A project is in {made}. Next: cd {made} && kehu source add NAME PATH")


@app.command()
def collect(names: Names = None, as_json: Json = False) -> None:
    """Land the new rows of the sources, as they came."""
    from kehu.flow.pipeline import collect as work

    steps = Steps()
    landed = work(project(), names or (), progress=steps)
    steps.done()
    if as_json:
        emit({"sources": [asdict(one) for one in landed]})
        return
    table(
        ("source", "new files", "rows", "broken records", "unchanged files"),
        [(one.source, len(one.batches), one.rows, one.rejected, one.unchanged) for one in landed],
    )
    for warning in (warning for one in landed for warning in one.warnings):
        note(warning)


@app.command()
def build(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[TABLE]...", help="With what they need; all by default.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Compute every table whole, whatever changed; the rows are the same.")
    ] = False,
    engine: Annotated[
        str, typer.Option("--engine", help="What computes whole SQL tables: duckdb or spark.")
    ] = "duckdb",
    as_json: Json = False,
) -> None:
    """Bring the tables up to date, at the cost of what changed, and publish them as one named snapshot."""
    from kehu.flow.pipeline import build as work

    steps = Steps()
    report = work(project(), names or (), full=full, engine=engine, progress=steps)
    steps.done()
    if as_json:
        emit({"seconds": report.seconds, "idle": report.is_idle, "tables": [asdict(run) for run in report.tables]})
        return
    done = [run for run in report.tables if run.action in ("full", "merge")]
    shown = [(r.name, r.action, r.rows, "" if r.changed < 0 else r.changed, r.seconds, r.why) for r in done]
    if shown:
        table(("table", "done", "rows", "changed", "seconds", "why"), shown)
    skipped = sum(run.action == "skip" for run in report.tables)
    typer.echo(f"computed {len(done)}, skipped {skipped} (nothing they read changed), {report.seconds:.1f} s")


@app.command()
def score(names: Names = None, as_json: Json = False) -> None:
    """Train, back-test and publish the scorers."""
    from kehu.flow.pipeline import score as work

    steps = Steps()
    cards = work(project(), names or (), progress=steps)
    steps.done()
    if as_json:
        emit([card.as_dict() for card in cards])
        return
    for card in cards:
        for target in card.targets:
            typer.echo(f"{card.scorer} ({target.target}): {target.verdict}")
        if not card.targets:
            typer.echo(f"{card.scorer}: {card.needs}")


@app.command()
def run(as_json: Json = False) -> None:
    """Collect, build and score."""
    from kehu.flow.pipeline import run as work

    steps = Steps()
    seconds = work(project(), progress=steps)
    steps.done()
    if as_json:
        emit({"seconds": seconds})
    else:
        table(("step", "seconds"), list(seconds.items()))


@app.command()
def status(
    slow: Annotated[bool, typer.Option("--slow", help="Only the queries that took long, newest first.")] = False,
    as_json: Json = False,
) -> None:
    """Say what has been collected, built and scored, and reconcile every source with the tables."""
    from kehu.flow.status import status as ask

    if slow:
        _slow(project().workspace.slow(), as_json=as_json)
        return
    state = ask(project())
    if as_json:
        emit(state)
        return
    published = state["snapshot"]
    typer.echo(
        f"snapshot {published['id']}, {published['name']}, {published['at']}" if published else "nothing is built yet"
    )
    for part in ("sources", "entities", "identity", "trust", "quarantine", "scorers", "snapshots", "pending"):
        if rows := state[part]:
            names = tuple(name.replace("_", " ") for name in rows[0])  # so that a narrow terminal breaks them well
            table(names, [tuple(row.values()) for row in rows], title=f"\n{part}")


def _slow(queries: list[Slow], *, as_json: bool) -> None:
    if as_json:
        emit([asdict(query) for query in queries])
        return
    for query in queries:
        typer.echo(f"{query.at}  {query.seconds:.1f} s  {query.outcome}  {query.action} {query.subject}  {query.roles}")
        typer.echo(f"  {query.sql}")
        for line in query.plan:
            typer.echo(f"    {line}")
    if not queries:
        typer.echo("no query took longer than slow_query_seconds")


@app.command()
def doctor(
    mend: Annotated[bool, typer.Option("--mend", help="Mend what can be mended without losing a row.")] = False,
    as_json: Json = False,
) -> None:
    """Look for what is wrong with the project and this machine, and say how to mend it."""
    from kehu.flow.doctor import doctor as look
    from kehu.flow.doctor import mend as work

    steps = Steps()
    findings = work(folder(), progress=steps) if mend else look(folder())
    steps.done()
    if as_json:
        emit([asdict(finding) for finding in findings])
    else:
        table(("", "what", "found", "fix"), [("ok" if f.ok else "!!", f.what, f.found, f.fix) for f in findings])
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def serve(port: Port = 8000) -> None:
    """Serve the web app on 127.0.0.1 (the next free port when this one is busy)."""
    from kehu.cli.serve import serve_project

    note("Ctrl-C stops it")
    serve_project(folder(), port)
