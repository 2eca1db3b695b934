"""Versions of what comparisons weigh: learned once, then an input of every build."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.integrate.identity.block import records
from kehu.integrate.identity.splink_match import set_up
from kehu.integrate.identity.train import train

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb

    from kehu.base.settings import Settings
    from kehu.base.types import Json

GROWTH = 2  # times as many records as were learned from
FORMER = "SELECT version, kind, trained_at, records, parameters FROM match_parameter ORDER BY version"


def parameter_versions(
    connection: duckdb.DuckDBPyConnection, settings: Settings, *, at: datetime, has_previous: bool
) -> pa.Table:
    """Return all versions of the parameters, with a new one when none fits the records.

    One fits as long as the comparisons are the same, no source is new, and the records are not twice as many.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``match_record`` and, where ``has_previous``, the former ``match_parameter``.
    settings : Settings
        Memory and threads.
    at : datetime
        When a new version is learned.
    has_previous : bool
        Whether there are former versions; they stay.

    Returns
    -------
    pyarrow.Table
        version, kind, trained_at, records, parameters (JSON text).
    """
    former = connection.sql(FORMER).to_arrow_table() if has_previous else None
    known = connection.execute("SELECT source, count(*) FROM match_record GROUP BY source ORDER BY source").fetchall()
    sources, size = [source for source, _ in known], sum(number for _, number in known)
    if former is not None and former.num_rows and _fits(former.to_pylist()[-1], sources, size):
        return former
    version = former.num_rows + 1 if former is not None else 1
    learned = {**train(records(connection), settings), "sources": sources}
    fresh = pa.table(
        {
            "version": pa.array([version], pa.int64()),
            "kind": pa.array(["person"]),
            "trained_at": pa.array([at], pa.timestamp("us")),
            "records": pa.array([size], pa.int64()),
            "parameters": pa.array([json.dumps(learned, ensure_ascii=False, sort_keys=True)]),
        }
    )
    return fresh if former is None else pa.concat_tables([former.cast(fresh.schema), fresh])


def newest(connection: duckdb.DuckDBPyConnection) -> Json:
    """Return the newest parameters of ``match_parameter``."""
    sql = "SELECT parameters FROM match_parameter WHERE kind = 'person' ORDER BY version DESC LIMIT 1"
    found = connection.execute(sql).fetchone()
    return json.loads(found[0]) if found else None


def _fits(version: dict[str, Json], sources: list[str], size: int) -> bool:
    learned = json.loads(version["parameters"])
    is_known = set(sources) <= set(learned["sources"])
    return bool(learned["set_up"] == set_up() and is_known and size < GROWTH * max(version["records"], 1))
