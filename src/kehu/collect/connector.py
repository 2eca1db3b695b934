"""What collecting speaks about: looks, streams, readings, and the door for new kinds of source."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

from kehu.base.errors import SourceError, did_you_mean

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from kehu.base.types import Json


@dataclass(frozen=True)
class ColumnLook:
    """One column as looking found it, measured on the first rows of the stream.

    Attributes
    ----------
    name : str
        The name as the source writes it.
    type : str
        The narrowest DuckDB type that every looked-at value fits: BOOLEAN, BIGINT, DOUBLE, DATE, TIMESTAMP,
        VARCHAR, or the source's own type (Parquet, SQLite). Digits with a leading zero stay VARCHAR.
    samples : tuple of str
        Up to five of the most frequent values, as text.
    spread : tuple of str
        Up to 200 different values from all over the looked-at rows, as text.
    null_share, distinct_share : float
        0-1; empty among all looked-at rows, different among the filled ones.
    """

    name: str
    type: str
    samples: tuple[str, ...] = ()
    spread: tuple[str, ...] = ()
    null_share: float = 0.0
    distinct_share: float = 0.0


@dataclass(frozen=True)
class StreamLook:
    """One stream (a table's worth of rows) that looking found, ready to be written into a mapping.

    Attributes
    ----------
    name : str
        Proposed stream name: letters, digits, ``_`` (Chinese too), unique within the source.
    connector : str
        ``csv``, ``parquet``, ``excel``, ``sqlite`` or ``jsonl``.
    file : str
        Name or glob below the source's path; empty when the path is the file itself.
    sheet, table : str
        The sheet of a workbook, the table of a database; else empty.
    encoding, delimiter : str
        How text is read; empty where it has no meaning, or where the files differ in encoding.
    header : bool
        False when the first record is already a row; columns are then ``column_1``, ``column_2``, ...
    columns : tuple of ColumnLook
        Columns in order.
    rows : int
        Rows of all files; for CSV and JSON Lines counted in lines, so about right where values hold newlines.
    sample : list of dict
        The first ten rows, decoded, column -> text or None.
    files : tuple of str
        The files that make up the stream today, relative to the source's path.
    """

    name: str
    connector: str
    file: str = ""
    sheet: str = ""
    table: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: bool = True
    columns: tuple[ColumnLook, ...] = ()
    rows: int = 0
    sample: list[dict[str, Json]] = field(default_factory=list)
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stream:
    """How one stream of a source is read: the reading part of a mapping.

    Attributes
    ----------
    name, connector, file, sheet, table, encoding, delimiter, header
        As in `StreamLook`; an empty ``encoding`` or ``delimiter`` is found by looking at each file.
    mapped : tuple of tuple of str
        Columns the mapping's entities need: every tuple names alternatives of which one must exist.
    where : str
        The mapping file, for messages.
    """

    name: str
    connector: str = ""
    file: str = ""
    sheet: str = ""
    table: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: bool | None = None
    mapped: tuple[tuple[str, ...], ...] = ()
    where: str = ""

    def read_as(self) -> str:
        """Return what, besides the bytes, decides the rows: a change of it lands an unchanged file anew."""
        parts = (self.connector, self.sheet, self.table, self.encoding, self.delimiter)
        header = "" if self.header is None else f"header={self.header}".lower()
        return "|".join((*parts, header))


@dataclass(frozen=True)
class Reject:
    """One record that is no row: where it stands, the rule it breaks, why, and its text."""

    line: int
    rule: str
    reason: str
    text: str


@dataclass
class Late:
    """What is found out only while a reading's ``select`` runs.

    Attributes
    ----------
    written : int
        Further records that ``select`` must account for.
    rejected : int
        Those of them that are broken.
    rejects : list of Reject
        The broken ones; cut short when there are so many that the file is refused anyway.
    """

    written: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """One file (sheet, table) opened for reading, before any row was read.

    Attributes
    ----------
    columns : tuple of (name, DuckDB type)
        What the rows hold.
    select : str
        SELECT that gives ``_line`` and then every column.
    rejects : tuple of Reject
        Records already found broken.
    rejects_select : str
        SELECT of ``line, rule, reason, text``, valid once ``select`` ran; empty when nothing more can be rejected.
    written : int
        Records that ``select`` must account for (rows and rejects); -1 when the format cannot lose one.
    warnings : tuple of str
        What the owner should know.
    late : Late
        Filled while ``select`` runs.
    """

    columns: tuple[tuple[str, str], ...]
    select: str
    rejects: tuple[Reject, ...] = ()
    rejects_select: str = ""
    written: int = -1
    warnings: tuple[str, ...] = ()
    late: Late = field(default_factory=Late)


class Connector(Protocol):
    """One kind of source file; built-ins and plug-ins (group ``kehu.connectors``) come in by the same door."""

    suffixes: tuple[str, ...]

    def look(self, path: Path, connection: DuckDBPyConnection, scratch: Path) -> list[StreamLook]:
        """Return what one file holds: a stream per sheet or table, without ``file`` and ``files``."""

    def read(self, path: Path, stream: Stream, connection: DuckDBPyConnection, scratch: Path) -> Reading:
        """Open one file; temporary copies go to ``scratch``, which lives until the rows are landed."""


@cache
def connectors() -> dict[str, Connector]:
    """Return every installed connector by name."""
    return {entry.name: entry.load()() for entry in entry_points(group="kehu.connectors")}


def connector_named(name: str, *, where: str = "") -> Connector:
    """Return a connector by the name a mapping gives it.

    Raises
    ------
    SourceError
        When there is none of that name.
    """
    known = connectors()
    if name not in known:
        fix = f"{did_you_mean(name, known)} Kehu reads {', '.join(sorted(known))}".strip()
        raise SourceError(f"unknown connector {name!r}", where=where, fix=fix)
    return known[name]


def connector_of(path: Path) -> str | None:
    """Return the name of the connector that reads files named like this one, or None."""
    lower = path.name.lower()
    for name, connector in connectors().items():
        if lower.endswith(connector.suffixes):
            return name
    return None
