"""Which columns hold personal data, along the lineage of all tables; remembered on disk."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kehu.warehouse.catalog import Catalog
    from kehu.warehouse.lineage import Origins

Personal = dict[str, frozenset[str]]


def personal_columns(catalog: Catalog, cache: Path | None = None) -> Personal:
    """Return the personal columns of every table of the catalog.

    A column is personal when its header says so, or when it says nothing and a column it is computed from is.

    Parameters
    ----------
    catalog : Catalog
        All tables, with their lineage.
    cache : Path, optional
        A file that keeps the answer for the same tables: deriving it parses every SELECT.
    """
    digest = _digest(catalog)
    found = _remembered(cache, digest) if cache else None
    if found is None:
        found = _derived(catalog)
        if cache and cache.parent.is_dir():
            _remember(cache, digest, found)
    return found


def _derived(catalog: Catalog) -> Personal:
    personal: Personal = {}
    for name in catalog.order():
        origins = catalog.origins(name)
        personal[name] = frozenset(
            column.name
            for column in catalog.tables[name].columns
            if column.pii or (column.pii is None and _any(origins[column.name], personal))
        )
    return personal


def _any(origins: Origins, personal: Mapping[str, frozenset[str]]) -> bool:
    return any(column in personal.get(table, ()) for table, column in origins)


def _digest(catalog: Catalog) -> str:
    text = hashlib.sha256(repr(sorted(catalog.raw.items())).encode())
    for name, table in sorted(catalog.tables.items()):
        text.update(repr((name, table.sql or table.depends, table.columns)).encode())
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
    fresh = cache.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps({"digest": digest, "pii": columns}), encoding="utf-8")
    fresh.replace(cache)
