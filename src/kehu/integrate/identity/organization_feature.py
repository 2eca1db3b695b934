"""What two records of organizations are compared by, in sets: tokens, blocks, and the level each comparison reaches."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kehu.integrate.identity import compare

if TYPE_CHECKING:
    import duckdb

BLOCK_CAP = 80  # records of one block that are all compared; larger blocks are divided by name and address
RARE_TOKENS = 3  # how many of a name's rarest tokens are blocks

STREET_TYPES = (
    "st", "ave", "rd", "blvd", "dr", "ln", "ct", "pl", "sq", "ter", "pkwy", "cir", "hwy", "cres", "cl", "gr", "way",
    "n", "s", "e", "w", "ne", "nw", "se", "sw", "the", "of",
)  # fmt: skip

# Words, and pairs of neighboring characters of each Chinese run.
_TOKENS = """list_distinct(flatten(list_transform(string_split({text}, ' '), lambda word:
  CASE WHEN regexp_matches(word, '^[㐀-鿿]{{2,}}$')
    THEN list_transform(range(1, length(word)), lambda place: substring(word, CAST(place AS INTEGER), 2))
    ELSE [word] END)))"""
_TYPES = ", ".join(f"'{word}'" for word in STREET_TYPES)

PREPARED = f"""
CREATE TEMP TABLE site AS
WITH kept AS (
  SELECT unique_id, source, person_key, nullif(name, '') AS name, house_number AS number, postcode, city, phone, email,
    domain, tax_id, regexp_replace(nullif(street, ''), '[号栋幢座弄楼层室单元期门]+$', '') AS street
  FROM record
), parted AS (
  SELECT *, CASE WHEN name IS NOT NULL THEN {_TOKENS.format(text="name")} END AS tokens,
    CASE WHEN street IS NOT NULL THEN {_TOKENS.format(text="street")} END AS streets
  FROM kept
)
SELECT * EXCLUDE (streets), list_filter(streets, lambda word: NOT list_contains([{_TYPES}], word)) AS core,
  regexp_extract(street, '\\b([nsew]|n[ew]|s[ew])\\b', 1) AS direction,
  number || ' ' || core[1] AS place
FROM parted
"""

# How many different places hold a value: a chain's name, a switchboard's phone; of an address, how many phones. Where
# records that hold it lack an address, their names stand for places.
_PLACES = "greatest(count(DISTINCT place), count(DISTINCT name) FILTER (place IS NULL), 1)"
HELD = {"phone": _PLACES, "email": _PLACES, "domain": _PLACES, "tax_id": _PLACES, "city": _PLACES, "postcode": _PLACES,
        "place": "greatest(count(DISTINCT coalesce(phone, name)), 1)"}  # fmt: skip
COUNTED = " UNION ALL ".join(
    f"SELECT '{field}' AS field, {field} AS value, {held} AS holders"
    f" FROM site WHERE {field} IS NOT NULL GROUP BY {field}"
    for field, held in HELD.items()
)
TOKENS_COUNTED = f"""
SELECT 'token' AS field, token AS value, {_PLACES} AS holders
FROM (SELECT unnest(tokens) AS token, place, name FROM site) AS t GROUP BY token
"""

BLOCKED = f"""
CREATE TEMP TABLE block AS
WITH rare AS (
  SELECT unique_id, token, row_number() OVER (PARTITION BY unique_id ORDER BY bits DESC, token) AS place FROM token
), first_rare AS (
  SELECT unique_id, token FROM rare WHERE place = 1
), value AS (
  SELECT unique_id, unnest(['p' || phone, 'm' || email, 'd' || domain, 't' || tax_id, 'n' || name,
    'a' || number || ' ' || core[1], 'z' || number || ' ' || postcode]) AS block FROM site
  UNION ALL SELECT unique_id, 'k' || token FROM rare WHERE place <= {RARE_TOKENS}
), held AS (
  SELECT *, count(*) OVER (PARTITION BY block) AS size FROM value WHERE block IS NOT NULL
), divided AS (
  SELECT unique_id, block, left(block, 1) IN ('n', 'k', 'a', 'z') AS is_open FROM held WHERE size <= {BLOCK_CAP}
  UNION ALL SELECT h.unique_id, h.block || ' ' || f.token, FALSE FROM held AS h JOIN first_rare AS f USING (unique_id)
  WHERE h.size > {BLOCK_CAP} AND NOT starts_with(h.block, 'k')
  UNION ALL SELECT unique_id, block || ' ' || part, FALSE FROM (
    SELECT unique_id, h.block,
      unnest([coalesce(s.number, s.phone), 'z' || s.postcode, 'c' || s.city, 's' || s.street]) AS part
    FROM held AS h JOIN site AS s USING (unique_id) WHERE h.size > {BLOCK_CAP}
  ) AS p WHERE part IS NOT NULL
)
SELECT unique_id, block, is_open FROM divided QUALIFY count(*) OVER (PARTITION BY block) BETWEEN 2 AND {BLOCK_CAP}
"""
MET = """
SELECT l.unique_id AS left_id, r.unique_id AS right_id, bool_or(l.is_open) AS is_open
FROM block AS l JOIN block AS r ON r.block = l.block AND r.unique_id > l.unique_id
GROUP BY ALL ORDER BY left_id, right_id
"""

RARITY = (4, 6, 8, 11, 14)  # bits of the rarest shared token from which a name counts as rarer
_RARITY = " + ".join(f"CAST(rarest >= {bits} AS INTEGER)" for bits in RARITY)

# Level of each comparison (-1 unknown, 0 least agreement) and the share of places that hold an agreeing value.
COMPARED = f"""
WITH shared AS (
  SELECT p.left_id, p.right_id, sum(l.bits) AS bits, max(l.bits) AS rarest
  FROM pair AS p JOIN token AS l ON l.unique_id = p.left_id
  JOIN token AS r ON r.unique_id = p.right_id AND r.token = l.token
  GROUP BY p.left_id, p.right_id
), spelled AS (
  SELECT p.left_id, p.right_id,
    CASE WHEN length(l.name) >= 5 AND NOT regexp_matches(l.name, '[㐀-鿿]')
      THEN jaro_winkler_similarity(l.name, r.name) ELSE 0 END AS spelling
  FROM pair AS p JOIN site AS l ON l.unique_id = p.left_id JOIN site AS r ON r.unique_id = p.right_id
), beside AS (
  SELECT p.left_id, p.right_id, l.source = r.source AND l.person_key = r.person_key AS is_given,
    l.name IS NOT NULL AND r.name IS NOT NULL AS has_name, l.name = r.name AS same_name,
    greatest(coalesce(s.bits / nullif(least(nl.bits, nr.bits), 0), 0),
      CASE WHEN p.spelling >= 0.95 THEN 0.9 WHEN p.spelling >= 0.92 THEN 0.6 ELSE 0 END) AS likeness,
    greatest(coalesce(s.rarest, 0), CASE WHEN p.spelling >= 0.92 THEN least(nl.rarest, nr.rarest) ELSE 0 END) AS rarest,
    l.number, r.number AS other_number, l.number = r.number OR starts_with(l.number, r.number || '-')
      OR starts_with(r.number, l.number || '-') AS same_number,
    abs(try_cast(regexp_extract(l.number, '^[0-9]{{1,6}}') AS INTEGER)
      - try_cast(regexp_extract(r.number, '^[0-9]{{1,6}}') AS INTEGER)) AS apart,
    CASE WHEN len(l.core) > 0 AND len(r.core) > 0
      THEN len(list_intersect(l.core, r.core)) / least(len(l.core), len(r.core)) >= 0.5 END AS same_street,
    l.direction <> '' AND r.direction <> '' AND l.direction <> r.direction AS other_direction,
    CASE WHEN l.postcode = r.postcode THEN 2
      WHEN l.city = r.city OR starts_with(l.city, r.city || ' ') OR starts_with(r.city, l.city || ' ')
        OR length(l.city) > 4 AND levenshtein(l.city, r.city) <= 1
        OR levenshtein(l.postcode, r.postcode) <= 1 THEN 1
      WHEN (l.postcode IS NULL OR r.postcode IS NULL) AND (l.city IS NULL OR r.city IS NULL) THEN -1
      WHEN l.postcode <> r.postcode OR l.city <> r.city THEN 0 ELSE -1 END AS place,
    l.phone AS phone, r.phone AS other_phone, l.email, r.email AS other_email, l.domain, r.domain AS other_domain,
    l.tax_id, r.tax_id AS other_tax_id, l.place AS address, l.city, l.postcode
  FROM spelled AS p
  JOIN site AS l ON l.unique_id = p.left_id JOIN site AS r ON r.unique_id = p.right_id
  LEFT JOIN name_weight AS nl ON nl.unique_id = p.left_id LEFT JOIN name_weight AS nr ON nr.unique_id = p.right_id
  LEFT JOIN shared AS s ON s.left_id = p.left_id AND s.right_id = p.right_id
), leveled AS (
  SELECT *,
    CASE WHEN NOT has_name THEN -1 WHEN same_name THEN 4 WHEN likeness >= 0.9 THEN 3 WHEN likeness >= 0.6 THEN 2
      WHEN likeness >= 0.25 THEN 1 ELSE 0 END AS alike,
    CASE WHEN same_number AND same_street AND NOT other_direction
        THEN CASE place WHEN 0 THEN 6 WHEN 2 THEN 8 ELSE 7 END
      WHEN same_number AND same_street THEN 5
      WHEN same_street AND apart <= 10 AND place <> 0 THEN 4
      WHEN number IS NOT NULL AND other_number IS NOT NULL AND NOT same_number OR NOT same_street
        THEN CASE WHEN place = 2 AND same_street THEN 3 WHEN place = 2 THEN 2 WHEN place = 0 THEN 0 ELSE 1 END
      ELSE -1 END AS address_level,
    CASE WHEN address_level >= 0 THEN -1 WHEN same_street AND place <> 0 THEN 3 ELSE place END AS place_level,
    CASE WHEN phone = other_phone THEN 3 WHEN phone <> other_phone AND same_number AND same_street THEN 0
      WHEN damerau_levenshtein(phone, other_phone) <= 1 THEN 2
      WHEN phone[:-5] = other_phone[:-5] THEN 1 WHEN phone <> other_phone THEN 0 ELSE -1 END AS phone_level,
    CASE WHEN email = other_email THEN 2 WHEN domain = other_domain THEN 1 WHEN domain <> other_domain THEN 0
      ELSE -1 END AS web_level,
    CASE WHEN tax_id = other_tax_id THEN 1 WHEN tax_id <> other_tax_id THEN 0 ELSE -1 END AS tax_level
  FROM beside
)
SELECT l.left_id, l.right_id, coalesce(is_given, FALSE) AS is_given,
  CASE WHEN alike < 1 THEN alike
    ELSE 1 + (alike - 1) * {len(RARITY) + 1} + {_RARITY} END AS name, address_level AS address,
  place_level AS place,
  CASE WHEN alike < 2 THEN phone_level ELSE -1 END AS phone,
  CASE WHEN alike < 2 THEN -1 WHEN phone_level = 3 AND p.holders <= 2 THEN 4 ELSE phone_level END AS phone_of_name,
  CASE WHEN alike < 2 THEN web_level ELSE -1 END AS web,
  CASE WHEN alike < 2 THEN -1 WHEN web_level < 1 THEN web_level
    ELSE web_level * 2 - CAST(coalesce(d.holders, e.holders) > 2 AS INTEGER) END AS web_of_name, tax_level AS tax_id,
  CASE WHEN address_level BETWEEN 6 AND 8 THEN a.share END AS address_share,
  CASE place_level WHEN 2 THEN z.share WHEN 1 THEN c.share END AS place_share,
  CASE WHEN phone_level = 3 AND alike < 2 THEN p.share END AS phone_share,
  CASE WHEN alike < 2 THEN CASE web_level WHEN 2 THEN e.share WHEN 1 THEN d.share END END AS web_share,
  CASE WHEN tax_level = 1 THEN t.share END AS tax_id_share
FROM leveled AS l
LEFT JOIN share AS a ON a.field = 'place' AND a.value = l.address
LEFT JOIN share AS p ON p.field = 'phone' AND p.value = l.phone
LEFT JOIN share AS e ON e.field = 'email' AND e.value = l.email
LEFT JOIN share AS d ON d.field = 'domain' AND d.value = l.domain
LEFT JOIN share AS c ON c.field = 'city' AND c.value = l.city
LEFT JOIN share AS z ON z.field = 'postcode' AND z.value = l.postcode
LEFT JOIN share AS t ON t.field = 'tax_id' AND t.value = l.tax_id
ORDER BY l.left_id, l.right_id
"""


def set_up() -> str:
    """Return a digest of what is compared and how that learns: parameters learned otherwise cannot be used."""
    said = (str(compare.LEARNING), PREPARED, BLOCKED, COMPARED)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


def prepare(connection: duckdb.DuckDBPyConnection, records: pa.Table) -> None:
    """Make ``site``: one row per record with the tokens of its name and street, and the place it stands for."""
    connection.register("record", records)
    connection.execute(PREPARED)


def places(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many different places the records name."""
    named = "concat_ws(' ', name, coalesce(postcode, city))"  # where the address is missing
    row = connection.execute(f"SELECT count(DISTINCT coalesce(place, {named})) FROM site").fetchone()
    return int(row[0]) if row else 0


def holders(connection: duckdb.DuckDBPyConnection, most: int) -> pa.Table:
    """Return the values of each field that several places hold, the ``most`` frequent: field, mark, holders.

    A mark stands for the value, so that what was learned names no phone and no address.
    """
    return connection.sql(f"""
      SELECT field, md5(value)[:12] AS mark, holders FROM ({COUNTED} UNION ALL {TOKENS_COUNTED}) AS c
      WHERE holders > 1 QUALIFY row_number() OVER (PARTITION BY field ORDER BY holders DESC, mark) <= {most}
      ORDER BY field, holders DESC, mark
    """).to_arrow_table()


def weigh(connection: duckdb.DuckDBPyConnection, known: pa.Table, rest: pa.Table, count: int) -> None:
    """Make ``share`` (of places that hold a value), ``token`` and ``name_weight`` (bits of names), and the blocks.

    Parameters
    ----------
    known : pyarrow.Table
        field, mark, share of frequent values.
    rest : pyarrow.Table
        field, share of every value that is not among them.
    count : int
        Places among which the shares were counted.
    """
    connection.register("known_share", known)
    connection.register("rest_share", rest)
    connection.execute(f"""
      CREATE TEMP TABLE share AS
      SELECT c.field, c.value, coalesce(k.share, r.share) AS share,
        round(coalesce(k.share, r.share) * {count}) AS holders
      FROM ({COUNTED} UNION ALL {TOKENS_COUNTED}) AS c JOIN rest_share AS r USING (field)
      LEFT JOIN known_share AS k ON k.field = c.field AND k.mark = md5(c.value)[:12]
    """)
    connection.execute("""
      CREATE TEMP TABLE token AS
      SELECT t.unique_id, t.token, -log2(s.share) AS bits
      FROM (SELECT unique_id, unnest(tokens) AS token FROM site) AS t
      JOIN share AS s ON s.field = 'token' AND s.value = t.token
    """)
    connection.execute(
        "CREATE TEMP TABLE name_weight AS"
        " SELECT unique_id, sum(bits) AS bits, max(bits) AS rarest FROM token GROUP BY unique_id"
    )
    connection.execute(BLOCKED)


def met(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the pairs that share a block: left_id, right_id."""
    return connection.sql(MET).to_arrow_table()


def compared(connection: duckdb.DuckDBPyConnection, pairs: pa.Table) -> pa.Table:
    """Return the level that each comparison reaches for pairs of left_id and right_id; see ``COMPARED``."""
    connection.register("pair", pairs)
    found = connection.sql(COMPARED).to_arrow_table()
    connection.unregister("pair")
    return found


def drawn(size: int, most: int, seed: int) -> pa.Table:
    """Return pairs of records drawn at random, or every pair where there are no more than ``most``."""
    if size * (size - 1) // 2 <= most:
        left, right = np.triu_indices(size, 1)
    else:
        left, right = np.sort(np.random.default_rng(seed).integers(0, size, (2, most)), axis=0)
        left, right = np.unique(np.stack([left, right])[:, left < right], axis=1)
    return pa.table({"left_id": left + 1, "right_id": right + 1})
