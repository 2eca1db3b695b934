"""The reading part of a mapping: where a source is and how each of its streams is read."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import yaml

from kehu.base.errors import MappingError, SourceError, did_you_mean
from kehu.collect.connector import Stream, connector_named, connector_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.base.types import Json

_NAME = re.compile(r"[^\W_]\w*")


@dataclass(frozen=True)
class Source:
    """A source as its mapping describes it.

    Attributes
    ----------
    name : str
        Its name; raw tables are called ``raw_<name>_<stream>``.
    path : Path
        File, folder or database, absolute.
    streams : tuple of Stream
        What is read.
    where : str
        The mapping file, for messages.
    root : Path or None
        The folder no file may lie outside of: the project's for a relative ``path``; None for an absolute one, which
        is the owner's will.
    """

    name: str
    path: Path
    streams: tuple[Stream, ...]
    where: str = ""
    root: Path | None = None


def load_sources(folder: Path) -> list[Source]:
    """Return every source of a project folder (``sources/*.yml``), by name."""
    return [load_source(path, folder) for path in sorted((folder / "sources").glob("*.yml"))]


def load_source(mapping: Path, folder: Path) -> Source:
    """Read the reading part of one mapping file.

    Parameters
    ----------
    mapping : Path
        ``sources/<name>.yml``.
    folder : Path
        The project folder; a relative ``path`` starts here and may not leave it.

    Raises
    ------
    MappingError
        When the file is missing, is no YAML, or its reading part is wrong.
    SourceError
        When it names an unknown connector.
    """
    where = str(mapping)
    try:
        described = yaml.safe_load(mapping.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MappingError("no such mapping", where=where, fix="Make it with 'kehu source add'") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MappingError(f"not valid YAML: {error}", where=where, fix="Correct it") from error
    return parsed_source(described, folder, where=where)


def parsed_source(described: Json, folder: Path, *, where: str = "") -> Source:
    """Return the source that parsed YAML describes; see `load_source`."""
    if not isinstance(described, dict) or not isinstance(described.get("path"), str):
        raise MappingError("a mapping needs a name and a path", where=where, fix="Write 'path: systems/shop'")
    name, streams = str(described.get("name", "")), described.get("streams")
    _require_name(name, "source", where)
    if not isinstance(streams, dict) or not streams:
        raise MappingError("a mapping needs streams", where=where, fix="Write 'streams:' with one entry per stream")
    given = Path(described["path"]).expanduser()
    root = None if given.is_absolute() else folder.resolve()
    path = given if given.is_absolute() else (folder / given).absolute()
    if root and not path.resolve().is_relative_to(root):
        fix = "Move the files into the project, or give an absolute path if you mean it"
        raise MappingError(f"the path {described['path']!r} leaves the project folder", where=where, fix=fix)
    connector = str(described.get("connector") or "")
    read = (_stream(str(stream), spec or {}, connector, where) for stream, spec in streams.items())
    return Source(name, path, tuple(read), where, root)


def _require_name(name: str, of: str, where: str) -> None:
    if not _NAME.fullmatch(name):
        fix = "Use letters, digits and _ (Chinese is fine), starting with a letter"
        raise MappingError(f"{name!r} cannot be the name of a {of}", where=where, fix=fix)


def _stream(name: str, spec: Json, connector: str, where: str) -> Stream:
    _require_name(name, "stream", where)
    if not isinstance(spec, dict):
        raise MappingError(f"stream {name!r} must be a mapping", where=where, fix="Write 'file: ...' below it")
    connector = str(spec.get("connector") or connector)
    if connector:
        connector_named(connector, where=where)
    header = spec.get("header")
    delimiter = str(spec.get("delimiter") or "")
    return Stream(
        name=name,
        connector=connector,
        file=str(spec.get("file") or ""),
        sheet=str(spec.get("sheet") or ""),
        table=str(spec.get("table") or ""),
        encoding=_codec(str(spec.get("encoding") or ""), where),
        delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter),
        header=header if isinstance(header, bool) else None,
        mapped=tuple(_mapped(spec.get("entities") or {})),
        where=where,
    )


def _codec(encoding: str, where: str) -> str:
    try:
        return codecs.lookup(encoding).name if encoding else ""
    except LookupError as error:
        hint = did_you_mean(encoding.lower(), ("utf-8", "gb18030", "gbk", "cp1252", "utf-16", "big5", "latin-1"))
        fix = hint or "Use utf-8, gb18030, cp1252, utf-16 or another Python codec"
        raise MappingError(f"unknown encoding {encoding!r}", where=where, fix=fix) from error


def _mapped(entities: Json) -> Iterator[tuple[str, ...]]:
    if not isinstance(entities, dict):
        return
    for fields in entities.values():
        for name, field in (fields or {}).items() if isinstance(fields, dict) else ():
            column = field.get("column") if isinstance(field, dict) else field
            has_value = isinstance(field, dict) and "value" in field
            if name in ("where", "where_not") or has_value:
                continue
            if isinstance(column, str):
                yield (column,)
            elif isinstance(column, list) and column:
                yield tuple(str(one) for one in column)


def files_of(source: Source, stream: Stream) -> list[tuple[str, Path]]:
    """Return the files of a stream as (name relative to the source's path, path), sorted by name.

    Raises
    ------
    SourceError
        When the source or every file of the stream is missing, or a file lies outside of the project.
    """
    if source.path.is_file():
        return [(source.path.name, source.path)]
    if not source.path.is_dir():
        fix = f"Put it there, or correct path in {source.where or 'the mapping'}"
        raise SourceError("no such file or folder", where=str(source.path), fix=fix)
    pattern = PurePosixPath(stream.file or "*")
    if pattern.is_absolute() or ".." in pattern.parts:
        fix = f"Write a name or pattern below path in {stream.where or 'the mapping'}"
        raise SourceError(f"file {stream.file!r} leaves the source's folder", where=stream.name, fix=fix)
    found = [path for path in sorted(source.path.glob(str(pattern))) if _is_readable(path, stream)]
    if not found:
        names = [path.name for path in source.path.iterdir()]
        hint = did_you_mean(str(pattern), names)
        fix = f"{hint} Put the file there, or correct file in {stream.where or 'the mapping'}"
        raise SourceError(f"no file {str(pattern)!r} here", where=str(source.path), fix=fix.strip())
    for path in found:
        if source.root and not path.resolve().is_relative_to(source.root):
            raise SourceError("the file is a link that leaves the project", where=str(path), fix="Copy the file itself")
    return [(path.relative_to(source.path).as_posix(), path) for path in found]


def _is_readable(path: Path, stream: Stream) -> bool:
    hidden = path.name.startswith((".", "~$"))
    return path.is_file() and not hidden and (bool(stream.file) or connector_of(path) == stream.connector)
