"""Commands of what collect landed: import list, revert, restore."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from kehu.cli.app import Json, app, project
from kehu.cli.render import emit, note, table

if TYPE_CHECKING:
    from kehu.collect.revert import Reverted

batches = typer.Typer(help="What collect landed.", no_args_is_help=True)
app.add_typer(batches, name="import")
BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="As 'kehu import list' shows it.")]


@batches.command("list")
def import_list(as_json: Json = False) -> None:
    """List the batches that collect landed."""
    from kehu.flow.imports import landed

    rows = landed(project())
    if as_json:
        emit(rows.dicts())
    else:
        table(rows.columns, rows.rows)


@batches.command("revert")
def import_revert(batch: BatchId, as_json: Json = False) -> None:
    """Take a batch back: its rows no longer count, and the file's batch before it counts again."""
    from kehu.flow.imports import revert

    _say(revert(project(), batch), "reverted", as_json=as_json)


@batches.command("restore")
def import_restore(batch: BatchId, as_json: Json = False) -> None:
    """Undo a revert."""
    from kehu.flow.imports import restore

    _say(restore(project(), batch), "restored", as_json=as_json)


def _say(done: Reverted, act: str, *, as_json: bool) -> None:
    if as_json:
        emit(asdict(done))
        return
    batch = done.batch
    if not done.changed:
        state = f"is reverted since {batch.reverted_at}" if batch.reverted_at else "is not reverted"
        typer.echo(f"{batch.batch_id} {state}; nothing changed")
        return
    typer.echo(f"{act} {batch.batch_id}: {batch.rows:,} rows of {batch.source}.{batch.stream}, file {batch.file}")
    if done.current == done.former:
        note(f"no row that counts changed: batch {done.current} of this file is newer")
    elif done.current:
        note(f"the rows of batch {done.current} count now; run 'kehu build' to show them")
    else:
        note("no rows of this file count now; run 'kehu build' to show it")
