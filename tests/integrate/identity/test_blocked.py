"""Values that tell nobody apart: far too many records hold them, whatever their names."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import kehu.tables
from kehu.integrate.identity.blocked import blocked_values
from kehu.warehouse.table import load_table

RECORD = load_table(Path(kehu.tables.__file__).parent / "entity" / "customer_record.sql")
# Two crowded days among 150: of the first as many records as the second, but of one name.
DAYS = """
SELECT 'd' || n AS source_key, DATE '1980-01-01' + CAST(n % 150 AS INTEGER) AS birth_on, 'a' AS given_key,
  'b' AS family_key FROM range(150) AS r(n)
UNION ALL SELECT 'one' || n, DATE '1990-01-01', 'a', 'b' FROM range(300) AS r(n)
UNION ALL SELECT 'many' || n, DATE '1991-01-01', chr(97 + CAST(n % 26 AS INTEGER)), 'b' FROM range({many}) AS r(n)
"""


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """An empty ``customer_record``."""
    found = duckdb.connect()
    columns = ", ".join(f'"{column.name}" {column.type}' for column in RECORD.columns)
    found.execute(f"CREATE TABLE customer_record ({columns})")
    return found


def blocked(connection: duckdb.DuckDBPyConnection, **is_part: bool) -> list[tuple[str, ...]]:
    rows = blocked_values(connection, is_part=bool(is_part)).to_pylist()
    return sorted((row["field"], row["value"], row["reason"]) for row in rows)


@pytest.mark.parametrize(
    ("records", "found"),
    [(200, []), (201, [("phone", "+12065550143", "shared")]), (10_000, [("phone", "+12065550143", "shared")])],
)
def test_a_value_on_hundreds_of_records_is_shared_even_where_no_record_has_a_name(connection, records, found):
    connection.execute(
        "INSERT INTO customer_record BY NAME SELECT 'crm' AS source, n::VARCHAR AS source_key, '+12065550143' AS phone"
        f" FROM range({records}) AS r(n)"
    )

    assert blocked(connection) == found


@pytest.mark.parametrize(
    ("field", "value", "is_bad"),
    [
        ("email", "test@shop.com", True), ("email", "ann@none.org", True), ("email", "tester@shop.com", False),
        ("phone", "+10000000", True), ("phone", "13800138000", True), ("phone", "+13800138001", False),
        ("loyalty_card", "00-00", True), ("loyalty_card", "unknown", True), ("loyalty_card", "L00700", False),
        ("national_id", "9999", True), ("national_id", "99990", False),
    ],
)  # fmt: skip
def test_what_looks_like_a_placeholder_is_one_however_few_hold_it(connection, field, value, is_bad):
    connection.execute(f"INSERT INTO customer_record BY NAME SELECT 'a' AS source_key, '{value}' AS {field}")

    assert blocked(connection) == [(field, value, "placeholder")] * is_bad


def test_a_crowded_day_of_birth_is_shared_unless_all_have_one_name(connection):
    connection.execute(f"INSERT INTO customer_record BY NAME {DAYS.format(many=300)}")

    assert blocked(connection) == [("birth_on", "1991-01-01", "shared")]


@pytest.mark.parametrize(("before", "now"), [(300, 52), (52, 300)])
def test_of_touched_values_comes_what_the_whole_says_and_every_day_that_was_or_is_crowded(connection, before, now):
    connection.execute(f"INSERT INTO customer_record BY NAME {DAYS.format(many=before)}")
    connection.register("former", blocked_values(connection, is_part=False))
    connection.execute("CREATE TABLE blocked_value AS FROM former")
    connection.execute(f"DELETE FROM customer_record; INSERT INTO customer_record BY NAME {DAYS.format(many=now)}")
    connection.execute("""
      INSERT INTO customer_record BY NAME SELECT 'p' || n AS source_key, CASE WHEN n % 3 = 0 THEN 'test@a.com'
        WHEN n % 3 = 1 THEN 'desk@a.com' ELSE 'none@a.com' END AS email, chr(97 + CAST(n % 20 AS INTEGER)) AS given_key,
        'c' AS family_key FROM range(60) AS r(n)
    """)
    connection.execute("""
      CREATE TEMP TABLE touched AS SELECT * FROM (VALUES ('email', 'desk@a.com', FALSE), ('email', 'test@a.com', FALSE),
        ('phone', 'none@a.com', FALSE), ('email', 'gone@a.com', FALSE)) AS t(_k1, _k2, _is_fresh)
    """)

    part, whole = blocked(connection, is_part=True), blocked(connection)

    crowded = [("birth_on", "1991-01-01", "shared")] * (now > before)
    emails = [("email", "desk@a.com", "shared"), ("email", "none@a.com", "placeholder")]
    assert whole == [*crowded, *emails, ("email", "test@a.com", "placeholder")]
    assert part == [row for row in whole if row[1] != "none@a.com"]
    touched = connection.execute("SELECT _k2 FROM temp.touched WHERE _k1 = 'birth_on'").fetchall()
    assert touched == [("1991-01-01",)]
