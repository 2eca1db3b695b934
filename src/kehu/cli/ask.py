"""Commands that ask: query, show, lineage, evaluate, audit verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kehu.base.errors import KehuError
from kehu.cli.app import As, Json, app, project
from kehu.cli.render import comma_separated, emit, note, table

if TYPE_CHECKING:
    from kehu.predict.card import Card

Format = Literal["table", "csv", "json", "parquet", "xlsx"]
audit = typer.Typer(help="Who did what.", no_args_is_help=True)
app.add_typer(audit, name="audit")


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the tables of this workspace.")],
    as_: As = "",
    at: Annotated[str, typer.Option("--at", metavar="SNAPSHOT", help="A published snapshot's number, or a day.")] = "",
    form: Annotated[Format, typer.Option("--format", help="How to show the rows.")] = "table",
    output: Annotated[Path | None, typer.Option("--output", help="Write to this file instead.")] = None,
    as_json: Json = False,
) -> None:
    """Ask the published tables, under the rights of the one who asks."""
    from kehu.flow.ask import ask
    from kehu.flow.save import document, save

    result = ask(project(as_), sql, at=at)
    shape = "json" if as_json else form
    if output:
        save(result, output, None if form == "table" else form)
        note(f"{len(result.rows):,} rows in {output}")
        if as_json:
            emit({"output": str(output), "rows": len(result.rows), "snapshot": result.snapshot})
    elif shape == "json":
        emit(document(result))
    elif shape == "csv":
        comma_separated(result)
    elif shape == "table":
        table(result.columns, result.rows)
        note(f"{len(result.rows):,} rows, snapshot {result.snapshot}")
    else:
        raise KehuError(f"{shape} cannot be shown on a terminal", fix=f"Add --output FILE.{shape}")


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="[TABLE]")] = "", as_json: Json = False) -> None:
    """Show a table: what it is, its columns, what it is made from, its SQL; or list the tables."""
    from kehu.flow.ask import listed
    from kehu.flow.ask import show as look

    answer = look(project(), name) if name else listed(project())
    if as_json:
        emit(answer)
    elif isinstance(answer, dict):
        _sheet(answer)
    else:
        table(("table", "layer", "grain"), [(one["name"], one["layer"], one["grain"]) for one in answer])


def _sheet(sheet: dict[str, Any]) -> None:
    typer.echo(f"{sheet['name']} ({sheet['layer']}, {sheet['kind']}): {sheet['description']}")
    typer.echo(f"grain: {sheet['grain']}    key: {', '.join(sheet['key'])}    rows: {sheet['rows']}")
    typer.echo(
        f"made from: {', '.join(sheet['depends']) or 'nothing'}\nused by: {', '.join(sheet['used_by']) or 'nothing'}\n"
    )
    table(
        ("column", "type", "personal", "unit", "meaning"),
        [(c["name"], c["type"], "personal" if c["pii"] else "", c["unit"], c["meaning"]) for c in sheet["columns"]],
    )
    if sheet["sql"]:
        typer.echo(f"\n{sheet['sql'].strip()}")


@app.command()
def lineage(name: Annotated[str, typer.Argument(metavar="TABLE[.COLUMN]")], as_json: Json = False) -> None:
    """Show where a table or a column comes from, down to the columns of the sources."""
    from kehu.flow.ask import lineage as trace

    tree = trace(project(), name)
    if as_json:
        emit(tree)
    else:
        _branch(tree, "", set())


def _branch(node: dict[str, object], indent: str, seen: set[str]) -> None:
    name, parents = str(node["name"]), node["from"]
    again = name in seen and bool(parents)
    typer.echo(f"{indent}{name}{' (as above)' if again else ''}")
    if again or not isinstance(parents, list):
        return
    seen.add(name)
    for parent in parents:
        _branch(parent, indent + "  ", seen)


@app.command()
def evaluate(name: Annotated[str, typer.Argument(metavar="SCORER")], as_json: Json = False) -> None:
    """Back-test a scorer and show its card: what it may be trusted with."""
    from kehu.flow.pipeline import evaluate as judge

    card = judge(project(), name)
    if as_json:
        emit(card.as_dict())
        return
    for target in card.targets:
        typer.echo(f"{card.scorer} ({target.target}): {target.verdict}")
    if not card.targets:
        typer.echo(f"{card.scorer}: {card.needs}")
        return
    typer.echo(f"{card.population}. {card.protocol}\n")
    table(("target", "learner", "metric", "mean", "spread"), _figures(card))


def _figures(card: Card) -> list[tuple[str, str, str, float, float]]:
    return [
        (target.target, learner, metric, spread.mean, spread.std)
        for target in card.targets
        for learner, metrics in {**target.candidates, **target.baselines}.items()
        for metric, spread in metrics.items()
    ]


@audit.command("verify")
def audit_verify(as_json: Json = False) -> None:
    """Check that no line of the audit was changed, removed or added."""
    verdict = project().workspace.audit.verify()
    if as_json:
        emit({"sound": verdict.is_sound, "lines": verdict.lines, "problem": verdict.problem, "line": verdict.seq})
    else:
        typer.echo(f"{verdict.lines:,} lines, unbroken" if verdict.is_sound else f"BROKEN: {verdict.problem}")
    if not verdict.is_sound:
        raise typer.Exit(1)
