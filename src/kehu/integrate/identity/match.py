"""Which records of people are one person: pairs with their evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from kehu.integrate.identity.compare import BLOCK_CAP, BLOCKS, COMPARISONS
from kehu.integrate.identity.splink_match import scored_pairs

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.base.settings import Settings

CERTAIN_WEIGHT = 12.0  # a shared key without contradiction: 1 - 1/4096
# Contradictions that no amount of shared household may outweigh; the weight of a pair is at most this.
CONFLICTS = {"other_generation": -12.0, "other_name_and_birth_date": -8.0, "other_name": -6.0, "other_birth_date": -3.0}

FEATURES = """
SELECT
  row_number() OVER (ORDER BY source, source_key) AS unique_id,
  source, source_key, person_key,
  nullif(given_key, '') AS given, nullif(family_key, '') AS family,
  nullif(given_sound, '') AS given_sound, nullif(family_sound, '') AS family_sound,
  CASE WHEN len(given_roots) > 0
    THEN list_distinct(list_append(given_roots, coalesce(lower(nickname), given_key))) END AS roots,
  CASE WHEN len(given_roots) > 0 THEN given_roots[-1] END AS root,
  nullif(suffix, '') AS suffix, nullif(given_kind, '') AS kind,
  CASE WHEN b_birth.value IS NULL THEN strftime(birth_on, '%Y-%m-%d') END AS birth,
  CASE WHEN b_email.value IS NULL THEN email END AS email,
  CASE WHEN b_email.value IS NULL THEN split_part(email, '@', 1) END AS email_local,
  CASE WHEN b_phone.value IS NULL THEN phone END AS phone,
  CASE WHEN b_id.value IS NULL THEN upper(national_id) END AS national_id,
  CASE WHEN b_card.value IS NULL THEN loyalty_card END AS loyalty_card,
  house_number, street, lower(postcode) AS postcode, lower(city) AS city, gender
FROM customer_record
LEFT JOIN blocked_value AS b_birth ON b_birth.field = 'birth_on' AND b_birth.value = CAST(birth_on AS VARCHAR)
LEFT JOIN blocked_value AS b_email ON b_email.field = 'email' AND b_email.value = email
LEFT JOIN blocked_value AS b_phone ON b_phone.field = 'phone' AND b_phone.value = phone
LEFT JOIN blocked_value AS b_id ON b_id.field = 'national_id' AND b_id.value = national_id
LEFT JOIN blocked_value AS b_card ON b_card.field = 'loyalty_card' AND b_card.value = loyalty_card
WHERE NOT is_reference
"""

# Gamma of a comparison: number of levels - 1 is the most agreement, 0 the least, -1 unknown.
_TOP = {part.name: len(part.levels) - 1 for part in COMPARISONS}
_NEAR_BIRTH = _TOP["birth_date"] - 1
_SAME_KEY = {
    "national_id": f"national_id = {_TOP['national_id']}",
    "email": f"email = {_TOP['email']}",
    "loyalty_card": f"loyalty_card = {_TOP['loyalty_card']}",
}
DECIDED = f"""
WITH named AS (
  SELECT p.*, l.source = r.source AND l.person_key = r.person_key AS is_given,
    coalesce(l.suffix <> r.suffix, FALSE) OR
      ((l.suffix IS NULL) <> (r.suffix IS NULL) AND birth_date = 0) AS other_generation
  FROM pair AS p
  JOIN feature AS l ON l.unique_id = p.left_id
  JOIN feature AS r ON r.unique_id = p.right_id
), judged AS (
  SELECT *,
    {_SAME_KEY["national_id"]} OR {_SAME_KEY["email"]} OR {_SAME_KEY["loyalty_card"]} AS shares_key,
    CASE
      WHEN other_generation THEN 'other_generation'
      WHEN given_name = 0 AND birth_date BETWEEN 0 AND {_NEAR_BIRTH - 1} THEN 'other_name_and_birth_date'
      WHEN given_name = 0 AND NOT (birth_date >= {_NEAR_BIRTH} AND household > 0 AND {_TOP["household"]} >= household)
        AND NOT {_SAME_KEY["national_id"]} AND NOT ({_SAME_KEY["email"]} AND {_SAME_KEY["loyalty_card"]})
        THEN 'other_name'
      WHEN birth_date = 0 AND household BETWEEN 1 AND {_TOP["household"]} AND household NOT IN (2, 4, 5)
        AND NOT ({_SAME_KEY["national_id"]} OR {_SAME_KEY["email"]}) THEN 'other_birth_date'
    END AS conflict
  FROM named
)
SELECT left_id, right_id, weight AS splink_weight, conflict,
  CASE
    WHEN is_given THEN 'given_by_source'
    WHEN conflict IS NOT NULL THEN conflict
    WHEN {_SAME_KEY["national_id"]} THEN 'national_id'
    WHEN {_SAME_KEY["email"]} THEN 'email'
    WHEN {_SAME_KEY["loyalty_card"]} THEN 'loyalty_card'
    ELSE 'splink'
  END AS rule,
  round(CASE
    WHEN is_given THEN greatest(weight, 2 * {CERTAIN_WEIGHT})
    {" ".join(f"WHEN conflict = '{name}' THEN least(weight, {weight})" for name, weight in CONFLICTS.items())}
    WHEN shares_key AND (given_name > 0 OR household > 0 OR given_name = -1) THEN greatest(weight, {CERTAIN_WEIGHT})
    ELSE weight
  END, 6) AS weight,
  parts
FROM judged
ORDER BY left_id, right_id
"""


def records(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return what is compared: one row per record of a person, with blocking keys; references are left out."""
    keys = ", ".join(f"{sql} AS {key}" for key, sql in BLOCKS.items())
    columns = ", ".join(_FEATURE_COLUMNS)
    capped = ", ".join(
        f"CASE WHEN count(*) OVER (PARTITION BY {key}) <= {BLOCK_CAP} THEN {key} END AS {key}" for key in BLOCKS
    )
    sql = f"""
      WITH feature AS ({FEATURES}), keyed AS (SELECT *, {keys} FROM feature)
      SELECT {columns}, {capped} FROM keyed ORDER BY unique_id
    """
    return connection.sql(sql).to_arrow_table()


_FEATURE_COLUMNS = (
    "unique_id", "source", "source_key", "person_key", "given", "family", "given_sound", "family_sound", "roots",
    "root", "suffix", "kind", "birth", "email", "email_local", "phone", "national_id", "loyalty_card", "house_number",
    "street", "postcode", "city", "gender",
)  # fmt: skip


def matches(people: pa.Table, settings: Settings) -> pa.Table:
    """Return every compared pair of records with the decision's evidence.

    Parameters
    ----------
    people : pyarrow.Table
        What :func:`records` returns.
    settings : Settings
        Memory and threads.

    Returns
    -------
    pyarrow.Table
        left_id, right_id (``unique_id`` of people, left < right), rule, weight (log2 odds that they are one
        person), splink_weight, conflict, parts (list of comparison, level, weight).
    """
    scored, prior = scored_pairs(people, memory_limit=settings.memory_limit, threads=settings.threads)
    with duckdb.connect() as connection:
        connection.register("scored", scored)
        connection.register("feature", people)
        connection.execute(f"CREATE TEMP TABLE pair AS {_pair_sql(scored.column_names, prior)}")
        return connection.sql(DECIDED).to_arrow_table()


def _pair_sql(columns: list[str], prior: float) -> str:
    gammas, parts = [], []
    for part in COMPARISONS:
        gamma = f"gamma_{part.name}"
        if gamma not in columns:
            gammas.append(f"-1 AS {part.name}")
            continue
        gammas.append(f"{gamma} AS {part.name}")
        names = ", ".join(f"'{level.name}'" for level in reversed(part.levels))
        adjusted = f" + mw_tf_adj_{part.name}" if f"mw_tf_adj_{part.name}" in columns else ""
        parts.append(
            f"CASE WHEN {gamma} >= 0 THEN {{'comparison': '{part.name}', 'level': ([{names}])[{gamma} + 1], "
            f"'weight': round(mw_{part.name}{adjusted}, 2)}} END"
        )
    evidence = f"list_filter([{', '.join(parts)}], lambda part: part IS NOT NULL)"
    return f"""
      SELECT least(unique_id_l, unique_id_r) AS left_id, greatest(unique_id_l, unique_id_r) AS right_id,
        round(match_weight, 6) AS weight, {", ".join(gammas)}, {evidence} AS parts, {prior} AS prior
      FROM scored
    """
