"""Sources of a project: look at the data, propose a mapping, keep it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kehu.base.errors import MappingError, SettingsError, SourceError, did_you_mean
from kehu.flow.tables import project_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.base.types import Json
    from kehu.collect.connector import StreamLook
    from kehu.collect.source import Source
    from kehu.flow.project import Project
    from kehu.integrate.mapping import Mapping


@dataclass(frozen=True)
class Proposal:
    """A mapping that looking proposes, before it is written.

    Attributes
    ----------
    name : str
        The source.
    text : str
        The mapping file's whole text.
    previews : list of dict
        Per stream: stream, rows, encoding, delimiter, columns, and ten decoded rows as ``sample``.
    """

    name: str
    text: str
    previews: list[dict[str, Json]]


def propose(project: Project, name: str, path: Path, *, entity: str = "", stream: str = "") -> Proposal:
    """Look at a file, folder or database and return the mapping it seems to need; nothing is written.

    Parameters
    ----------
    project : Project
        Where the source is to be added.
    name : str
        The source's name: letters, digits and _.
    path : Path
        Relative to the current folder, or absolute.
    entity : str
        The entity every stream feeds, when Kehu should not guess.
    stream : str
        Only this stream of those found.

    Raises
    ------
    SourceError
        When there is nothing to read there, or no such stream.
    MappingError
        When the name cannot be used, or there is no such entity.
    """
    from kehu.collect.look import look
    from kehu.integrate.propose import propose as mapping

    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,40}", name):
        raise MappingError(
            f"{name!r} cannot be a source's name", fix="Use letters, digits and _, beginning with a letter"
        )
    found = look(path)
    if stream:
        chosen = [one for one in found if one.name == stream]
        if not chosen:
            names = [one.name for one in found]
            fix = did_you_mean(stream, names) or f"Found: {', '.join(names)}"
            raise SourceError(f"there is no stream {stream!r}", where=str(path), fix=fix)
        found = chosen
    tables = project_tables(project.table_folders)
    where = inside(project, path)
    text = mapping(name, where, found, tables, entity=entity)  # type: ignore[arg-type]  # frozen looks fit the Protocol
    return Proposal(name, text, [shown(one) for one in found])


def inside(project: Project, path: Path) -> str:
    """Return the path as a mapping says it: relative where it lies in the project, else absolute."""
    whole = Path(os.path.normpath(path.absolute()))
    folder = project.settings.folder
    return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else whole.as_posix()


def shown(one: StreamLook) -> dict[str, Json]:
    """Return what a person sees of a stream before it is mapped."""
    return {
        "stream": one.name,
        "rows": one.rows,
        "encoding": one.encoding,
        "delimiter": one.delimiter,
        "columns": [column.name for column in one.columns],
        "sample": one.sample,
    }


def write(project: Project, proposal: Proposal) -> Path:
    """Write ``sources/<name>.yml`` and return its path; an existing mapping is kept beside it as ``.yml.bak``."""
    project.workspace.access.demand("write")
    path = mapping_path(project, proposal.name)
    path.parent.mkdir(exist_ok=True)
    if path.is_file():
        path.replace(path.with_suffix(".yml.bak"))
    part = path.with_suffix(".part")
    part.write_text(proposal.text, encoding="utf-8")
    part.replace(path)
    return path


def sources(project: Project, names: Sequence[str] = ()) -> list[Source]:
    """Return the reading part of every mapping, or of those named.

    Raises
    ------
    SourceError
        When there is none of that name, or none at all.
    """
    from kehu.collect.source import load_sources

    known = {source.name: source for source in load_sources(project.settings.folder)}
    if not known:
        raise SourceError(
            "this project has no sources", where=str(project.sources), fix="Add one: kehu source add NAME PATH"
        )
    for name in names:
        if name not in known:
            fix = did_you_mean(name, known) or f"Known: {', '.join(known)}"
            raise SourceError(f"there is no source {name!r}", where=str(project.sources), fix=fix)
    return [known[name] for name in names or known]


def mappings(project: Project) -> list[Mapping]:
    """Return every source's mapping."""
    from kehu.integrate.mapping import Mapping

    tables = project_tables(project.table_folders)
    return [Mapping.load(path, tables) for path in sorted(project.sources.glob("*.yml"))]


def demand_preferred(project: Project) -> None:
    """Refuse survivorship that prefers a source which the project does not have.

    Raises
    ------
    SettingsError
        With the source's name, and the nearest one there is.
    """
    known = {path.stem for path in project.sources.glob("*.yml")}
    for choice in project.settings.survivorship.choices:
        for name in choice.sources:
            if name not in known:
                where = f"{project.settings.folder / 'kehu.toml'}, survivorship"
                fix = did_you_mean(name, known) or f"Use one of {', '.join(sorted(known))}"
                raise SettingsError(f"there is no source {name!r} to prefer for {choice.field}", where=where, fix=fix)


def listed(project: Project) -> list[dict[str, Json]]:
    """Return a line per stream: source, connector, path, stream, and the entities it feeds."""
    fed = {
        (mapping.name, stream.name): [feed.entity for feed in stream.feeds]
        for mapping in mappings(project)
        for stream in mapping.streams
    }
    return [
        {
            "source": source.name,
            "connector": stream.connector,
            "path": str(source.path),
            "stream": stream.name,
            "entities": ", ".join(fed.get((source.name, stream.name), [])),
        }
        for source in sources(project)
        for stream in source.streams
    ]


def preview(project: Project, name: str) -> list[dict[str, Json]]:
    """Return ten decoded rows of each stream of a source."""
    from kehu.collect.look import look

    (source,) = sources(project, [name])
    return [shown(one) for one in look(source.path)]


def remove(project: Project, name: str) -> Path:
    """Set a source's mapping aside as ``.yml.bak`` and return its path; rows it landed stay in the lake."""
    project.workspace.access.demand("write")
    sources(project, [name])
    path = mapping_path(project, name)
    path.replace(path.with_suffix(".yml.bak"))
    return path


def mapping_path(project: Project, name: str) -> Path:
    """Return where a source's mapping is kept."""
    return project.sources / f"{name}.yml"
