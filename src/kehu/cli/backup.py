"""Commands of upkeep: tidy, and backups made, listed, verified and restored."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kehu.cli.app import Json, app, project, settings
from kehu.cli.render import Steps, emit, note, table

backup = typer.Typer(help="Copies of the whole project, made while it is in use.", no_args_is_help=True)
app.add_typer(backup, name="backup")
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the backups.")]
KeyFile = Annotated[
    Path | None, typer.Option("--key-file", help="Holds the key of an encrypted backup [else KEHU_BACKUP_KEY].")
]
COLUMNS = ("backup", "files", "bytes")


@app.command()
def tidy(as_json: Json = False) -> None:
    """Merge small files, take deleted rows out, expire old snapshots, and free what only they needed."""
    steps = Steps()
    done = project().workspace.tidy(steps)
    steps.done()
    if as_json:
        emit(asdict(done))
        return
    tables = f": {', '.join(done.tables)}" if done.tables else ""
    typer.echo(f"{len(done.tables)} tables compacted{tables}")
    typer.echo(f"{done.snapshots} snapshots expired, {done.files} files left")
    typer.echo(f"{done.freed_bytes:,} bytes of files and {done.catalog_bytes:,} of the catalog freed")


@backup.command()
def create(
    folder: Folder,
    key_file: KeyFile = None,
    keep: Annotated[int, typer.Option("--keep", min=0, help="Forget all but so many of the newest; 0: none.")] = 0,
    as_json: Json = False,
) -> None:
    """Back the project up; what is in the folder already is not copied again."""
    from kehu.flow.backup import create as work
    from kehu.govern.access import Access

    steps = Steps()
    made = work(settings(), folder, access=Access.owner(), key_file=key_file, keep=keep, progress=steps)
    steps.done()
    if made.warning:
        note(f"Attention: {made.warning}")
    if as_json:
        emit(asdict(made))
    else:
        new = f"{made.new_files} of {made.files} files were new ({made.new_bytes:,} of {made.bytes:,} bytes)"
        typer.echo(f"backup {made.name}: {new}; {made.pruned} older ones forgotten")


@backup.command("list")
def list_(folder: Folder, key_file: KeyFile = None, as_json: Json = False) -> None:
    """List the backups of a folder, oldest first."""
    from kehu.flow.backup import listed

    found = listed(folder, key_file=key_file)
    if as_json:
        emit([{"backup": one.name, "files": one.files, "bytes": one.bytes} for one in found])
    else:
        table(COLUMNS, [(one.name, one.files, one.bytes) for one in found])


@backup.command()
def verify(folder: Folder, key_file: KeyFile = None, as_json: Json = False) -> None:
    """Read every byte of every backup of a folder and compare it with its hash."""
    from kehu.flow.backup import verify as work

    steps = Steps()
    found = work(folder, key_file=key_file, progress=steps)
    steps.done()
    if as_json:
        emit([{"backup": one.name, "files": one.files, "bytes": one.bytes, "sound": True} for one in found])
    else:
        table((*COLUMNS, "sound"), [(one.name, one.files, one.bytes, True) for one in found])


@backup.command()
def restore(
    folder: Folder,
    target: Annotated[Path, typer.Argument(metavar="NEWFOLDER", help="Must not exist yet.")],
    at: Annotated[str, typer.Option("--at", help="A backup's name or number, or a time in UTC.")] = "",
    key_file: KeyFile = None,
    as_json: Json = False,
) -> None:
    """Restore a backup into a new folder and compare it with what was backed up."""
    from kehu.flow.restore import restore as work

    steps = Steps()
    done = work(folder, target, at=at, key_file=key_file, progress=steps)
    steps.done()
    if as_json:
        emit(done)
        return
    typer.echo(f"{done['project']} is backup {done['backup']}")
    for name, about in done["workspaces"].items():
        typer.echo(
            f"workspace {name}: snapshot {about['snapshot']}, {sum(about['rows'].values()):,} rows, as backed up"
        )
