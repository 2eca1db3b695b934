"""Table files: one file is one warehouse table, with a YAML header that says what it holds."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any, Literal, get_args

from kehu.base.errors import TableError
from kehu.warehouse.header import read_header
from kehu.warehouse.sql import tables_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from kehu.base.progress import Progress
    from kehu.base.settings import Settings
    from kehu.warehouse.follow import Follow

Layer = Literal["raw", "staging", "entity", "mart", "ledger"]
Kind = Literal["full", "merge", "ledger", "scratch", "view"]
HEADER = re.compile(r"\s*/\*(?P<header>.*?)\*/(?P<body>.*)", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, type, meaning, unit : str
        Name, DuckDB type, and what a value says, in which unit.
    pii : bool or None
        True: personal data. None (default): personal when it is computed from personal data. False: declared
        harmless although computed from personal data (a count, a key without meaning); lineage stops there.
    required : bool
        Whether a source row without it goes to quarantine.
    transform : str
        The mapping's default transform for this field.
    names : tuple of str
        Words under which sources know this field.
    references : str
        ``table.column`` that its values must exist in.
    origin : tuple of str
        ``table.column`` it is computed from, where no SQL says so (Python tables).
    """

    name: str
    type: str
    meaning: str = ""
    unit: str = ""
    pii: bool | None = None
    required: bool = False
    transform: str = ""
    names: tuple[str, ...] = ()
    references: str = ""
    origin: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """A condition on every row: an SQL expression (NULL passes), ``unique(a, b)`` or ``not_null(a)``."""

    name: str
    sql: str


@dataclass(frozen=True)
class Inputs:
    """What a Python table may use: the build's connection, settings, progress, and which tables exist.

    Attributes
    ----------
    connection : duckdb.DuckDBPyConnection
        Reads every table built before this one by its bare name, and the table's own previous version.
    has : callable
        ``has(table)``: whether a table exists (an own previous version does not in the first build).
    held : callable, optional
        Of a ``merge`` table of which only the rows of the keys in ``temp.touched`` are wanted (_k1, ..., one column
        per column of ``by``). A table may insert further keys there, and then returns their rows as well. When it has,
        ``held()`` reads the rows that the table holds of them, with ``_rowid``, and names where they stand.
    """

    connection: DuckDBPyConnection
    settings: Settings
    progress: Progress
    has: Callable[[str], bool]
    held: Callable[[], str] | None = None

    @property
    def is_part(self) -> bool:
        """Whether only the rows of touched keys are wanted."""
        return self.held is not None


class _Depends:
    """A tuple of table names that is read from the SELECT when first asked for: parsing costs 10 ms a table."""

    def __get__(self, table: Table | None, owner: type) -> tuple[str, ...]:
        if table is None:
            return ()
        given: tuple[str, ...] = table.__dict__["depends"]
        if table.sql and not given:
            found = tables_in(table.sql, str(table.path or table.name)) - {table.name}
            given = table.__dict__["depends"] = tuple(sorted(found))
        return given

    def __set__(self, table: Table, names: tuple[str, ...]) -> None:
        table.__dict__["depends"] = tuple(names)


@dataclass(frozen=True)
class Table:
    """One warehouse table: what it holds and how it is computed.

    Attributes
    ----------
    layer : {"raw", "staging", "entity", "mart", "ledger"}
        Where it stands between raw rows and pages.
    kind : {"full", "merge", "ledger", "scratch", "view"}
        Computed whole when something it reads changed; kept by key, so that only touched keys are computed anew;
        appended to and never rebuilt; a temporary table, or only a name for a SELECT, while a build needs it.
    grain : str
        What one row is.
    key : tuple of str
        Columns that identify a row; checked to be unique after each build.
    depends : tuple of str
        Tables it reads; for SQL found in the statement.
    sql : str or None
        One SELECT, run as written. Exactly one of ``sql`` and ``compute`` but for ledgers, which have neither.
    compute : callable or None
        ``compute(inputs)`` returning a DuckDB relation or an Arrow table.
    sort : tuple of str
        Columns that order the stored rows.
    entity : str
        The canonical entity a staging table describes.
    by : tuple of str
        Of a ``merge`` table the columns by which it is kept: its rows of one key follow from the rows that its
        followed inputs have for that key, and from all other inputs as a whole.
    follows : dict of str to Follow
        How changes of inputs touch keys; a change of any other input means computing the table whole.
    also : tuple of str
        SELECTs of further keys that must be computed together with the touched ones (equal keys of other rows).
    is_scanned : bool
        It has most rows, and nobody looks single ones up: its files are packed for scans.
    is_local : bool
        Rows that could break its checks together are always touched together, so a merge checks the touched ones only.
    """

    name: str
    layer: Layer
    kind: Kind
    description: str
    grain: str
    key: tuple[str, ...]
    owner: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...] = ()
    depends: _Depends = _Depends()
    sql: str | None = None
    compute: Callable[[Inputs], Any] | None = None
    sort: tuple[str, ...] = ()
    path: Path | None = None
    entity: str = ""
    by: tuple[str, ...] = ()
    follows: Mapping[str, Follow] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    is_local: bool = False
    is_scanned: bool = False

    @property
    def is_stored(self) -> bool:
        """Whether the lake holds it; scratch tables and views live only while a build needs them."""
        return self.kind not in ("scratch", "view")

    @property
    def slice_by(self) -> tuple[str, str]:
        """The followed input whose rows name slices of the table, and the column that both share; empty without."""
        return next(((other, follow.slice) for other, follow in self.follows.items() if follow.slice), ("", ""))

    def column(self, name: str) -> Column | None:
        """Return the column called ``name``, or None."""
        return next((column for column in self.columns if column.name == name), None)


def load_tables(*folders: Path) -> dict[str, Table]:
    """Return the tables of all ``*.sql`` and ``*.py`` files under ``folders`` by name.

    A file of a later folder replaces one of the same name from an earlier folder.

    Raises
    ------
    TableError
        When a header is missing, no YAML, or names an unknown key, kind or column; with file and line.
    """
    tables: dict[str, Table] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.*")):
            if path.suffix in {".sql", ".py"} and not path.stem.startswith("_"):
                tables[path.stem] = load_table(path)
    return tables


def load_table(path: Path) -> Table:
    """Return the table that one file describes; its layer is the folder's name, ``mart`` for any other."""
    text = path.read_text(encoding="utf-8")
    layer: Layer = path.parent.name if path.parent.name in get_args(Layer) else "mart"  # type: ignore[assignment]  # checked here
    if path.suffix == ".py":
        header = _docstring(path, text)
        values: dict[str, Any] = {"compute": _computing(path)}
    else:
        match = HEADER.fullmatch(text)
        if not match:
            fix = "Begin the file with /* description: ... */ in YAML"
            raise TableError("the header comment is missing", where=str(path), fix=fix)
        header, body = match["header"], match["body"].strip().removesuffix(";")
        values = {"sql": body or None}
    described = read_header(header, path)
    default = "ledger" if layer == "ledger" else "full"
    table = _table(path, layer, {"kind": default, **described}, values)
    if table.sql is None and table.compute is None and table.kind != "ledger":
        raise TableError("the SELECT is missing", where=str(path), fix="Write one SELECT below the header")
    return table


def _table(path: Path, layer: Layer, described: dict[str, Any], values: dict[str, Any]) -> Table:
    columns = tuple(Column(**column) for column in described.pop("columns"))
    checks = tuple(Check(sql, sql) for sql in described.pop("checks", ()))
    table = Table(name=path.stem, layer=layer, path=path, columns=columns, checks=checks, **described, **values)
    for wanted in (*table.key, *table.sort, *table.by):
        if table.column(wanted) is None:
            fix = "Use a column of the header"
            raise TableError(f"key, sort or by names {wanted!r}, which is no column", where=str(path), fix=fix)
    if table.kind == "merge" and not (table.key and table.by and table.follows):
        fix = "Add key, by and follows, or leave the kind out"
        raise TableError("a merge table has a key, by and follows", where=str(path), fix=fix)
    _refuse_slices(table)
    return table


def _refuse_slices(table: Table) -> None:
    """Refuse slices that could not come and go alone."""
    found = [(other, follow) for other, follow in table.follows.items() if follow.slice]
    if len(found) > 1 or any(follow.key or follow.slice not in table.key for _, follow in found):
        fix = "Give one input 'slice: COLUMN', a column of the table's key, and no key beside it"
        raise TableError("slices that no input, or more than one, can tell apart", where=str(table.path), fix=fix)


def _docstring(path: Path, text: str) -> str:
    try:
        tree = ast.parse(text, str(path))
    except SyntaxError as error:
        raise TableError(f"not valid Python: {error}", where=str(path), fix="Correct that line") from error
    if not any(isinstance(node, ast.FunctionDef) and node.name == "compute" for node in tree.body):
        raise TableError("the file has no function compute(inputs)", where=str(path), fix="Add it")
    return ast.get_docstring(tree) or ""


def _computing(path: Path) -> Callable[[Inputs], Any]:
    """Return ``compute`` of a Python table; the file runs when a build needs it, not when tables are listed."""

    def compute(inputs: Inputs) -> Any:  # noqa: ANN401  # a relation or an Arrow table
        name = f"kehu_table_{path.stem}"
        spec = spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise TableError("not a Python file", where=str(path), fix="Write a module with compute(inputs)")
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.compute(inputs)

    return compute
