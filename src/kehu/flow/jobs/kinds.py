"""What a job may be: the product's own steps, by name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kehu.base.errors import JobError, did_you_mean
from kehu.flow.save import finite, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.base.progress import Progress
    from kehu.base.types import Json
    from kehu.flow.project import Project

    Work = Callable[[Project, dict[str, Json], Progress], Json]


@dataclass(frozen=True)
class Kind:
    """One kind of work: what it does, the arguments it takes (name -> an example of the type)."""

    work: Work
    takes: dict[str, Json]


def _collect(project: Project, payload: dict[str, Json], progress: Progress) -> Json:
    from kehu.flow.pipeline import collect

    landed = collect(project, payload.get("names", ()), progress=progress)
    return {one.source: {"files": len(one.batches), "rows": one.rows, "rejected": one.rejected} for one in landed}


def _build(project: Project, payload: dict[str, Json], progress: Progress) -> Json:
    from kehu.flow.pipeline import build

    report = build(project, payload.get("names", ()), progress=progress, **_given(payload, "full", "engine"))
    return {"seconds": report.seconds, "tables": len(report.tables)}


def _given(payload: dict[str, Json], *names: str) -> dict[str, Json]:
    return {name: payload[name] for name in names if payload.get(name)}


def _score(project: Project, payload: dict[str, Json], progress: Progress) -> Json:
    from kehu.flow.pipeline import score

    cards = score(project, payload.get("names", ()), progress=progress)
    return {card.scorer: [target.verdict for target in card.targets] for card in cards}


def _run(project: Project, payload: dict[str, Json], progress: Progress) -> Json:  # noqa: ARG001  # the shape of all
    from kehu.flow.pipeline import run

    return {"seconds": run(project, progress=progress)}


def _tidy(project: Project, payload: dict[str, Json], progress: Progress) -> Json:  # noqa: ARG001  # the shape of all
    return asdict(project.workspace.tidy(progress))


def _backup(project: Project, payload: dict[str, Json], progress: Progress) -> Json:
    from kehu.flow.backup import create

    folder = Path(payload.get("folder", ""))
    if not folder.is_absolute():  # the worker may stand anywhere
        raise JobError("backup needs a whole path", fix='Name it: {"folder": "/mnt/backup"}')
    access, keep = project.workspace.access, payload.get("keep", 0)
    made = create(project.settings, folder, access=access, keep=keep, progress=progress)
    return asdict(made)


KINDS = {
    "collect": Kind(_collect, {"names": []}),
    "build": Kind(_build, {"names": [], "full": False, "engine": "duckdb"}),
    "score": Kind(_score, {"names": []}),
    "run": Kind(_run, {}),
    "tidy": Kind(_tidy, {}),
    "backup": Kind(_backup, {"folder": "/mnt/backup", "keep": 7}),
}


def checked(kind: str, payload: dict[str, Json]) -> None:
    """Refuse work that no worker could do.

    Raises
    ------
    JobError
        When there is no such kind, or it does not take these arguments.
    """
    if kind not in KINDS:
        fix = did_you_mean(kind, KINDS) or f"Kinds are {', '.join(KINDS)}"
        raise JobError(f"there is no kind of job {kind!r}", fix=fix)
    takes = KINDS[kind].takes
    for name, value in payload.items():
        if name not in takes or not isinstance(value, type(takes[name])):
            known = ", ".join(f"{one} (like {json.dumps(like)})" for one, like in takes.items()) or "nothing"
            raise JobError(f"{kind} does not take {name}={value!r}", fix=f"It takes {known}")


def perform(project: Project, kind: str, payload: dict[str, Json], progress: Progress) -> Json:
    """Do one piece of work as the one the project was opened for; return what it gave as plain JSON.

    Raises
    ------
    JobError
        When there is no such kind, or it does not take these arguments.
    AccessError
        When the actor may not write.
    """
    checked(kind, payload)
    project.workspace.access.demand("write")
    given = KINDS[kind].work(project, payload, progress)
    return json.loads(json.dumps(finite(given), default=plain))
