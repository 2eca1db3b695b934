"""SQL as a tree: parsing with errors that name the file, and the tables a statement reads."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlglot
import sqlglot.dialects.duckdb  # sqlglot's own loading at first use shows other threads half a dialect
from sqlglot import exp
from sqlglot.errors import SqlglotError

from kehu.base.errors import TableError
from kehu.warehouse.recall import recall
from kehu.warehouse.store.engine import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from duckdb import DuckDBPyConnection


COLUMN = re.compile(r'\w+|"\w+"')
ALONE = 2  # keys by which nothing is sorted that are better looked for one by one; of nearly unique ones 40 ms each
LISTED = 16  # keys that each row is better compared with before other columns of it are read


def parse(sql: str, where: str = "") -> exp.Query:
    """Return the tree of one SELECT in DuckDB's dialect; shared by all callers, so never change it.

    Raises
    ------
    TableError
        When the text is not exactly one SELECT.
    """
    try:
        trees = _trees(sql)
    except SqlglotError as error:
        raise TableError(f"the SQL cannot be parsed: {error}", where=where, fix="Correct the SQL") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise TableError("a table is exactly one SELECT", where=where, fix="Remove the other statements")
    return trees[0]


@lru_cache(maxsize=512)
def _trees(sql: str) -> list[exp.Expr]:
    return [tree for tree in sqlglot.parse(sql, dialect="duckdb") if tree is not None]


def tables_in(sql: str, where: str = "") -> frozenset[str]:
    """Return the names of the tables that a SELECT reads, without its CTEs."""
    return recall("tables", sql, lambda: _tables_in(parse(sql, where))) or frozenset()


def _tables_in(tree: exp.Query) -> frozenset[str]:
    tables = tree.find_all(exp.Table)
    return frozenset(table.name for table in tables if isinstance(table.this, exp.Identifier) and not _is_cte(table))


def columns_named(sql: str, where: str = "") -> frozenset[str] | None:
    """Return names, in lower case, among which are all columns that a SELECT reads; None where it reads unnamed ones.

    Unnamed are those of a star or pivot over a table, of a natural join, and of a whole row (``to_json(t)`` of a table
    ``t``). A star over what the statement itself selects is fine: that was named there.
    """
    return recall("columns", sql, lambda: _columns_named(parse(sql, where)))


def _columns_named(tree: exp.Query) -> frozenset[str] | None:
    stars = (star for star in tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count) and _tables(star))
    natural = (join for join in tree.find_all(exp.Join) if join.method == "NATURAL")
    plain = (column for column in tree.find_all(exp.Column) if not column.table)
    rows = (column for column in plain if column.name.lower() in _tables(column))
    pivots = (pivot for pivot in tree.find_all(exp.Pivot) if not (pivot.this and _is_selected(pivot.this)))
    if any(True for found in (stars, natural, rows, pivots, tree.find_all(exp.Columns)) for _ in found):
        return None
    return frozenset(identifier.name.lower() for identifier in tree.find_all(exp.Identifier))


def one_by_one(scan: str, by: Sequence[str], rows: Sequence[tuple[object, ...]]) -> str:
    """Return the SELECT of the rows of one SELECT whose columns ``by`` are one of a few keys, each looked for alone.

    A list, or a join, only lets DuckDB pass over row groups of Parquet, by their least and greatest value. An equality
    lets it pass over rows, and over row groups by their Bloom filters where values repeat: of two million rows 20 ms
    for each key instead of 500 for all.
    """
    wheres = (
        " AND ".join(f"{column} = {quoted(str(value))}" for column, value in zip(by, row, strict=True)) for row in rows
    )
    parts = " UNION ALL ".join(f"SELECT * FROM ({scan}) AS s WHERE {where}" for where in wheres)
    return f"SELECT * FROM ({parts}) AS found"  # one SELECT: a union by name with another must not reach into it


def sought(connection: DuckDBPyConnection, scan: str, by: Sequence[str], wanted: str, keys: Sequence[str]) -> str:
    """Return what :func:`among` returns; one or two keys are looked for one by one, a few more within the scan."""
    known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    distinct = f"SELECT DISTINCT {', '.join(keys)} FROM ({wanted}) AS w WHERE {known}"
    found = connection.execute(f"{distinct} LIMIT {LISTED + 1}").fetchall()
    if 0 < len(found) <= ALONE:
        return one_by_one(scan, by, sorted(found))
    within = scan
    if 0 < len(found) <= LISTED:
        asked = passed(connection, scan, by[-1], {row[-1] for row in found})
        within = f"SELECT * FROM ({scan}) AS l WHERE {asked}"
    return among(within, by, wanted, keys)


def passed(connection: DuckDBPyConnection, scan: str, column: str, values: Collection[object]) -> str:
    """Return the condition of rows of a SELECT whose column, or expression, is one of different values.

    A list passes over row groups by their least and greatest value, but of the others all columns are read before the
    rows are compared. ``list_contains`` is asked within the scan: two million rows take half as long. It compares like
    with like only, so it is asked of texts alone.
    """
    listed = ", ".join(sorted(quoted(str(value)) for value in values))
    condition = f"{column} IN ({listed})"
    if len(values) > LISTED or not COLUMN.fullmatch(column) or not all(isinstance(value, str) for value in values):
        return condition
    ((_, kind, *_),) = connection.execute(f"DESCRIBE SELECT {column} FROM ({scan}) AS s").fetchall()
    return f"{condition} AND list_contains([{listed}], {column})" if kind == "VARCHAR" else condition


def among(scan: str, by: Sequence[str], wanted: str, keys: Sequence[str], lead: int = -1) -> str:
    """Return the SELECT of the rows of one SELECT whose expressions ``by`` are the columns ``keys`` of another's row.

    Rows are looked for by one part of the key alone, the one that tells most (``lead``: the last, of source and key),
    then by all. Looked for by all at once, DuckDB reads the parts that nearly every row has in common first, which
    takes up to four times as long.
    """
    only = f"SELECT {keys[lead]} FROM ({wanted})"
    first = f"SELECT s.* FROM ({scan}) AS s SEMI JOIN ({only}) AS v ON {by[lead]} = v.{keys[lead]}"
    if len(by) == 1:
        return first
    on = " AND ".join(f"{one} = w.{other}" for one, other in zip(by, keys, strict=True))
    near = f"WITH near AS MATERIALIZED ({first}) SELECT * FROM near"
    return f"SELECT i.* FROM ({near}) AS i SEMI JOIN ({wanted}) AS w ON {on}"


def _tables(node: exp.Expr) -> set[str]:
    """Return the names, in lower case, under which an expression can see tables themselves, of outer SELECTs too."""
    found: set[str] = set()
    beside = None  # a CTE does not see what the SELECT that it serves reads
    for ancestor in _ancestors(node):
        if isinstance(ancestor, exp.With):
            beside = ancestor.parent
        elif isinstance(ancestor, exp.Select) and ancestor is not beside:
            items = (ancestor.args.get("from_"), *(ancestor.args.get("joins") or []))
            found |= {item.this.alias_or_name.lower() for item in items if item and not _is_selected(item.this)}
    return found


def _is_selected(source: exp.Expr) -> bool:
    """Return whether what a FROM names was selected in the same statement."""
    is_query = isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query)
    return is_query or (isinstance(source, exp.Table) and _is_cte(source))


def _is_cte(table: exp.Table) -> bool:
    """Return whether an enclosing WITH defines the name before (or, when recursive, at) the place of use."""
    inside: exp.Expr = table
    for ancestor in _ancestors(table):
        if isinstance(ancestor, exp.With):
            visible = ancestor.expressions[: (inside.index or 0) + bool(ancestor.args.get("recursive"))]
        else:
            given = ancestor.args.get("with_")
            visible = given.expressions if given and given is not inside else []
        if any(cte.alias.lower() == table.name.lower() for cte in visible):
            return True
        inside = ancestor
    return False


def _ancestors(node: exp.Expr) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        yield node
