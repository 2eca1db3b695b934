"""The pairs that identity rests on, compared anew where records changed, at the cost of the change.

A pair weighs the same whoever else is there, so only pairs with a changed record are compared, and those that a change
brings into one group of matches. Records go by the hash of their key (`kehu.integrate.identity.block.named`) in all
temporary tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kehu.base.ahead import load_beside
from kehu.integrate.identity import block, link
from kehu.integrate.identity.component import components
from kehu.integrate.identity.link import LEFT, RIGHT
from kehu.integrate.identity.reach import reach
from kehu.integrate.identity.rounds import Rounds, of_people

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from kehu.base.settings import Settings
    from kehu.base.types import Json

MARKED = f"""
CREATE OR REPLACE TEMP TABLE marked AS
SELECT {block.named("_k1", "_k2")} AS record FROM temp.touched UNION {{relieved}}
"""
# Pairs as they were stored, and the matches among them.
FORMER = (
    f"CREATE OR REPLACE TEMP TABLE former AS {link.FORMER}",
    "CREATE OR REPLACE TEMP TABLE former_match AS SELECT a, b FROM temp.former WHERE is_match",
)
BETWEEN = """
WITH rest AS (SELECT record, unique_id - 1 AS place FROM people WHERE NOT is_marked)
SELECT l.place AS left_place, r.place AS right_place FROM temp.former_match AS f
JOIN rest AS l ON l.record = f.a JOIN rest AS r ON r.record = f.b
"""
# Rows of the same left records that nothing touched: they stay as they were.
BESIDE = f"""
WITH own AS (SELECT * EXCLUDE (_rowid), {LEFT} AS a, {RIGHT} AS b FROM {{held}})
SELECT o.* EXCLUDE (a, b) FROM own AS o
LEFT JOIN grouped AS l ON l.record = o.a LEFT JOIN grouped AS r ON r.record = o.b
WHERE o.a NOT IN (SELECT record FROM temp.marked) AND o.b NOT IN (SELECT record FROM temp.marked)
  AND coalesce(l.match_group <> r.match_group, TRUE)
"""
TOUCHED = f"""
INSERT INTO temp.touched (_k1, _k2, _is_fresh)
SELECT source, source_key, FALSE FROM (
  SELECT left_source AS source, left_key AS source_key FROM fresh_link
  UNION SELECT left_source, left_key FROM record_link
  WHERE {LEFT} IN (SELECT record FROM temp.marked) OR {RIGHT} IN (SELECT record FROM temp.marked)
) AS t ANTI JOIN temp.touched AS o ON o._k1 = t.source AND o._k2 = t.source_key
"""


@dataclass(frozen=True)
class Groups:
    """Groups of matches around marked records.

    Attributes
    ----------
    labels : ndarray
        Group of every record.
    is_joined : ndarray
        Whether a record's group came to be of several: all of its pairs are looked at.
    is_crowded : ndarray
        Whether a record that is not marked stands in a group too large to compare all of its pairs.
    """

    labels: np.ndarray
    is_joined: np.ndarray
    is_crowded: np.ndarray


def touched_links(
    connection: duckdb.DuckDBPyConnection, settings: Settings, parameters: Json, held: Callable[[], str]
) -> pa.Table:
    """Return the rows that `kehu.integrate.identity.link.links` has for the left records in ``touched``.

    Beside the touched records, all of their former groups of matches are compared anew, and who stands under a key
    that stopped being shared by too many. What that adds is put into ``touched``.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``match_record``, ``match_key``, the former ``record_link``, ``changed_match_record`` and ``touched``
        (_k1, _k2).
    settings, parameters
        As for `kehu.integrate.identity.link.links`; the former rows were made with the same.
    held : callable
        Names the former rows of the records in ``touched``, with ``_rowid``, see `kehu.warehouse.table.Inputs`.
    """
    load_beside("scipy.sparse.csgraph")
    connection.execute(MARKED.format(relieved=block.relieved(connection)))
    if parameters["every_pair"]:
        connection.execute("INSERT INTO temp.marked SELECT record FROM match_key")
    for sql in FORMER:
        connection.execute(sql)
    rounds = Rounds(connection, settings, parameters)
    while True:  # marks only grow
        reach(connection, "marked", "former_match")
        people, met = rounds.ask()
        groups = _grouped(connection, people, met.matched, settings)
        if not groups.is_crowded.any():
            break
        _mark(connection, people.filter(pa.array(groups.is_crowded)))
    is_anew = pa.array(groups.is_joined | _marks(people))
    rounds.end()
    found = link.kept(people, is_anew, met, groups.labels, settings, parameters)
    return _renewed(connection, found, people, groups, held)


def _grouped(connection: duckdb.DuckDBPyConnection, people: pa.Table, matched: pa.Table, settings: Settings) -> Groups:
    """Return the groups that come of the pairs of marked records and of the former matches."""
    former = of_people(connection, BETWEEN, people)
    left, right = link.match_ends(matched, settings)
    ends = (former["left_place"].to_numpy(), former["right_place"].to_numpy())
    labels = components(people.num_rows, np.append(ends[0], left), np.append(ends[1], right))
    others = np.flatnonzero(~_marks(people))
    before = np.unique(np.stack([labels[others], components(people.num_rows, *ends)[others]]), axis=1)[0]
    is_joined = np.bincount(before, minlength=people.num_rows)[labels] > 1
    is_reached = np.isin(labels, labels[_marks(people)])
    is_crowded = is_reached & ~_marks(people) & (np.bincount(labels)[labels] > link.GROUP_CAP)
    return Groups(labels, is_joined, is_crowded)


def _marks(people: pa.Table) -> np.ndarray:
    found: np.ndarray = people["is_marked"].to_numpy()
    return found


def _mark(connection: duckdb.DuckDBPyConnection, records: pa.Table) -> None:
    connection.register("crowded", records.select(["record"]))
    connection.execute("INSERT INTO temp.marked FROM crowded")
    connection.unregister("crowded")


def _renewed(
    connection: duckdb.DuckDBPyConnection, found: pa.Table, people: pa.Table, groups: Groups, held: Callable[[], str]
) -> pa.Table:
    """Return the rows compared anew and those beside them that stay; put their left records into ``touched``."""
    grouped = people.select(["record"]).append_column("match_group", pa.array(groups.labels))
    connection.register("grouped", grouped.filter(pa.array(groups.is_joined)))
    connection.register("fresh_link", found)
    connection.execute(TOUCHED)
    beside = connection.sql(BESIDE.format(held=held())).to_arrow_table()
    for name in ("grouped", "fresh_link"):
        connection.unregister(name)
    for table in ("marked", "changed_key", "former", "former_match"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    return pa.concat_tables([found, beside.select(found.column_names).cast(found.schema)])
