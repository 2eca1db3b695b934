"""Which tables a project has: built-in ones, its own, and those its mappings generate."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kehu.warehouse.catalog import Catalog
from kehu.warehouse.table import load_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Mapping as Dictionary
    from pathlib import Path

    from kehu.flow.project import Project
    from kehu.integrate.mapping import Mapping
    from kehu.warehouse.table import Table

Columns = tuple[tuple[str, str], ...]


def project_tables(folders: Sequence[Path]) -> dict[str, Table]:
    """Return the tables of these folders; read again only when a file of them changed."""
    changed = tuple(sorted((str(path), path.stat().st_mtime_ns) for folder in folders for path in folder.rglob("*.*")))
    return dict(_loaded(tuple(folders), changed))


@lru_cache(maxsize=4)
def _loaded(folders: tuple[Path, ...], changed: object) -> dict[str, Table]:  # noqa: ARG001  # part of the cache's key
    return load_tables(*folders)


def full_catalog(project: Project, landed: Dictionary[str, Columns], mappings: Iterable[Mapping]) -> Catalog:
    """Return every table of a project, down to the raw ones.

    Parameters
    ----------
    project : Project
        Whose tables.
    landed : dict
        The lake's tables with their columns; those named ``raw_*`` are what the mappings read.
    mappings : iterable of Mapping
        The sources.
    """
    from kehu.integrate.staging import mapped_tables

    tables = project_tables(project.table_folders)
    raw = {name: columns for name, columns in landed.items() if name.startswith("raw_") and name not in tables}
    mapped = mapped_tables(list(mappings), tables, raw, region=project.settings.region)
    return Catalog({**tables, **{table.name: table for table in mapped}}, raw)
