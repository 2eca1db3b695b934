"""Which records meet: keys that two records of one person likely share, without the values that too many share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from kehu.warehouse.session.writer import exists

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.base.settings import Settings

# Keys under which two records meet: the parts of each, of which none may be unknown. A value held by more than a few
# dozen records brings nobody together, so the number of compared pairs grows with the records, not with their square.
BLOCKS = {
    "block_email": ("email",),
    "block_phone": ("phone",),
    "block_national_id": ("national_id",),
    "block_card": ("loyalty_card",),
    "block_name": ("least(given, family)", "greatest(given, family)"),
    "block_sound": ("least(given_sound, family_sound)", "greatest(given_sound, family_sound)"),
    "block_root": ("family_sound", "root"),
    "block_name_city": ("given", "family", "coalesce(postcode, city)"),
    "block_birth": ("birth",),
    "block_birth_given": ("birth", "left(given, 1)"),
    "block_birth_family": ("birth", "left(family, 1)"),
    "block_birth_day": ("right(birth, 5)", "left(given, 2)", "left(family, 1)"),
    "block_home": ("house_number", "left(street, 4)", "coalesce(postcode, city, '')"),
    "block_road": ("house_number", "CASE WHEN street > '㐀' THEN right(street, 3) END"),
    "block_home_family": ("house_number", "family"),
    "block_given_place": ("given", "postcode"),
    "block_family_place": ("family", "postcode"),
    "block_local": ("CASE WHEN length(email_local) >= 5 THEN email_local END",),
    "block_given_near": ("given", "left(family_sound, 2)", "coalesce(city, left(birth, 4))"),
    "block_family_near": ("family", "left(given, 1)", "coalesce(city, left(birth, 4))"),
    "block_company_family": ("company", "family"),
    "block_company_given": ("company", "given"),
}
BLOCK_CAP = 40
FEATURES = (
    "source", "source_key", "person_key", "given", "family", "given_sound", "family_sound", "roots", "root", "suffix",
    "kind", "birth", "email", "email_local", "phone", "national_id", "loyalty_card", "house_number", "street",
    "postcode", "city", "gender", "company", "domain",
)  # fmt: skip
QUIET = "SET enable_progress_bar = false"  # a bar would stand in what a command prints
_PAIR = """
  SELECT l.unique_id AS left_id, r.unique_id AS right_id FROM person AS l JOIN person AS r
  ON {same}l.unique_id < r.unique_id AND (l.is_marked OR r.is_marked)
"""
_KNOWN = """
  SELECT left_id, right_id FROM known JOIN person AS l ON l.unique_id = left_id
  JOIN person AS r ON r.unique_id = right_id WHERE l.is_marked OR r.is_marked
"""
BATCH = 20_000  # rows that one thread reads at a time: DuckDB reads a table of one batch with one thread


def named(source: str, key: str) -> str:
    """Return the SQL of a record's name in temporary tables; two that share one by chance are looked at together.

    Examples
    --------
    >>> named("left_source", "left_key")
    'CAST(hash(left_source, left_key) >> 1 AS BIGINT)'
    """
    return f"CAST(hash({source}, {key}) >> 1 AS BIGINT)"  # Arrow's filters know no larger numbers


RECORD = named("source", "source_key")


def _hashed(parts: tuple[str, ...]) -> str:
    """Return the SQL of a key as a hash: two keys that share one by chance cost one more comparison."""
    known = " AND ".join(f"({part}) IS NOT NULL" for part in parts)
    return f"CASE WHEN {known} THEN CAST(hash({', '.join(parts)}) >> 33 AS INTEGER) END"


_HASHED = ", ".join(f"{_hashed(parts)} AS {key}" for key, parts in BLOCKS.items())
KEYS = f"SELECT {RECORD} AS record, {_HASHED} FROM match_record"  # the rows of match_key


def records(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return what is compared: one row per row of ``match_record``, with ``unique_id`` and its blocking keys.

    Needs ``match_key``, which :data:`KEYS` gives.
    """
    crowded = {
        key: f"SELECT {key} FROM match_key WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > {BLOCK_CAP}"
        for key in BLOCKS
    }
    capped = ", ".join(f"CASE WHEN k.{key} NOT IN ({sql}) THEN k.{key} END AS {key}" for key, sql in crowded.items())
    sql = f"""
      SELECT {", ".join(FEATURES)}, {capped}
      FROM match_record JOIN match_key AS k ON k.record = {RECORD} ORDER BY source, source_key
    """
    return _numbered(connection.sql(sql).to_arrow_table(BATCH))


def met_pairs(
    people: pa.Table, keys: Iterable[str] | None, settings: Settings, known: pa.Table | None = None
) -> pa.Table:
    """Return the pairs of records that meet under a key, of which at least one is marked.

    Parameters
    ----------
    people : pyarrow.Table
        ``unique_id``, ``is_marked`` and the columns of ``keys``.
    keys : iterable of str, optional
        Columns under which two records meet; without, every two meet.
    settings : Settings
        Memory and threads.
    known : pyarrow.Table, optional
        left_id, right_id: pairs that meet whatever their keys; those of others than ``people`` are passed over.

    Returns
    -------
    pyarrow.Table
        left_id < right_id, in this order; each pair once.
    """
    names = list(keys) if keys is not None else []
    parts = [_PAIR.format(same=f"l.{key} = r.{key} AND ") for key in names] or [_PAIR.format(same="")]
    threads = {"threads": settings.threads} if settings.threads else {}
    with duckdb.connect(config={"memory_limit": settings.memory_limit, **threads}) as connection:
        connection.execute(QUIET)
        connection.register("people", people.select(["unique_id", "is_marked", *names]))
        connection.execute("CREATE TEMP TABLE person AS FROM people")
        if known is not None and known.num_rows:
            connection.register("known", known)
            parts.append(_KNOWN)
        return connection.sql(f"{' UNION '.join(parts)} ORDER BY left_id, right_id").to_arrow_table(BATCH)


def relieved(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the SELECT of records under keys that stopped being shared by too many since the last build.

    Needs ``match_key`` and, where records of persons changed, ``changed_match_record``, see
    `kehu.warehouse.build.change`.
    """
    nobody = "SELECT record FROM match_key WHERE FALSE"
    if not exists(connection, "changed_match_record", "TRUE"):
        return nobody  # only organizations changed
    if not connection.execute("SELECT 1 FROM changed_match_record WHERE _is_old LIMIT 1").fetchone():
        return nobody  # nobody left a key: most builds only add
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE changed_key AS SELECT _is_old, {_HASHED} FROM changed_match_record"
    )
    parts = [nobody]
    for key in BLOCKS:
        left = (
            f"SELECT {key} AS value, count(*) FILTER (WHERE _is_old) - count(*) FILTER (WHERE NOT _is_old) AS back "
            f"FROM temp.changed_key WHERE {key} IS NOT NULL GROUP BY {key} HAVING back > 0"
        )
        if not connection.execute(f"SELECT 1 FROM ({left}) LIMIT 1").fetchone():
            continue
        now = (
            f"SELECT value, back, count(k.{key}) AS records FROM ({left}) "
            f"LEFT JOIN match_key AS k ON k.{key} = value GROUP BY ALL"
        )
        fewer = f"SELECT value FROM ({now}) WHERE records <= {BLOCK_CAP} AND records + back > {BLOCK_CAP}"
        parts.append(f"SELECT record FROM match_key WHERE {key} IN ({fewer})")
    return " UNION ".join(parts)


def remember(connection: duckdb.DuckDBPyConnection, former: str) -> None:
    """Make ``known`` (a, b): the pairs of a SELECT that still share a key, however many others came to share it.

    Needs ``match_key``; ``former`` names records as :func:`named` does.
    """
    same = " OR ".join(f"l.{key} = r.{key}" for key in BLOCKS)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE known AS {former}")
    connection.execute(f"""
      CREATE OR REPLACE TEMP TABLE known AS
      WITH end_key AS MATERIALIZED (
        FROM match_key SEMI JOIN (SELECT a AS record FROM temp.known UNION SELECT b FROM temp.known) USING (record)
      )
      SELECT k.a, k.b FROM temp.known AS k
      JOIN end_key AS l ON l.record = k.a JOIN end_key AS r ON r.record = k.b WHERE {same}
    """)


def meet(connection: duckdb.DuckDBPyConnection, marked: str) -> None:
    """Make who meets a record of ``marked``: ``near`` (record), ``near_pair`` (a, b) and the keys, ``near_key``.

    Needs ``match_key``, the temporary table ``marked`` (record) and ``known``, see :func:`remember`. A key stands in
    ``near_key`` (record, place in ``BLOCKS``, value) where it is shared with a marked record, and by no more than
    ``BLOCK_CAP``.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE marked_key AS FROM match_key SEMI JOIN temp.{marked} USING (record)"
    )
    shared = " UNION ALL ".join(
        f"SELECT record, {place}::TINYINT AS place, {key} AS value FROM match_key "
        f"WHERE {key} IN (SELECT DISTINCT {key} FROM temp.marked_key WHERE {key} IS NOT NULL)"
        for place, key in enumerate(BLOCKS)
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE near_key AS {shared}")
    connection.execute(f"""
      CREATE OR REPLACE TEMP TABLE near_key AS FROM temp.near_key SEMI JOIN (
        SELECT place, value FROM temp.near_key GROUP BY ALL HAVING count(*) BETWEEN 2 AND {BLOCK_CAP}
      ) USING (place, value)
    """)
    connection.execute(f"""
      CREATE OR REPLACE TEMP TABLE near_pair AS
      SELECT a, b FROM temp.known UNION
      SELECT m.record, o.record FROM (FROM temp.near_key SEMI JOIN temp.{marked} USING (record)) AS m
      JOIN temp.near_key AS o USING (place, value) WHERE m.record <> o.record
    """)
    connection.execute("""
      CREATE OR REPLACE TEMP TABLE near AS
      SELECT record FROM temp.marked_key UNION SELECT a FROM temp.near_pair UNION SELECT b FROM temp.near_pair
    """)
    connection.execute("DROP TABLE temp.marked_key")


def near(connection: duckdb.DuckDBPyConnection, marked: str) -> pa.Table:
    """Return the records of ``near``, like :func:`records`, with its columns and whether one ``is_marked``."""
    sql = f"""
      SELECT {", ".join(FEATURES)}, n.*, n.record IN (SELECT record FROM temp.{marked}) AS is_marked
      FROM match_record JOIN temp.near AS n ON n.record = {RECORD} ORDER BY source, source_key
    """
    return _numbered(connection.sql(sql).to_arrow_table(BATCH))


def _numbered(records: pa.Table) -> pa.Table:
    """Number sorted records from 1; DuckDB would sort them twice."""
    return records.add_column(0, "unique_id", pa.array(np.arange(1, records.num_rows + 1)))
