"""The YAML header of a table file, checked to the last key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from kehu.base.errors import TableError, did_you_mean
from kehu.warehouse.follow import read_follows

if TYPE_CHECKING:
    from pathlib import Path

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast
TEXTS = ("description", "grain", "owner", "kind", "entity")
LISTS = ("key", "sort", "by", "checks", "depends", "origin")
COLUMN_TEXTS = ("type", "meaning", "unit", "transform", "references")
COLUMN_LISTS = ("names", "origin")
FLAGS = ("is_scanned",)
COLUMN_FLAGS = ("pii", "required")
KINDS = ("full", "merge", "ledger", "scratch")
NEEDED = ("description", "grain", "columns")


def read_header(text: str, path: Path) -> dict[str, Any]:
    """Return the header as keyword arguments of a table; columns stay one mapping each.

    Raises
    ------
    TableError
        When the text is no YAML, lacks a part, or names an unknown key, kind or flag.
    """
    try:
        found = yaml.load(text, LOADER)  # noqa: S506  # both loaders are safe ones
    except yaml.YAMLError as error:
        raise TableError(f"the header is no YAML: {error}", where=str(path), fix="Correct it") from error
    if not isinstance(found, dict):
        raise TableError("the header is no YAML mapping", where=str(path), fix="Write 'description: ...'")
    header = _checked(found, (*TEXTS, *LISTS, *FLAGS, "columns", "follows"), path)
    if "follows" in found:
        header["follows"] = read_follows(found["follows"], str(path))
    for part in NEEDED:
        if not found.get(part):
            raise TableError(f"the header has no {part}", where=str(path), fix=f"Add '{part}: ...'")
    if header.get("kind", "full") not in KINDS:
        fix = f"Use one of {', '.join(KINDS)}"
        raise TableError(f"unknown kind {header['kind']!r}", where=str(path), fix=fix)
    origin = header.pop("origin", ())
    columns = [_column(name, column, origin, path) for name, column in header["columns"].items()]
    if path.suffix == ".py" and "origin" not in found:
        _say_origin(columns, path)
    return {"key": (), "owner": "", **header, "columns": columns}


def _column(name: str, column: Any, origin: tuple[str, ...], path: Path) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(column, str):
        column = {"type": column}
    if not isinstance(column, dict) or "type" not in column:
        fix = "Write NAME: {type: VARCHAR, meaning: ...}"
        raise TableError("a column needs a type", where=f"{path}, column {name}", fix=fix)
    known = (*COLUMN_TEXTS, *COLUMN_LISTS, *COLUMN_FLAGS)
    column = _mended(column)
    return {"name": str(name), "origin": origin, **_checked(column, known, path, f", column {name}")}


def _say_origin(columns: list[dict[str, Any]], path: Path) -> None:
    """Refuse a Python table whose columns come from nowhere: nobody could tell whether they are personal."""
    for column in columns:
        if not column["origin"] and "pii" not in column:
            fix = "Write origin: [table.column], for one column or for the whole table, or pii: true or false"
            raise TableError("a Python table names its origins", where=f"{path}, column {column['name']}", fix=fix)


def _mended(column: dict[str, Any]) -> dict[str, Any]:
    """Join what YAML split at a comma: ``{type: DECIMAL(18,2)}`` reads as ``DECIMAL(18`` and a key ``2)``."""
    mended: dict[str, Any] = {}
    for key, value in column.items():
        if value is None and mended:
            last = next(reversed(mended))
            mended[last] = f"{mended[last]},{key}" if last == "type" else f"{mended[last]}, {key}"
        else:
            mended[key] = value
    return mended


def _whole(items: tuple[str, ...]) -> tuple[str, ...]:
    """Join what YAML split at a comma inside parentheses: ``[unique(a, b), c > 0]`` are two checks."""
    whole: list[str] = []
    for item in items:
        if whole and whole[-1].count("(") > whole[-1].count(")"):
            whole[-1] = f"{whole[-1]}, {item}"
        else:
            whole.append(item)
    return tuple(whole)


def _checked(found: dict[str, Any], known: tuple[str, ...], path: Path, column: str = "") -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for key, value in found.items():
        where = f"{path}{column}"
        if key not in known:
            raise TableError(f"unknown key {key!r} in the header", where=where, fix=did_you_mean(str(key), known))
        if key in (*FLAGS, *COLUMN_FLAGS) and not isinstance(value, bool):
            raise TableError(f"{key} must be true or false, not {value!r}", where=where, fix="Correct it")
        if key in (*LISTS, *COLUMN_LISTS):
            checked[key] = _whole(tuple(str(item) for item in (value if isinstance(value, list) else [value])))
        elif key in ("columns", "follows", *FLAGS, *COLUMN_FLAGS):
            checked[key] = value
        else:
            checked[key] = " ".join(str(value).split())
    return checked
