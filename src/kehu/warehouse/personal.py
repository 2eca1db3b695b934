"""Which columns hold personal data, along the lineage of all tables; remembered on disk."""

from __future__ import annotations

import hashlib
import json
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from kehu.warehouse.lineage import Origins
    from kehu.warehouse.table import Table

Personal = dict[str, frozenset[str]]


def personal_columns(
    tables: Collection[Table],
    raw: Mapping[str, object],
    origins: Callable[[str], Mapping[str, Origins]],
    cache: Path | None,
) -> Personal:
    """Return the personal columns of every table.

    A column is personal when its header says so, or when it says nothing and a column it is computed from is. Safe for
    several threads and processes with one cache.

    Parameters
    ----------
    tables : collection of Table
        All tables; any order.
    raw : mapping
        The raw tables' columns: part of what the answer depends on.
    origins : callable
        The (table, column) pairs that each column of a table is computed from.
    cache : Path or None
        A file that keeps the answer for the same tables: deriving it parses every SELECT.
    """
    digest = _digest(tables, raw)
    found = _remembered(cache, digest) if cache else None
    if found is None:
        found = _derived(tables, origins)
        if cache and cache.parent.is_dir():
            _remember(cache, digest, found)
    return found


def _derived(tables: Iterable[Table], origins: Callable[[str], Mapping[str, Origins]]) -> Personal:
    personal: Personal = {}
    while True:  # until nothing changes: a table may read its own past, so there is no order to follow
        found = {table.name: _columns(table, origins(table.name), personal) for table in tables}
        if found == personal:
            return found
        personal = found


def _columns(table: Table, origins: Mapping[str, Origins], personal: Personal) -> frozenset[str]:
    return frozenset(
        column.name
        for column in table.columns
        if column.pii or (column.pii is None and _any(origins[column.name], personal))
    )


def _any(origins: Origins, personal: Mapping[str, frozenset[str]]) -> bool:
    return any(column in personal.get(table, ()) for table, column in origins)


def _digest(tables: Iterable[Table], raw: Mapping[str, object]) -> str:
    text = hashlib.sha256(repr(sorted(raw.items())).encode())
    for table in sorted(tables, key=lambda table: table.name):
        text.update(repr((table.name, table.sql or table.depends, table.columns)).encode())
    return text.hexdigest()


def _remembered(cache: Path, digest: str) -> Personal | None:
    try:
        found = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent or broken: it is only slower
        return None
    if not isinstance(found, dict) or found.get("digest") != digest:
        return None
    return {name: frozenset(columns) for name, columns in found["pii"].items()}


def _remember(cache: Path, digest: str, personal: Personal) -> None:
    columns = {name: sorted(names) for name, names in personal.items()}
    fresh = cache.with_suffix(f".{secrets.token_hex(4)}")  # of this writer alone: several may remember at once
    with suppress(OSError):  # a disk that is full: the next start derives it again
        try:
            fresh.write_text(json.dumps({"digest": digest, "pii": columns}), encoding="utf-8")
            fresh.replace(cache)
        finally:
            fresh.unlink(missing_ok=True)
