"""Whom marked records meet and match, round by round: marks that come later ask for themselves alone.

Records go by the hash of their key (`kehu.integrate.identity.block.named`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from kehu.integrate.identity import block, link
from kehu.integrate.identity.reach import reach

if TYPE_CHECKING:
    import duckdb

    from kehu.base.settings import Settings
    from kehu.base.types import Json

ASKED = "CREATE OR REPLACE TEMP TABLE asked AS FROM temp.marked ANTI JOIN temp.answered USING (record)"
OF_ASKED = """
SELECT a, b FROM temp.former WHERE a IN (SELECT record FROM temp.asked) OR b IN (SELECT record FROM temp.asked)
"""
START = (
    "CREATE OR REPLACE TEMP TABLE answered (record BIGINT)",
    "CREATE OR REPLACE TEMP TABLE found (record BIGINT)",
    "CREATE OR REPLACE TEMP TABLE met_key (record BIGINT, place TINYINT, value INTEGER)",
)
FOUND = """
INSERT INTO temp.found SELECT record FROM people
WHERE (is_marked OR unique_id IN (SELECT left_id FROM matched UNION SELECT right_id FROM matched))
  AND record NOT IN (SELECT record FROM temp.found)
"""
_KEYS = (f"any_value(value) FILTER (WHERE place = {place}) AS {key}" for place, key in enumerate(block.BLOCKS))
KEYED = f"""
CREATE OR REPLACE TEMP TABLE near AS
SELECT record, {", ".join(_KEYS)}
FROM temp.found LEFT JOIN temp.met_key USING (record) GROUP BY record
"""
PAIRS = """
SELECT DISTINCT least(l.unique_id, r.unique_id) AS left_id, greatest(l.unique_id, r.unique_id) AS right_id
FROM temp.near_pair AS p JOIN people AS l ON l.record = p.a JOIN people AS r ON r.record = p.b
ORDER BY left_id, right_id
"""
TABLES = ("asked", "answered", "found", "met_key", "near", "near_key", "near_pair", "known")


class Rounds:
    """The pairs that marked records make.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``match_record``, ``match_key``, and as temporary tables ``marked`` (record; marks only grow), ``former``
        (a, b) and ``former_match`` (a, b).
    settings, parameters
        As for `kehu.integrate.identity.link.links`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, parameters: Json) -> None:
        self._connection, self._settings, self._parameters = connection, settings, parameters
        self._rounds: list[tuple[link.Met, pa.Table]] = []
        for sql in START:
            connection.execute(sql)

    def ask(self) -> tuple[pa.Table, link.Met]:
        """Return marked records, who matches them, all former groups of these, and the pairs that the marked make."""
        self._connection.execute(ASKED)
        self._rounds.append(self._asked())
        reach(self._connection, "found", "former_match")
        self._connection.execute(KEYED)
        people = block.near(self._connection, "marked")
        matched = pa.concat_tables([_numbered(met.matched, near, people) for met, near in self._rounds])
        known = pa.concat_tables([_numbered(met.known, near, people) for met, near in self._rounds])
        return people, link.Met(matched.sort_by([("left_id", "ascending"), ("right_id", "ascending")]), known)

    def end(self) -> None:
        """Drop the temporary tables."""
        for table in TABLES:
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def _asked(self) -> tuple[link.Met, pa.Table]:
        """Return the pairs that the newly marked make with others than those marked before, and who is in them."""
        connection = self._connection
        block.remember(connection, OF_ASKED)
        block.meet(connection, "asked")
        near = block.near(connection, "asked")
        known = of_people(connection, link.KNOWN, near)
        pairs = (
            block.met_pairs(near, None, self._settings) if self._parameters["every_pair"] else _pairs(connection, near)
        )
        matched = link.met(near, pairs, known, self._settings, self._parameters).matched
        connection.register("matched", matched.select(["left_id", "right_id"]))
        of_people(connection, FOUND, near)
        connection.unregister("matched")
        if self._rounds:
            matched = self._unanswered(matched, near)
        connection.execute("INSERT INTO temp.met_key FROM temp.near_key")
        connection.execute("INSERT INTO temp.answered FROM temp.asked")
        return link.Met(matched, known), near.select(["record"])

    def _unanswered(self, pairs: pa.Table, near: pa.Table) -> pa.Table:
        """Leave out the pairs with a record that was marked before: its round told them."""
        answered = self._connection.sql("SELECT record FROM temp.answered").to_arrow_table()["record"]
        is_new = pc.invert(pc.is_in(near["record"], value_set=answered.combine_chunks()))
        left, right = (is_new.take(pc.subtract(pairs[end], 1)) for end in ("left_id", "right_id"))
        return pairs.filter(pc.and_(left, right))


def _pairs(connection: duckdb.DuckDBPyConnection, near: pa.Table) -> pa.Table:
    return of_people(connection, PAIRS, near).combine_chunks()


def of_people(connection: duckdb.DuckDBPyConnection, sql: str, people: pa.Table) -> pa.Table:
    """Return what a statement gives that reads ``people`` (record, unique_id, is_marked)."""
    connection.register("people", people.select(["record", "unique_id", "is_marked"]))
    try:
        return connection.execute(sql).to_arrow_table()
    finally:
        connection.unregister("people")


def _numbered(pairs: pa.Table, near: pa.Table, people: pa.Table) -> pa.Table:
    """Return the pairs of ``near`` whose records are both among ``people``, by the numbers these have there."""
    places = pc.index_in(near["record"], value_set=people["record"]).combine_chunks()  # both stand by source and key
    for end in ("left_id", "right_id"):
        ids = pc.add(places.take(pc.subtract(pairs[end], 1)), 1).cast(pairs.schema.field(end).type)
        pairs = pairs.set_column(pairs.column_names.index(end), end, ids)
    return pairs.filter(pc.and_(pc.is_valid(pairs["left_id"]), pc.is_valid(pairs["right_id"])))
