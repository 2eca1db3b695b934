"""A source's mapping: which stream feeds which entity, column by column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from kehu.base.errors import MappingError, did_you_mean
from kehu.integrate.quality import check_earliest
from kehu.integrate.transform import check_transform

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kehu.warehouse.table import Table

OPTIONS = ("format", "zone", "decimal", "region", "earliest")
KNOWN = ("column", "transform", "value", *OPTIONS)


@dataclass(frozen=True)
class Field:
    """How one field of an entity is read.

    Attributes
    ----------
    name : str
        The entity's field.
    columns : tuple of str
        Raw columns; several mean the first that is filled, or all of them with ``product``, ``sum`` and ``join``
        (of a date: year, month and day).
    transform : str
        Name of the transform; the staging header's where the mapping names none.
    value : str or None
        A constant, or what stands where the columns are empty.
    options : dict
        ``format``, ``zone``, ``decimal``, ``region``: see ``integrate.transform.typed``; ``earliest``: the first
        possible day of a date, see ``integrate.quality``.
    """

    name: str
    columns: tuple[str, ...] = ()
    transform: str = "text"
    value: str | None = None
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Only:
    """A condition that says which rows of a stream feed an entity: a column has (or has not) one of these values."""

    column: str
    values: tuple[str, ...]
    is_negated: bool = False


@dataclass(frozen=True)
class Feed:
    """One stream feeding one entity."""

    entity: str
    fields: dict[str, Field]
    only: tuple[Only, ...] = ()


@dataclass(frozen=True)
class MappedStream:
    """One stream and the entities it feeds."""

    name: str
    feeds: tuple[Feed, ...]


@dataclass(frozen=True)
class Mapping:
    """One source's mapping file.

    Attributes
    ----------
    name : str
        The source.
    streams : tuple of MappedStream
        Its streams; one without feeds lands and is not mapped.
    where : str
        The file, for messages.
    """

    name: str
    streams: tuple[MappedStream, ...]
    where: str = ""

    @classmethod
    def load(cls, path: Path, tables: dict[str, Table]) -> Mapping:
        """Read ``sources/<name>.yml``.

        Parameters
        ----------
        path : Path
            The mapping file.
        tables : dict
            All tables by name; those with an ``entity`` say which entities and fields exist.

        Raises
        ------
        MappingError
            When the file is no YAML or names an unknown entity, field, transform or option.
        """
        try:
            described = yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise MappingError(f"not valid YAML: {error}", where=str(path), fix="Correct it") from error
        return cls.parse(described, tables, where=str(path))

    @classmethod
    def parse(cls, described: Any, tables: dict[str, Table], *, where: str = "") -> Mapping:  # noqa: ANN401  # YAML
        """Return the mapping that parsed YAML describes; see `load`."""
        if not isinstance(described, dict) or not isinstance(described.get("name"), str):
            raise MappingError("a mapping needs a name", where=where, fix="Write 'name: shop'")
        streams = described.get("streams") or {}
        if not isinstance(streams, dict):
            raise MappingError("streams must be a mapping of stream names", where=where, fix="Correct it")
        entities = entity_tables(tables)
        known = tuple(_stream(str(name), stream, entities, where) for name, stream in streams.items())
        return cls(described["name"], known, where)


def entity_tables(tables: dict[str, Table]) -> dict[str, Table]:
    """Return the staging tables that describe entities, by entity."""
    return {table.entity: table for table in tables.values() if table.entity}


def field_columns(table: Table) -> Iterable[Any]:
    """Return the header columns that a mapping may fill: all but where the row comes from."""
    return [column for column in table.columns if column.name not in ("source", "row_id")]


def _stream(name: str, described: Any, entities: dict[str, Table], where: str) -> MappedStream:  # noqa: ANN401
    feeds = (described or {}).get("entities") or {}
    known = []
    for entity, fields in feeds.items():
        place = f"{where}, stream {name}, entity {entity}"
        if entity not in entities:
            fix = did_you_mean(str(entity), entities) or f"Use one of {', '.join(sorted(entities))}"
            raise MappingError(f"unknown entity {entity!r}", where=place, fix=fix)
        if not isinstance(fields, dict):
            raise MappingError("an entity needs fields", where=place, fix="Write 'field: column'")
        known.append(_feed(entity, fields, entities[entity], place))
    return MappedStream(name, tuple(known))


def _feed(entity: str, described: dict[str, Any], table: Table, where: str) -> Feed:
    defaults = {column.name: column.transform or "text" for column in field_columns(table)}
    fields, only = {}, []
    for name, value in described.items():
        if name in ("where", "where_not"):
            only += [_only(str(c), v, is_negated=name == "where_not") for c, v in value.items()]
        elif name not in defaults or name == "attributes":
            fix = did_you_mean(str(name), defaults) or f"Use one of {', '.join(defaults)}"
            raise MappingError(f"{entity} has no field {name!r}", where=where, fix=fix)
        else:
            fields[name] = _field(name, value, defaults[name], f"{where}, field {name}")
    return Feed(entity, fields, tuple(only))


def _only(column: str, values: Any, *, is_negated: bool) -> Only:  # noqa: ANN401  # YAML
    return Only(column, tuple(str(v) for v in (values if isinstance(values, list) else [values])), is_negated)


def _field(name: str, described: Any, default: str, where: str) -> Field:  # noqa: ANN401  # YAML
    if not isinstance(described, dict):
        described = {"column": described}
    for key in described:
        if key not in KNOWN:
            fix = did_you_mean(str(key), KNOWN) or f"Use {', '.join(KNOWN)}"
            raise MappingError(f"unknown key {key!r}", where=where, fix=fix)
    columns = described.get("column", [])
    columns = tuple(str(column) for column in (columns if isinstance(columns, list) else [columns]))
    value = described.get("value")
    if not columns and value is None:
        raise MappingError("a field needs a column or a value", where=where, fix="Write 'field: column'")
    transform = str(described.get("transform", default))
    check_transform(transform, where)
    options = {key: _option(described[key]) for key in OPTIONS if key in described}
    check_earliest(options.get("earliest"), where)
    return Field(name, columns, transform, None if value is None else str(value), options)


def _option(value: Any) -> str:  # noqa: ANN401  # YAML
    return "|".join(str(item) for item in value) if isinstance(value, list) else str(value)
