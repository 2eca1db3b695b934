"""What of DuckDB's SQL is said to Spark, and what is refused; whether the answers agree is asked in test_spark."""

from __future__ import annotations

import pytest

from kehu.base.errors import TableError
from kehu.warehouse.spark.dialect import translated

SCHEMA = {"t": {"a": "INTEGER", "m": "DECIMAL(18,2)", "x": "DOUBLE", "s": "VARCHAR", "d": "DATE", "at": "TIMESTAMP"}}


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT quantile_cont(x, 0.5) AS v FROM t", "PERCENTILE_CONT"),
        ("SELECT median(x) AS v FROM t", "MEDIAN"),
        ("SELECT mode(s) AS v FROM t", "MODE"),
        ("SELECT hash(s) AS v FROM t", "hash"),
        ("SELECT random() AS v FROM t", "RAND"),
        ("SELECT list(s ORDER BY a) AS v FROM t", "ARRAY"),
        ("SELECT strftime(at, '%Y') AS v FROM t", "TIME_TO_STR"),
        ("SELECT isodow(d) AS v FROM t", "ISO"),
        ("SELECT t.a FROM t ASOF JOIN t AS u ON t.at >= u.at", "a join of kind ASOF"),
        ("SELECT at + INTERVAL 1 DAY AS v FROM t", "an interval"),
        ("SELECT a FROM t USING SAMPLE 5", "a sample"),
        ("SELECT list_transform([a], lambda z: z + 1) AS v FROM t", "function"),
        ("SELECT a FROM read_csv('x.csv')", "a"),
        ("SELECT s LIKE 'a%' AS v FROM t", "LIKE"),
        ("SELECT a % 2 AS v FROM t", "a remainder"),
        ("SELECT regexp_replace(s, 'a', 'b') AS v FROM t", "REGEXP_REPLACE"),
        ("SELECT regexp_matches(s, s) AS v FROM t", "a pattern that is no literal"),
        ("SELECT string_agg(s, ',') AS v FROM t", "STRING_AGG"),
        ("SELECT date_diff('week', d, d) AS v FROM t", "DATE_DIFF of WEEK"),
        ("SELECT unnest([1]) AS v, unnest([2]) AS w FROM t", "two UNNESTs"),
        ("SELECT a IN (SELECT a FROM t) AS v FROM t", "IN over a SELECT"),
        ("SELECT CAST(x AS VARCHAR) AS v FROM t", "DOUBLE as text"),
        ("SELECT d + TO_HOURS(1) AS v FROM t", "TO_HOURS"),
        ("PIVOT t ON s USING sum(a)", "a"),
    ],
)
def test_what_was_not_tried_on_spark_is_refused_by_name(sql: str, said: str) -> None:
    with pytest.raises(TableError, match=said):
        translated(sql, SCHEMA, "mart")


def test_decimals_are_divided_in_double() -> None:
    sql = translated("SELECT m / a AS v FROM t", SCHEMA)

    assert sql == "SELECT CAST(t.m AS DOUBLE) / CAST(t.a AS DOUBLE) AS v FROM t AS t"


def test_a_minus_between_dates_counts_days() -> None:
    sql = translated("SELECT d - (SELECT min(d) FROM t) AS v FROM t WHERE d - 1 > d", SCHEMA)

    assert "DATEDIFF(t.d" in sql or "DATE_ADD" in sql
    assert "DATE_ADD(t.d, CAST(-(1) AS INT)) > t.d" in sql


def test_missing_values_stand_last_as_for_duckdb() -> None:
    sql = translated("SELECT row_number() OVER (ORDER BY a, s DESC) AS v FROM t", SCHEMA)

    assert "ORDER BY t.a NULLS LAST, t.s DESC" in sql
