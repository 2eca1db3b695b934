"""Identifiers that do not tell persons apart: placeholders, and what too many different people share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

MOST = {"email": 4, "phone": 6, "loyalty_card": 4, "national_id": 3}  # different initials that may share one value
MOST_RECORDS = 200  # of whatever names that may
MOST_BORN = 20  # initials on one day of birth; it is suspected only with so many times the usual records
BAD_EMAIL = (
    "^(test|testing|none|no|na|n/a|null|unknown|noreply|no-reply|noemail|nomail|anonymous|example|fake|asdf|abc)@"
    r"|@(test|none|noemail|nomail|fake|invalid)\.[a-z]+$"
)
BAD_CODE = (
    "(0{7,}|1{7,}|2{7,}|3{7,}|4{7,}|5{7,}|6{7,}|7{7,}|8{7,}|9{7,})$"
    "|^(0+|9+|x+|X+|123456789?0?|none|null|unknown|NONE|NULL|UNKNOWN)$"
)
BAD_NUMBER = "(13800138000|13800000000|13900000000|1234567890|123456789)$"
INITIALS = "count(DISTINCT left(given_key, 1) || left(family_key, 1))"
HELD = """
SELECT '{field}' AS field, {field} AS value, given_key, family_key, {most} AS most FROM customer_record
WHERE {field} IS NOT NULL{only}
"""
TOUCHED = " AND {field} IN (SELECT _k2 FROM temp.touched WHERE _k1 = '{field}')"
JUDGED = f"""
counted AS (
  SELECT field, value, most, count(*) AS record_count FROM held GROUP BY field, value, most
), suspected AS (
  SELECT *, CASE
    WHEN field = 'email' THEN regexp_matches(value, '{BAD_EMAIL}')
    ELSE regexp_matches(regexp_replace(value, '[^0-9A-Za-z]', '', 'g'), '{BAD_CODE}')
      OR regexp_matches(value, '{BAD_NUMBER}')
  END AS is_placeholder
  FROM counted
), candidate AS (
  SELECT * FROM suspected WHERE is_placeholder OR record_count > most
), named AS (
  SELECT field, value, {INITIALS} AS name_count FROM held SEMI JOIN candidate USING (field, value) GROUP BY field, value
)
SELECT field, value, record_count, name_count, CASE WHEN is_placeholder THEN 'placeholder' ELSE 'shared' END AS reason
FROM candidate JOIN named USING (field, value)
WHERE is_placeholder OR name_count > most OR record_count > {MOST_RECORDS}
"""
BORN = f"""
WITH crowded AS (
  SELECT birth_on FROM customer_record WHERE birth_on IS NOT NULL GROUP BY birth_on
  QUALIFY count(*) > {MOST_BORN} * avg(count(*)) OVER ()
)
SELECT 'birth_on' AS field, CAST(birth_on AS VARCHAR) AS value, count(*) AS record_count, {INITIALS} AS name_count,
  'shared' AS reason
FROM customer_record SEMI JOIN crowded USING (birth_on) GROUP BY birth_on HAVING name_count > {MOST_BORN}
"""
# What day is crowded depends on all days: those that were, and those that are.
ALL_BORN = """
INSERT INTO temp.touched
SELECT field, value, FALSE FROM (SELECT field, value FROM blocked_value UNION SELECT field, value FROM found) AS b
ANTI JOIN temp.touched AS t ON t._k1 = b.field AND t._k2 = b.value WHERE field = 'birth_on'
"""


def blocked_values(connection: duckdb.DuckDBPyConnection, *, is_part: bool) -> pa.Table:
    """Return the values by which nothing is joined: field, value, record_count, name_count, reason.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Holds ``customer_record``; with ``is_part`` also ``touched`` and the former ``blocked_value``.
    is_part : bool
        Only values in ``touched`` (field, value), to which are added the crowded days of birth, now and before.
    """
    only = TOUCHED if is_part else ""
    held = (HELD.format(field=field, most=most, only=only.format(field=field)) for field, most in MOST.items())
    judged = f"WITH held AS ({' UNION ALL '.join(held)}), {JUDGED}"
    found = connection.sql(f"{judged} UNION ALL FROM ({BORN})").to_arrow_table()
    if is_part:
        connection.register("found", found)
        connection.execute(ALL_BORN)
        connection.unregister("found")
    return found
