"""Where a lake is and what it may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.base.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.base.settings import Settings

POSTGRES = "postgres:"


@dataclass(frozen=True)
class Elsewhere:
    """The parts of a lake that are not in its folder, for several hosts or for more than a disk holds.

    Attributes
    ----------
    catalog : str
        How libpq reaches the PostgreSQL database of the catalog; empty for SQLite in the folder. It holds no
        password: libpq takes that from ``PGPASSWORD`` or ``PGPASSFILE``.
    files : str
        ``s3://bucket/prefix/workspace`` of the Parquet files; empty for the folder.
    """

    catalog: str = ""
    files: str = ""


HERE = Elsewhere()


@dataclass(frozen=True)
class Place:
    """A lake's folder, what of it is elsewhere, and its limits.

    Attributes
    ----------
    folder : Path
        ``data/<workspace>``, absolute.
    memory_limit : str
        What one DuckDB connection may use before it spills to ``folder/tmp``.
    threads : int
        Cores to use; 0 means all.
    lock_seconds : float
        How long a writer waits for the one before it.
    elsewhere : Elsewhere
        A catalog on PostgreSQL, files in an object store.
    """

    folder: Path
    memory_limit: str = "1GB"
    threads: int = 0
    lock_seconds: float = 120.0
    elsewhere: Elsewhere = HERE

    @property
    def catalog(self) -> Path:
        """The SQLite file that knows tables, snapshots and files, where no server does."""
        return self.folder / "catalog.sqlite"

    @property
    def files(self) -> Path:
        """The folder of the Parquet files; empty where an object store holds them."""
        return self.folder / "files"

    @property
    def is_shared(self) -> bool:
        """Whether PostgreSQL holds the catalog, so that other hosts write and read it, too."""
        return bool(self.elsewhere.catalog)

    @property
    def is_remote(self) -> bool:
        """Whether an object store holds the files."""
        return bool(self.elsewhere.files)

    @property
    def root(self) -> str:
        """The text that stands before the path of every file, with a slash at its end."""
        return f"{self.elsewhere.files or self.files.as_posix()}/"


def elsewhere(settings: Settings) -> Elsewhere:
    """Return what ``catalog`` and ``files`` of ``kehu.toml`` mean for the workspace of ``settings``.

    Raises
    ------
    SettingsError
        When two workspaces would share one database: a workspace other than ``main`` needs ``{workspace}`` in it.
    """
    catalog = settings.catalog.removeprefix(POSTGRES)
    if catalog and "{workspace}" not in catalog and settings.workspace != "main":
        fix = "Write the name of the database with {workspace} in it, such as dbname=kehu_{workspace}"
        raise SettingsError("every workspace needs a database of its own", where="kehu.toml, catalog", fix=fix)
    files = f"{settings.files.rstrip('/')}/{settings.workspace}" if settings.files else ""
    return Elsewhere(catalog.replace("{workspace}", settings.workspace), files)
