"""Versions of what comparisons weigh: learned once, then an input of every build."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.integrate.identity import compare, organization_feature
from kehu.integrate.identity.block import records
from kehu.integrate.identity.label import LEAST_LABELS, labels
from kehu.warehouse.session.spare import without_pandas

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb

    from kehu.base.settings import Settings
    from kehu.base.types import Json

GROWTH = 2  # times as many records as were learned from
MORE_LABELS = 1.25  # times as many answers as were learned from
SCHEMA = pa.schema(
    [("version", pa.int64()), ("kind", pa.string()), ("trained_at", pa.timestamp("us")), ("records", pa.int64()),
     ("parameters", pa.string())]
)  # fmt: skip
FORMER = "SELECT version, kind, trained_at, records, parameters FROM match_parameter ORDER BY version"


def _of_persons(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Json:
    from kehu.integrate.identity.train import train  # what learns takes seconds to load, and seldom learns

    return train(records(connection), settings)


def _of_organizations(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Json:
    from kehu.integrate.identity.organization import organization_pairs, organizations

    found = organizations(connection)
    return organization_pairs(found, memory_limit=settings.memory_limit, threads=settings.threads)[1]


KINDS = {"person": ("match_record", _of_persons), "organization": ("match_organization", _of_organizations)}
SET_UPS = {"person": compare.set_up, "organization": organization_feature.set_up}


def parameter_versions(
    connection: duckdb.DuckDBPyConnection, settings: Settings, *, at: datetime, has_previous: bool
) -> pa.Table:
    """Return all versions of the parameters, with a new one when none fits the records.

    One fits as long as comparisons, and how they learn, are the same, no source is new, and the records are not twice
    as many. Of answers to near misses (kind ``rescorer``) a version is learned from 500 on.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``match_record``, ``match_organization``, ``decided_pair`` and, where ``has_previous``, the former
        ``match_parameter``.
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
    versions = connection.sql(FORMER).to_arrow_table().cast(SCHEMA) if has_previous else SCHEMA.empty_table()
    for kind, (table, learn) in KINDS.items():
        known = connection.execute(f"SELECT source, count(*) FROM {table} GROUP BY source ORDER BY source").fetchall()
        sources, size = [source for source, _ in known], sum(number for _, number in known)
        former = _last(versions, kind)
        if (former and _fits(former, sources, size)) or (kind != "person" and not size):
            continue
        versions = _with(versions, kind, at, size, {**learn(connection, settings), "sources": sources})
    return _with_answers(versions, connection, settings, at)


def _with_answers(
    versions: pa.Table, connection: duckdb.DuckDBPyConnection, settings: Settings, at: datetime
) -> pa.Table:
    """Add what people's answers teach, when there are enough, or a quarter more than were learned from."""
    size = labels(connection)
    person, former = _last(versions, "person"), _last(versions, "rescorer")
    is_new = former is None or person["version"] > former["version"] or size >= MORE_LABELS * former["records"]
    if size < LEAST_LABELS or not is_new:
        return versions
    from kehu.integrate.identity.rescore import rescorer

    learned = rescorer(connection, settings, json.loads(person["parameters"]))
    return _with(versions, "rescorer", at, size, learned)


def _with(versions: pa.Table, kind: str, at: datetime, size: int, learned: Json) -> pa.Table:
    text = json.dumps(learned, ensure_ascii=False, sort_keys=True)
    row = dict(zip(SCHEMA.names, (versions.num_rows + 1, kind, at, size, text), strict=True))
    return pa.concat_tables([versions, pa.Table.from_pylist([row], schema=SCHEMA)])


def _last(versions: pa.Table, kind: str) -> Json:
    return next((one for one in reversed(versions.to_pylist()) if one["kind"] == kind), None)


def newest(connection: duckdb.DuckDBPyConnection, kind: str) -> Json:
    """Return the newest parameters of ``match_parameter`` for a kind; None when there are no records of it.

    Those of persons have as ``rescorer`` what people's answers taught, where it is used.
    """
    sql = "SELECT parameters FROM match_parameter WHERE kind = ? ORDER BY version DESC LIMIT 1"
    with without_pandas():
        found = connection.execute(sql, [kind]).fetchone()
    learned = json.loads(found[0]) if found else None
    if kind == "person" and learned is not None:
        answers = newest(connection, "rescorer")
        learned["rescorer"] = answers if answers and answers["is_used"] else None
    return learned


def _fits(version: dict[str, Json], sources: list[str], size: int) -> bool:
    learned = json.loads(version["parameters"])
    is_known = set(sources) <= set(learned["sources"])
    is_ours = learned.get("set_up") == SET_UPS[version["kind"]]()
    return bool(is_ours and is_known and size < GROWTH * max(version["records"], 1))
