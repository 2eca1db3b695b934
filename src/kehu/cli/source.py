"""Commands of sources: add, list, preview, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kehu.cli.app import Json, app, project
from kehu.cli.render import emit, note, table

source = typer.Typer(help="Where the data comes from.", no_args_is_help=True)
app.add_typer(source, name="source")


@source.command()
def add(
    name: str,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, a folder or a SQLite database.")],
    entity: Annotated[
        str, typer.Option("--entity", help="Which entity the data feeds, when Kehu should not guess.")
    ] = "",
    stream: Annotated[str, typer.Option("--stream", help="Only this stream (sheet, table or kind of file).")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write the mapping without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Look at the data, propose a mapping, and write it to sources/NAME.yml."""
    from kehu.flow.source import propose, write

    place = project()
    proposal = propose(place, name, path, entity=entity, stream=stream)
    if not as_json:
        _show(proposal.previews)
        typer.echo(f"\n{proposal.text}")
        yes = yes or typer.confirm(f"Write this to sources/{name}.yml?", default=True)
    written = write(place, proposal) if yes else None
    if as_json:
        emit({"source": name, "written": written, "mapping": proposal.text, "streams": proposal.previews})
    elif written is None:
        raise typer.Exit(1)
    else:
        note(f"wrote {written}. Next: kehu collect {name} && kehu build")


@source.command("list")
def list_(as_json: Json = False) -> None:
    """List the sources with their streams and the entities they feed."""
    from kehu.flow.source import listed

    rows = listed(project())
    if as_json:
        emit(rows)
    else:
        table(("source", "connector", "path", "stream", "entities"), [tuple(row.values()) for row in rows])


@source.command()
def preview(name: str, as_json: Json = False) -> None:
    """Show ten rows of each stream, decoded."""
    from kehu.flow.source import preview as look

    previews = look(project(), name)
    if as_json:
        emit(previews)
    else:
        _show(previews)


@source.command()
def remove(name: str, as_json: Json = False) -> None:
    """Forget a source's mapping; the rows it landed stay until they are erased."""
    from kehu.flow.source import remove as forget

    path = forget(project(), name)
    if as_json:
        emit({"removed": str(path)})
    else:
        typer.echo(f"removed {path}")


def _show(previews: list[dict[str, Any]]) -> None:
    for stream in previews:
        columns, sample = stream["columns"], stream["sample"]
        title = f"\n{stream['stream']}: {stream['rows']} rows {stream['encoding'] or ''} {stream['delimiter'] or ''}"
        table(columns, [[row.get(column) for column in columns] for row in sample], title=title)
