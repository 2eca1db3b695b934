"""Keeping a table by key: only the keys that changed rows touch are computed anew.

The table's own SELECT runs unchanged: for its time the names of its inputs stand for the rows of the touched keys
(temporary tables come first when DuckDB looks a name up), so what it gives are the rows of those keys. They are
compared with the rows that the lake holds for the same keys, and only the differences are written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kehu.warehouse.build.compute import column_list
from kehu.warehouse.session.writer import ordered_by
from kehu.warehouse.sql import ALONE, COLUMN, LISTED, among, one_by_one, passed
from kehu.warehouse.store.engine import name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from kehu.warehouse.build.change import Changes
    from kehu.warehouse.lake import Writer
    from kehu.warehouse.table import Table

TOUCHED, KNOWN, NEW, OLD = "touched", "kehu_known", "kehu_new", "kehu_old"
FEW = 500  # keys that go into a scan as a list, so that files and row groups are passed over
SMALL = 100_000  # a table with fewer rows is written anew: one sorted file instead of a new one and a file of deletes


def touch(writer: Writer, table: Table, changes: Changes, *, is_exact: bool) -> int:
    """Collect the keys of ``table`` that changed rows reach as ``touched`` (_k1, ...); return how many.

    ``_is_fresh`` tells the keys that only new rows of a ``unique`` input reach: the table cannot hold them yet. That is
    known only when the changes are exactly those since the table was built (``is_exact``).
    """
    columns, parts = ", ".join(keys(table)), []
    for other, follow in table.follows.items():
        if follow.touched and changes.was_touched(other):
            parts.append(f"SELECT {columns}, _is_fresh AND {is_exact} FROM temp.{name(f'touched_{other}')}")
        if changes.of(other) != "some" or not follow.key:  # "all": raw rows, which come and go by batch
            continue
        if follow.is_select:
            flag = f"SELECT {columns}, _is_fresh AND {is_exact}" if "_is_fresh" in follow.key else "SELECT *, FALSE"
            named = f"{columns}, _is_fresh" if "_is_fresh" in follow.key else columns
            is_own = re.search(rf"\b{re.escape(table.name)}\b", follow.key)  # which is about to change
            reached = follow.key if is_own else f"FROM temp.{changes.reached(follow.key)}"
            parts.append(f"{flag} FROM ({reached}) AS reached({named})")
        else:
            only = f" WHERE {follow.when}" if follow.when else ""
            fresh = "NOT _is_old" if follow.unique and is_exact else "FALSE"
            parts.append(f"SELECT {follow.key}, {fresh} FROM {name(f'changed_{other}')} AS c{only}")
    rows = " UNION ALL ".join(parts) or f"SELECT {', '.join(['NULL'] * len(table.by))}, FALSE LIMIT 0"
    _touched(writer.connection, table, rows)
    return count(writer, f"temp.{TOUCHED}")


def touch_also(writer: Writer, table: Table) -> bool:
    """Add the keys that must be computed together with the touched ones; return whether there were any."""
    columns, before = ", ".join(keys(table)), count(writer, f"temp.{TOUCHED}")
    parts = [f"SELECT {columns}, _is_fresh FROM temp.{TOUCHED}"]
    parts += [f"SELECT *, FALSE FROM ({select}) AS reached({columns})" for select in table.also]
    _touched(writer.connection, table, " UNION ALL ".join(parts))
    return count(writer, f"temp.{TOUCHED}") > before


def keys(table: Table) -> list[str]:
    """Return the names that a table's key columns have in ``touched``."""
    return numbered(table.by)


def numbered(by: Sequence[str]) -> list[str]:
    """Return the names that the parts of a key have where keys stand in tables of their own."""
    return [f"_k{number}" for number in range(1, len(by) + 1)]


def as_keys(by: Sequence[str]) -> str:
    """Return the parts of a key under the names that :func:`numbered` gives."""
    return ", ".join(f"{part} AS {number}" for part, number in zip(by, numbered(by), strict=True))


def count(writer: Writer, place: str) -> int:
    """Return how many rows stand in a table, or in what else follows FROM."""
    found = writer.connection.execute(f"SELECT count(*) FROM {place}").fetchone()
    return int(found[0]) if found else 0


def asks_first(table: Table) -> bool:
    """Return whether the keys that the lake holds already must be known before anything is computed."""
    return any(follow.covers for follow in table.follows.values())


def hold(writer: Writer, table: Table) -> None:
    """Put the rows that the lake holds of the touched keys where :func:`differ` finds them.

    Of a table that covers an input most keys are new: those that are not stand in ``KNOWN``, told by the keys alone.
    """
    connection, by = writer.connection, tuple(map(name, table.by))
    wanted, place = f"SELECT * FROM temp.{TOUCHED} WHERE NOT _is_fresh", f"lake.main.{name(table.name)}"
    is_sorted = _leads(table)
    if asks_first(table):
        held = looked_up(connection, f"SELECT {', '.join(by)} FROM {place}", by, wanted, is_sorted=is_sorted)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {KNOWN} AS SELECT DISTINCT {as_keys(by)} FROM ({held})")
        wanted = f"SELECT * FROM temp.{KNOWN}"
    scan = f"SELECT rowid AS _rowid, {column_list(table)} FROM {place}"
    held = looked_up(connection, scan, by, wanted, is_sorted=is_sorted)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {OLD} AS {held}")


def differ(writer: Writer, table: Table) -> tuple[int, int]:
    """Put what changes in ``delta_<table>``: rows that go (``_is_old``, with ``_rowid``) and that come; count both."""
    columns, delta = column_list(table), name(f"delta_{table.name}")
    same = " AND ".join(f"o.{name(c.name)} IS NOT DISTINCT FROM n.{name(c.name)}" for c in table.columns)
    gone = f"SELECT {columns}, _rowid, TRUE AS _is_old FROM temp.{OLD} AS o ANTI JOIN temp.{NEW} AS n ON {same}"
    come = (
        f"SELECT {columns}, NULL AS _rowid, FALSE AS _is_old FROM temp.{NEW} AS n ANTI JOIN temp.{OLD} AS o ON {same}"
    )
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {delta} AS {gone} UNION ALL {come}")
    return count(writer, f"temp.{delta} WHERE _is_old"), count(writer, f"temp.{delta} WHERE NOT _is_old")


def apply(writer: Writer, table: Table, rows: int) -> None:
    """Write the differences to the lake: into the table, or the table anew when the rows it has are few."""
    place, columns, delta = f"lake.main.{name(table.name)}", column_list(table), name(f"delta_{table.name}")
    come = f"SELECT {columns} FROM temp.{delta} WHERE NOT _is_old"
    if rows < SMALL:
        kept = f"SELECT {columns} FROM {place} WHERE rowid NOT IN (SELECT _rowid FROM temp.{delta} WHERE _is_old)"
        writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE kehu_whole AS {kept} UNION ALL {come}")
        writer.replace(table.name, "SELECT * FROM temp.kehu_whole", table.sort, is_scanned=table.is_scanned)
        writer.connection.execute("DROP TABLE temp.kehu_whole")
        return
    gone = f"SELECT * FROM temp.{delta} WHERE _is_old"
    if writer.connection.execute(f"SELECT 1 FROM ({gone}) LIMIT 1").fetchone():
        near = _near(writer.connection, table, gone)
        writer.connection.execute(f"DELETE FROM {place} WHERE {near} AND rowid IN (SELECT _rowid FROM ({gone}))")
    writer.connection.execute(f"INSERT INTO {place} ({columns}) {come}{ordered_by(table.sort)}")


def _leads(table: Table) -> bool:
    """Return whether the table's files are sorted by a part of its keys first, or stand as rows came (raw rows do)."""
    return not table.sort or table.sort[0] in table.by


def _near(connection: DuckDBPyConnection, table: Table, gone: str) -> str:
    """Return the condition of rows that stand where one that goes does; reading all rowids costs five times as much."""
    by = tuple(map(name, table.by))
    columns = tuple(map(name, table.sort[:1])) if table.sort and not _leads(table) else by
    few = connection.execute(f"SELECT DISTINCT {', '.join(columns)} FROM ({gone}) LIMIT {FEW + 1}").fetchall()
    if len(few) > FEW or any(None in row for row in few):
        return f"({', '.join(by)}) IN (SELECT ({', '.join(by)}) FROM ({gone}))"
    held, parts = f"FROM lake.main.{name(table.name)}", zip(columns, zip(*few, strict=True), strict=True)
    return " AND ".join(passed(connection, held, column, set(values)) for column, values in parts)


def _touched(connection: DuckDBPyConnection, table: Table, rows: str) -> None:
    columns = ", ".join(keys(table))
    not_null = " AND ".join(f"{key} IS NOT NULL" for key in keys(table))
    found = f"SELECT {columns}, bool_and(_is_fresh) AS _is_fresh FROM ({rows}) AS t({columns}, _is_fresh)"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {TOUCHED} AS {found} WHERE {not_null} GROUP BY {columns}")


def looked_up(
    connection: DuckDBPyConnection, scan: str, by: tuple[str, ...], wanted: str, *, is_sorted: bool = True
) -> str:
    """Return the rows of ``scan`` whose expressions ``by`` are among wanted keys (_k1, ...), sorted by them or not."""
    names = numbered(by)
    few = connection.execute(f"SELECT {', '.join(names)} FROM ({wanted}) AS w LIMIT {FEW + 1}").fetchall()
    if not few:
        return f"SELECT * FROM ({scan}) AS i WHERE FALSE"
    if not is_sorted and len(few) <= ALONE and all(map(COLUMN.fullmatch, by)):
        return one_by_one(scan, by, list(dict.fromkeys(few)))
    values = [set(part) for part in zip(*few, strict=True)]
    if len(few) > FEW and len(by) > 1:
        parts = (f"SELECT DISTINCT {key} FROM ({wanted}) AS w LIMIT {FEW + 1}" for key in names)
        values = [{value for (value,) in connection.execute(part).fetchall()} for part in parts]
    lead = max(range(len(by)), key=lambda part: (len(values[part]), part))  # of source and key the key, of lines orders
    most = {place: FEW if is_sorted else LISTED * (place == lead) for place in range(len(by))}
    listed = {
        part: passed(connection, scan, part, values[place])
        for place, part in enumerate(by)
        if len(values[place]) <= most[place] and (len(by) == 1 or COLUMN.fullmatch(part))
    }
    within = f"SELECT * FROM ({scan}) AS i WHERE {' AND '.join(listed.values()) or 'TRUE'}"
    return within if len(by) == len(listed) == 1 else among(within, by, wanted, names, lead)
