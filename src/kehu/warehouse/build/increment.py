"""Keeping a table by key: only the keys that changed rows touch are computed anew.

The table's own SELECT runs unchanged: for its time the names of its inputs stand for the rows of the touched keys
(temporary tables come first when DuckDB looks a name up), so what it gives are the rows of those keys. They are
compared with the rows that the lake holds for the same keys, and only the differences are written.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from kehu.warehouse.build.compute import column_list
from kehu.warehouse.session.writer import ordered_by
from kehu.warehouse.sql import ALONE, COLUMN, LISTED, among, one_by_one, passed
from kehu.warehouse.store.engine import name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from duckdb import DuckDBPyConnection

    from kehu.warehouse.build.change import Changes
    from kehu.warehouse.follow import Follow
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
    return [f"_k{number}" for number in range(1, len(table.by) + 1)]


def count(writer: Writer, place: str) -> int:
    """Return how many rows stand in a table, or in what else follows FROM."""
    found = writer.connection.execute(f"SELECT count(*) FROM {place}").fetchone()
    return int(found[0]) if found else 0


def narrow(
    writer: Writer, table: Table, changes: Changes, wanted: Mapping[str, list[str]], sorts: Mapping[str, str]
) -> list[str]:
    """Make the names of followed inputs stand for their rows of the touched keys; return those names.

    ``wanted`` names the columns to take of an input; of one that is not in it all are taken. ``sorts`` names the column
    that an input is sorted by first; who is not in it may be sorted by any.
    """
    connection = writer.connection
    if asks_first(table):
        hold(writer, table)
        by = map(name, table.by)
        known = ", ".join(f"{column} AS {key}" for column, key in zip(by, keys(table), strict=True))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {KNOWN} AS SELECT DISTINCT {known} FROM temp.{OLD}")
    narrowed = [other for other, follow in table.follows.items() if follow.narrows and writer.has(other)]
    for other in narrowed:
        columns = ", ".join(map(name, wanted[other])) if other in wanted else "*"
        scan = f"SELECT {columns} FROM lake.main.{name(other)}"
        scan += _pruned(connection, scan, table.follows[other])
        is_sorted = other not in sorts or name(sorts[other]) in map(name, table.follows[other].keys)
        rows_of = partial(_rows_of, connection, table, is_sorted=is_sorted)
        select = _narrowed(table, other, scan, rows_of, is_fed=changes.of(other) == "some")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name(other)} AS {select}")
    return narrowed


def asks_first(table: Table) -> bool:
    """Return whether the keys that the lake holds already must be known before anything is computed."""
    return any(follow.covers for follow in table.follows.values())


def hold(writer: Writer, table: Table) -> None:
    """Put the rows that the lake holds of the touched keys where :func:`differ` finds them."""
    connection, by = writer.connection, tuple(map(name, table.by))
    columns, wanted = column_list(table), f"SELECT * FROM temp.{TOUCHED} WHERE NOT _is_fresh"
    scan, is_sorted = f"SELECT rowid AS _rowid, {columns} FROM lake.main.{name(table.name)}", _leads(table)
    held = _rows_of(connection, table, scan, by, wanted, is_sorted=is_sorted)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {OLD} AS {held}")


def differ(writer: Writer, table: Table) -> tuple[int, int]:
    """Put what changes in ``delta_<table>``: rows that go (``_is_old``) and rows that come; return how many of each."""
    columns, delta = column_list(table), name(f"delta_{table.name}")
    same = " AND ".join(f"o.{name(c.name)} IS NOT DISTINCT FROM n.{name(c.name)}" for c in table.columns)
    gone = f"SELECT {columns}, _rowid, TRUE AS _is_old FROM temp.{OLD} AS o ANTI JOIN temp.{NEW} AS n ON {same}"
    come = (
        f"SELECT {columns}, NULL AS _rowid, FALSE AS _is_old FROM temp.{NEW} AS n ANTI JOIN temp.{OLD} AS o ON {same}"
    )
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE kehu_delta AS {gone} UNION ALL {come}")
    writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {delta} AS SELECT * EXCLUDE (_rowid) FROM temp.kehu_delta")
    return count(writer, f"temp.{delta} WHERE _is_old"), count(writer, f"temp.{delta} WHERE NOT _is_old")


def apply(writer: Writer, table: Table, rows: int) -> None:
    """Write the differences to the lake: into the table, or the table anew when the rows it has are few."""
    place, columns = f"lake.main.{name(table.name)}", column_list(table)
    come = f"SELECT {columns} FROM temp.kehu_delta WHERE NOT _is_old"
    if rows < SMALL:
        kept = f"SELECT {columns} FROM {place} WHERE rowid NOT IN (SELECT _rowid FROM temp.kehu_delta WHERE _is_old)"
        writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE kehu_whole AS {kept} UNION ALL {come}")
        writer.replace(table.name, "SELECT * FROM temp.kehu_whole", table.sort, is_scanned=table.is_scanned)
        writer.connection.execute("DROP TABLE temp.kehu_whole")
        return
    gone = "SELECT * FROM temp.kehu_delta WHERE _is_old"
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


def _narrowed(table: Table, other: str, scan: str, rows_of: Callable[..., str], *, is_fed: bool) -> str:
    """Return the rows of one input for the touched keys, from its history only where that can hold any.

    The history is not asked for keys whose rows are all among the changed ones: those that the changes of a ``unique``
    input name, and those that are new in a table that ``covers`` the input. It is for a row that went and came back.
    """
    columns, changed, follow = ", ".join(keys(table)), name(f"changed_{other}"), table.follows[other]
    wanted = f"SELECT {columns} FROM temp.{TOUCHED}"
    if not (is_fed and (follow.unique or follow.covers)):
        return rows_of(scan, follow.keys, wanted)
    come, gone = (f"SELECT * EXCLUDE (_is_old) FROM {changed} WHERE {which}" for which in ("NOT _is_old", "_is_old"))
    own = (
        f"SELECT {follow.key} FROM {changed}"
        if follow.unique
        else f"{wanted} EXCEPT SELECT {columns} FROM temp.{KNOWN}"
    )
    own = f"({own}) EXCEPT SELECT {follow.key} FROM ({come} INTERSECT {gone})"
    past = rows_of(scan, follow.keys, f"{wanted} EXCEPT SELECT * FROM ({own}) AS own({columns})")
    now = f"SELECT * FROM ({own}) AS own({columns}) INTERSECT {wanted}"
    recent = rows_of(come, follow.keys, now)
    return f"{past} UNION ALL BY NAME {recent}"


def _rows_of(
    connection: DuckDBPyConnection, table: Table, scan: str, by: tuple[str, ...], wanted: str, *, is_sorted: bool = True
) -> str:
    """Return the rows of ``scan`` whose expressions ``by`` are among the wanted keys, sorted by these or not."""
    few = connection.execute(f"SELECT {', '.join(keys(table))} FROM ({wanted}) AS w LIMIT {FEW + 1}").fetchall()
    if not few:
        return f"SELECT * FROM ({scan}) AS i WHERE FALSE"
    if not is_sorted and len(few) <= ALONE and all(map(COLUMN.fullmatch, by)):
        return one_by_one(scan, by, list(dict.fromkeys(few)))
    values = [set(part) for part in zip(*few, strict=True)]
    if len(few) > FEW and len(by) > 1:
        parts = (f"SELECT DISTINCT {key} FROM ({wanted}) AS w LIMIT {FEW + 1}" for key in keys(table))
        values = [{value for (value,) in connection.execute(part).fetchall()} for part in parts]
    lead = max(range(len(by)), key=lambda part: (len(values[part]), part))  # of source and key the key, of lines orders
    most = {place: FEW if is_sorted else LISTED * (place == lead) for place in range(len(by))}
    listed = {
        part: passed(connection, scan, part, values[place])
        for place, part in enumerate(by)
        if len(values[place]) <= most[place] and (len(by) == 1 or COLUMN.fullmatch(part))
    }
    within = f"SELECT * FROM ({scan}) AS i WHERE {' AND '.join(listed.values()) or 'TRUE'}"
    return within if len(by) == len(listed) == 1 else among(within, by, wanted, keys(table), lead)


def _pruned(connection: DuckDBPyConnection, scan: str, follow: Follow) -> str:
    if not follow.prune:
        return ""
    values = f"SELECT DISTINCT {follow.prune_by} FROM temp.{TOUCHED} LIMIT {FEW + 1}"
    found = [row[0] for row in connection.execute(values).fetchall()]
    if not found:
        return " WHERE FALSE"
    return f" WHERE {passed(connection, scan, name(follow.prune), found)}" if len(found) <= FEW else ""
