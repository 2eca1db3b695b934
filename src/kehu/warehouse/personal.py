"""Which columns hold personal data, along the lineage of all tables; remembered on disk."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kehu.warehouse.note import note, noted

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
    known = noted(cache, digest) if cache else None
    if known is not None:
        return {name: frozenset(columns) for name, columns in known.items()}
    found = _derived(tables, origins)
    if cache:
        note(cache, digest, {name: sorted(columns) for name, columns in found.items()})
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
