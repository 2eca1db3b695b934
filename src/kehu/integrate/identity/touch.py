"""What hangs together with touched keys: all of it must be computed anew together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.integrate.identity.reach import reach
from kehu.warehouse.sql import sought

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

RECORD = ("source", "source_key")
FEW = 50  # keys up to which DuckDB passes over what a join does not look for; beyond, every turn would read all
ADD = """
INSERT INTO temp.touched SELECT DISTINCT {columns}, FALSE FROM ({found}) AS r({columns})
ANTI JOIN temp.touched AS o ON {same}
"""
PAIRS = "CREATE OR REPLACE TEMP TABLE touched_pair AS SELECT a, b FROM ({edges}) AS e(a, b)"
REACHED = "SELECT {columns} FROM ({known}) AS k WHERE hash({columns}) IN (SELECT record FROM temp.touched_hash)"


@dataclass(frozen=True)
class Web:
    """How keys hang together.

    Attributes
    ----------
    key : tuple of str
        Columns of a key.
    near : callable
        Of a connection, the SELECT of the keys one step from those in ``touched``.
    edges : str
        The same steps as pairs of hashes, whoever is touched, from one end; what stands between keys is hashed, too.
    known : str
        SELECT of all keys that were there before; later ones are touched anyway.
    """

    key: tuple[str, ...]
    near: Callable[[duckdb.DuckDBPyConnection], str]
    edges: str
    known: str


def of_touched(connection: duckdb.DuckDBPyConnection, rows: str, by: tuple[str, ...] = RECORD) -> str:
    """Return the SELECT of those rows of another SELECT whose columns ``by`` name a key in ``touched``."""
    touched = [f"_k{number}" for number in range(1, len(by) + 1)]
    return sought(connection, rows, by, "SELECT * FROM temp.touched", touched)


def touch_reached(connection: duckdb.DuckDBPyConnection, web: Web, *, few: int = FEW) -> None:
    """Put what is reached from ``touched`` into it, until nothing is added.

    Up to ``few`` keys are followed step by step. Of more the whole web is read once, as hashes: two things of one hash
    touch a key too many, which is computed as it was.
    """
    touched, columns = [f"_k{number}" for number in range(1, len(web.key) + 1)], ", ".join(web.key)
    same = " AND ".join(f"o.{own} = r.{column}" for own, column in zip(touched, web.key, strict=True))
    added = 1
    while added and _count(connection) <= few:
        found = connection.execute(ADD.format(columns=columns, found=web.near(connection), same=same)).fetchone()
        added = int(found[0]) if found else 0
    if not added:
        return
    hashed = f"SELECT hash({', '.join(touched)}) AS record FROM temp.touched"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE touched_hash AS {hashed}")
    connection.execute(PAIRS.format(edges=web.edges))
    reach(connection, "touched_hash", "touched_pair")
    reached = REACHED.format(columns=columns, known=web.known)
    connection.execute(ADD.format(columns=columns, found=reached, same=same))
    for table in ("touched_hash", "touched_pair"):
        connection.execute(f"DROP TABLE temp.{table}")


def _count(connection: duckdb.DuckDBPyConnection) -> int:
    found = connection.execute("SELECT count(*) FROM temp.touched").fetchone()
    return int(found[0]) if found else 0
