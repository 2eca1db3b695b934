"""Write a source's mapping by looking at its streams: a YAML text a person can read and change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from kehu.base.errors import MappingError, did_you_mean
from kehu.integrate.header import normal
from kehu.integrate.likeness import date_format, earliest, is_decimal_comma
from kehu.integrate.mapping import Field, entity_tables
from kehu.integrate.role import REFERENCE, Role, StreamLook, role, roles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.warehouse.table import Table

READING = ("connector", "file", "sheet", "table", "encoding", "delimiter")
FACTS = ("order_line", "orders", "interaction", "survey_response", "contact_response")


def propose(
    name: str, path: str, looks: Sequence[StreamLook], tables: dict[str, Table], *, entity: str = "", stream: str = ""
) -> str:
    """Return the text of ``sources/<name>.yml`` for what looking at a source found.

    Parameters
    ----------
    name : str
        The source.
    path : str
        File, folder or database, as the mapping shall say it (relative to the project folder).
    looks : sequence of StreamLook
        The streams found.
    tables : dict
        All tables by name; staging headers with an ``entity`` name the fields and their words.
    entity : str, optional
        Forces the entity (of ``stream``, or of every stream).
    stream : str, optional
        The stream that ``entity`` is forced on.

    Raises
    ------
    MappingError
        When the forced entity does not exist, or nothing of the stream fits it.
    """
    entities = entity_tables(tables)
    if entity and entity not in entities:
        fix = did_you_mean(entity, entities) or f"Use one of {', '.join(sorted(entities))}"
        raise MappingError(f"unknown entity {entity!r}", where=name, fix=fix)
    chosen = {}
    for look in looks:
        forced = entity if entity and stream in ("", look.name) else ""
        chosen[look.name] = _role(look, entities, forced)
    _share_keys(looks, chosen)
    connector = looks[0].connector if looks else "csv"
    lines = [
        f"name: {_scalar(name)}",
        f"connector: {_scalar(connector)}",
        f"path: {_scalar(path)}",
        "streams:" if looks else "streams: {}",
    ]
    for look in looks:
        lines += _stream_lines(look, chosen[look.name], connector)
    return "\n".join(lines) + "\n"


def _role(look: StreamLook, entities: dict[str, Table], forced: str) -> Role:
    if not forced:
        return roles(look, entities)[0]
    found = role(look, forced, entities[forced], entities)
    if not any(field.columns for field in found.fields.values()):
        names = ", ".join(column.name for column in look.columns)
        raise MappingError(
            f"no column fits {forced}", where=f"stream {look.name}, columns {names}", fix="Write the fields by hand"
        )
    return replace(found, lacks="")


def _share_keys(looks: Sequence[StreamLook], chosen: dict[str, Role]) -> None:
    """Let facts of the source name their customer by the column that keys its people."""
    keys = {
        normal(field.columns[0])
        for found in chosen.values()
        if found.entity == "customer_record" and not found.lacks and (field := found.fields.get("source_key"))
    }
    for look in looks:
        found = chosen[look.name]
        if found.entity not in FACTS or found.lacks or "customer_key" in found.fields:
            continue
        column = next((c.name for c in look.columns if normal(c.name) in keys), None)
        if column:
            found.fields["customer_key"] = Field("customer_key", (column,), "key")


def _stream_lines(look: StreamLook, found: Role, connector: str) -> list[str]:
    lines = [f"  {_scalar(look.name)}:  # {look.rows} rows"]
    for part in READING:
        value = getattr(look, part, "")
        if value and not (part == "connector" and value == connector):
            lines.append(f"    {part}: {_scalar(value)}")
    if getattr(look, "header", True) is False:
        lines.append("    header: false")
    if found.lacks:
        return [
            *lines,
            f"    # lands as it is, feeds no entity; nearest: {found.entity} ({found.lacks})",
            "    entities: {}",
        ]
    lines += ["    entities:", f"      {found.entity}:"]
    looked = {column.name: column for column in look.columns}
    for field in found.fields.values():
        samples = [s for name in field.columns for s in (*looked[name].samples, *looked[name].spread)]
        samples += [str(row[n]) for row in look.sample for n in field.columns if row.get(n) is not None]
        lines.append(f"        {field.name}: {_field(field, samples)}")
    taken = {name for field in found.fields.values() for name in field.columns}
    rest = [column.name for column in look.columns if column.name not in taken]
    if rest:
        kept = "kept in attributes" if found.entity == "customer_record" else "stay in the raw table"
        lines.append(f"        # {kept}: {', '.join(name.replace(chr(10), ' ') for name in rest)}")
    if found.entity in FACTS and not any(name in found.fields for name in REFERENCE):
        lines.append("        # nothing says who the customer is: add customer_key, loyalty_card, email or phone")
    return lines


def _field(field: Field, samples: list[str]) -> str:
    said: dict[str, object] = {}
    if field.columns:
        said["column"] = list(field.columns) if len(field.columns) > 1 else field.columns[0]
    if field.transform in ("product", "sum", "join"):
        said["transform"] = field.transform
    if field.value is not None:
        said["value"] = field.value
    if field.transform in ("date", "datetime") and (form := date_format(samples)):
        said["format"] = form
    if field.transform in ("date", "datetime") and (day := earliest(samples)):
        said["earliest"] = day
    if field.transform == "number" and is_decimal_comma(samples):
        said["decimal"] = ","
    return _scalar(said["column"] if list(said) == ["column"] and isinstance(said["column"], str) else said)


def _scalar(value: object) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").strip()
