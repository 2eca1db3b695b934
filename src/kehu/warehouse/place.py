"""Where a lake is on disk and what it may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A lake's folder and limits.

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
    """

    folder: Path
    memory_limit: str = "1GB"
    threads: int = 0
    lock_seconds: float = 120.0

    @property
    def catalog(self) -> Path:
        """The SQLite file that knows tables, snapshots and files."""
        return self.folder / "catalog.sqlite"

    @property
    def files(self) -> Path:
        """The folder of the Parquet files."""
        return self.folder / "files"
