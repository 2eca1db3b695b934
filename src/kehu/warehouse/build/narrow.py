"""Letting the names of a table's inputs stand for the rows of its touched keys.

Tables that follow an input by the same key share what is cut from it: each key is looked up once in a build, with the
columns that any of them reads.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kehu.warehouse.build.increment import (
    FEW,
    KNOWN,
    NEW,
    TOUCHED,
    as_keys,
    asks_first,
    count,
    hold,
    keys,
    looked_up,
    numbered,
)
from kehu.warehouse.build.run import Cut
from kehu.warehouse.build.state import passing
from kehu.warehouse.sql import columns_named, passed
from kehu.warehouse.store.engine import name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.warehouse.build.run import Run
    from kehu.warehouse.follow import Follow
    from kehu.warehouse.table import Table

MISSING, OWN = "kehu_missing", "kehu_own"  # keys that no cut holds yet; keys whose rows are all among the changed ones
FEW_ENOUGH = 100_000  # touched keys up to which what stands between is computed once, and what was cut is kept


@contextmanager
def narrowed(run: Run, table: Table) -> Iterator[None]:
    """Let the inputs' names, and the scratch tables between, stand for the touched keys' rows."""
    between = passing(run.catalog, table.name)
    bound = _bound(run, table)
    for other in bound:
        run.drop(other)  # one made of whole inputs would be read instead
    run.make_between([other for other in between if other not in bound])
    cut = _narrow(run, table)
    try:
        for other in bound:
            run.make(run.catalog.tables[other], is_few=_is_few(run))
        yield
    finally:
        for other in reversed(bound):
            run.drop(other)
        for other, kind in cut.items():
            run.writer.connection.execute(f"DROP {kind} IF EXISTS temp.{name(other)}")


def _is_few(run: Run) -> bool:
    return count(run.writer, f"temp.{TOUCHED}") <= FEW_ENOUGH


def _bound(run: Run, table: Table) -> list[str]:
    """Return the scratch tables and views between that come from a followed input."""
    return [other for other in passing(run.catalog, table.name) if run.reads(other, set(table.follows))]


def _narrow(run: Run, table: Table) -> dict[str, str]:
    """Make the names of followed inputs stand for their rows of the touched keys; return of each VIEW or TABLE."""
    connection = run.writer.connection
    if asks_first(table):
        hold(run.writer, table)
    followed = [other for other, follow in table.follows.items() if follow.narrows and run.writer.has(other)]
    followed.sort(key=lambda other: bool(table.follows[other].through))  # these are cut by what another was cut to
    columns, made = _columns(run, table), {}
    for other in followed:
        wanted = columns.get(other)
        cut = _cut(run, table, other)
        made[other] = "VIEW" if cut else "TABLE"
        select = _of_cut(run, table, other, cut, wanted) if cut else _rows(run, table, other, wanted)
        connection.execute(f"CREATE OR REPLACE TEMP {made[other]} {name(other)} AS {select}")
    return made


def _columns(run: Run, table: Table) -> dict[str, list[str]]:
    """Return the columns that a table, and the scratch tables between, read of each followed input, where known."""
    readers = [table, *(run.catalog.tables[other] for other in _bound(run, table))]
    named: set[str] = set()
    for select in (select for reader in readers for select in (reader.sql, *reader.also)):
        read = columns_named(select) if select else None  # what Python reads is not known
        if read is None:
            return {}
        named |= read
    found = {}
    for other, follow in table.follows.items():
        if follow.narrows and other in run.catalog.tables:
            keyed = columns_named(f"SELECT {', '.join(_by(run, other, follow))}") or frozenset()
            wanted = {*named, *keyed, follow.prune.lower()}
            columns = [column.name for column in run.catalog.tables[other].columns]
            found[other] = [column for column in columns if column.lower() in wanted]
    return found


def _by(run: Run, other: str, follow: Follow) -> tuple[str, ...]:
    """Return the expressions over an input's rows by which it is cut."""
    return tuple(map(name, run.catalog.tables[other].key)) if follow.through else follow.keys


def _scan(other: str, columns: list[str] | None) -> str:
    return f"SELECT {', '.join(map(name, columns)) if columns else '*'} FROM lake.main.{name(other)}"


def _is_sorted(run: Run, other: str, by: tuple[str, ...]) -> bool:
    """Return whether an input is sorted by a part of what it is cut by; raw tables stand as rows came."""
    sort = run.catalog.tables[other].sort if other in run.catalog.tables else ()
    return not sort or name(sort[0]) in by


def _rows(run: Run, table: Table, other: str, columns: list[str] | None) -> str:
    """Return the rows of one input for the touched keys, from its history only where that can hold any.

    The history is not asked for keys whose rows are all among the changed ones: those that the changes of a ``unique``
    input name, and those that are new in a table that ``covers`` the input. It is for a row that went and came back.
    """
    follow, wanted, names = table.follows[other], _wanted(run, table, other), ", ".join(keys(table))
    if not _is_fed(run, table, other):
        return _looked_up(run, other, follow, columns, wanted)
    changed = name(f"changed_{other}")
    come, gone = (f"SELECT * EXCLUDE (_is_old) FROM {changed} WHERE {which}" for which in ("NOT _is_old", "_is_old"))
    told = (
        f"SELECT {follow.key} FROM {changed}" if follow.unique else f"{wanted} EXCEPT SELECT {names} FROM temp.{KNOWN}"
    )
    returned = f"SELECT {follow.key} FROM ({come} INTERSECT {gone})"
    own = f"SELECT * FROM (({told}) EXCEPT {returned}) AS own({names}) INTERSECT {wanted}"
    run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {OWN} AS {own}")
    past = _looked_up(run, other, follow, columns, f"{wanted} EXCEPT FROM temp.{OWN}")
    by, now = follow.keys, f"SELECT {names} FROM temp.{OWN}"
    recent = looked_up(run.writer.connection, come, by, now, is_sorted=_is_sorted(run, other, by))
    return f"{past} UNION ALL BY NAME {recent}"


def _is_fed(run: Run, table: Table, other: str) -> bool:
    """Return whether the changed rows of an input can be all there is to read."""
    return run.changes.of(other) == "some" and (table.follows[other].unique or table.follows[other].covers)


def _wanted(run: Run, table: Table, other: str) -> str:
    """Return the SELECT of the keys of one input whose rows are wanted."""
    follow = table.follows[other]
    if not follow.through:
        return f"SELECT {', '.join(keys(table))} FROM temp.{TOUCHED}"
    return f"SELECT DISTINCT {as_keys(_by(run, other, follow))} FROM temp.{name(follow.through)}"


def _cut(run: Run, table: Table, other: str) -> Cut | None:
    """Return what several tables share of one input, None where it is this table's alone."""
    follow = table.follows[other]
    if _is_fed(run, table, other) or follow.prune or other not in run.catalog.tables or not _is_few(run):
        return None
    by = _by(run, other, follow)
    if (other, by, follow.through) in run.cuts:
        return run.cuts[other, by, follow.through]
    sharers = _followers(run, other, by, follow.through)
    if len(sharers) < 2:
        return None
    read = [_columns(run, one).get(other) for one in sharers]
    every = [column.name for column in run.catalog.tables[other].columns]
    columns = [column for column in every if any(part is None or column in part for part in read)]
    rows, keyed = _places(other, by, follow.through)
    scan = _scan(other, columns)
    run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {rows} AS {scan} LIMIT 0")
    run.writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {keyed} AS SELECT {as_keys(by)} FROM temp.{rows}")
    cut = Cut(rows, keyed, columns, frozenset(one.name for one in sharers))
    run.cuts[other, by, follow.through] = cut
    return cut


def offer(run: Run, table: Table) -> None:
    """Let tables that follow this one by the key it is kept by read what was computed for touched keys as their cut."""
    by = tuple(map(name, table.by))
    readers = _followers(run, table.name, by, "")
    if not readers or table.slice_by[0] or not _is_few(run):
        return
    rows, keyed = _places(table.name, by, "")
    run.writer.connection.execute(f"ALTER TABLE temp.{NEW} RENAME TO {rows}")
    run.writer.connection.execute(f"CREATE TEMP TABLE {keyed} AS SELECT {', '.join(keys(table))} FROM temp.{TOUCHED}")
    columns = [column.name for column in table.columns]
    run.cuts[table.name, by, ""] = Cut(rows, keyed, columns, frozenset(reader.name for reader in readers))


def _followers(run: Run, other: str, by: tuple[str, ...], through: str) -> list[Table]:
    """Return the tables that follow an input by one key."""
    following = ((table, table.follows[other]) for table in run.catalog.tables.values() if other in table.follows)
    return [table for table, one in following if one.narrows and one.through == through and _by(run, other, one) == by]


def _places(other: str, by: tuple[str, ...], through: str) -> tuple[str, str]:
    """Return the names of the temporary tables of a cut: its rows and its keys."""
    said = f"of {other} by {', '.join(by)} {through}"
    return name(f"rows {said}"), name(f"keys {said}")


def _of_cut(run: Run, table: Table, other: str, cut: Cut, columns: list[str] | None) -> str:
    """Return the rows of one input for the touched keys; those that an earlier table asked for are at hand."""
    connection, follow, wanted = run.writer.connection, table.follows[other], _wanted(run, table, other)
    by = _by(run, other, follow)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {MISSING} AS {wanted} EXCEPT FROM temp.{cut.keys}")
    if count(run.writer, f"temp.{MISSING}"):
        rows = _looked_up(run, other, follow, cut.columns, f"FROM temp.{MISSING}")
        connection.execute(f"INSERT INTO temp.{cut.rows} {rows}")
        connection.execute(f"INSERT INTO temp.{cut.keys} FROM temp.{MISSING}")
    on = " AND ".join(f"{column} = w.{number}" for column, number in zip(by, numbered(by), strict=True))
    shown = ", ".join(map(name, columns)) if columns else "*"
    return f"SELECT {shown} FROM temp.{cut.rows} AS i SEMI JOIN ({wanted}) AS w ON {on}"


def _looked_up(run: Run, other: str, follow: Follow, columns: list[str] | None, wanted: str) -> str:
    by = _by(run, other, follow)
    scan = _scan(other, columns)
    scan += _pruned(run, scan, follow)
    return looked_up(run.writer.connection, scan, by, wanted, is_sorted=_is_sorted(run, other, by))


def _pruned(run: Run, scan: str, follow: Follow) -> str:
    if not follow.prune:
        return ""
    connection = run.writer.connection
    values = f"SELECT DISTINCT {follow.prune_by} FROM temp.{TOUCHED} LIMIT {FEW + 1}"
    found = [row[0] for row in connection.execute(values).fetchall()]
    if not found:
        return " WHERE FALSE"
    return f" WHERE {passed(connection, scan, name(follow.prune), found)}" if len(found) <= FEW else ""
