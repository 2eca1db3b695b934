"""A query under the policy gives what it gives over a copy of the tables masked by hand."""

# ruff: noqa: E501, ISC004  # SQL as people type it
from __future__ import annotations

from collections import Counter

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kehu.govern.access import Access
from kehu.govern.compiled import Compiler, View
from kehu.govern.policy import Policy, Rule

PEOPLE = """
CREATE TABLE {}.people AS SELECT * FROM (VALUES
  (1, 'ann@x.com', 'Boston', '+12025550101', DATE '1980-05-06'), (2, 'wang@y.cn', 'Wuhan', '13800138000', DATE '1991-02-03'),
  (3, NULL, 'Boston', NULL, NULL), (4, 'bob', NULL, '12', DATE '1980-12-31'), (5, '', 'Wuhan', '', DATE '2000-01-01')
) AS t(id, email, city, phone, born)
"""
SALES = """
CREATE TABLE {}.sales AS SELECT * FROM (VALUES
  (1, 1, 's1', 10), (2, 1, 's2', 20), (3, 2, 's1', 5), (4, 3, NULL, 7), (5, 5, 's2', 1), (6, 9, 's1', 2)
) AS t(sale, id, store, amount)
"""
MASKED = {  # written by hand, for the oracle
    "viewer": [
        "UPDATE main.people SET email = NULL, phone = NULL, born = NULL",
        "DELETE FROM main.sales WHERE store IS NULL OR store <> 's1'",
    ],
    "marketer": [
        "UPDATE main.people SET phone = CASE id WHEN 1 THEN '***01' WHEN 2 THEN '***00' WHEN 4 THEN '1***' "
        "WHEN 5 THEN '***' END, email = CASE id WHEN 1 THEN 'a***@x.com' WHEN 2 THEN 'w***@y.cn' WHEN 4 THEN 'b***' "
        "WHEN 5 THEN '***' END, born = make_date(year(born), 1, 1)",
        "DELETE FROM main.people WHERE city IS NULL",
    ],
    "both": [  # a viewer sees all people without personal data, a marketer some people with parts of it
        "UPDATE main.people SET phone = CASE id WHEN 1 THEN '***01' WHEN 2 THEN '***00' WHEN 5 THEN '***' END, "
        "email = CASE id WHEN 1 THEN 'a***@x.com' WHEN 2 THEN 'w***@y.cn' WHEN 5 THEN '***' END, "
        "born = CASE WHEN city IS NOT NULL THEN make_date(year(born), 1, 1) END",
    ],
}
RULES = {
    "viewer": Rule(rows={"sales": "store = 's1'"}),
    "marketer": Rule(personal="partial", rows={"people": "city IS NOT NULL"}),
}
ROLES = {"viewer": {"viewer"}, "marketer": {"marketer"}, "both": {"viewer", "marketer"}}

columns = st.sampled_from(["email", "city", "phone", "born", "p.id"])
values = st.sampled_from(["'ann@x.com'", "'a***@x.com'", "'Boston'", "'s1'", "'***'", "NULL", "'b'"])
conditions = st.one_of(
    st.builds("{} IS NULL".format, columns),
    st.builds("CAST({} AS VARCHAR) = {}".format, columns, values),
    st.builds("CAST({} AS VARCHAR) LIKE '%{}%'".format, columns, st.sampled_from(["a", "@", "*", "1"])),
    st.just("EXISTS (SELECT 1 FROM sales AS s WHERE s.id = p.id AND s.amount > 3)"),
    st.just("p.id IN (SELECT id FROM sales)"),
    st.just("(SELECT max(email) FROM people AS q WHERE q.city = p.city) > 'b'"),
)
sources = st.sampled_from(
    [
        "people AS p",
        "(SELECT * FROM people) AS p",
        "people AS p JOIN sales AS t ON t.id = p.id",
        "people AS p LEFT JOIN sales USING (id)",
        "(people AS p CROSS JOIN (SELECT count(*) AS n FROM sales) AS x)",
    ]
)
items = st.one_of(
    st.builds("{}".format, columns),
    st.builds("max({0}) OVER (PARTITION BY {1})".format, columns, columns),
    st.just("p"),
    st.just("p.*"),
    st.builds("coalesce(CAST({} AS VARCHAR), '?')".format, columns),
    st.just("(SELECT sum(amount) FROM sales)"),
)
plain = st.builds("SELECT {} FROM {} WHERE {}".format, items, sources, conditions)
grouped = st.builds(
    "SELECT {0}, count(*), count(email), min(phone) FROM {1} WHERE {2} GROUP BY {0}".format,
    columns,
    sources,
    conditions,
)
wrapped = st.builds("WITH people AS (SELECT * FROM people WHERE id < 4) {}".format, st.one_of(plain, grouped))
queries = st.one_of(plain, grouped, wrapped)


@pytest.fixture(scope="module")
def policed() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA lake")
    for table in (PEOPLE, SALES):
        connection.execute(table.format("lake"))
    return connection


@pytest.fixture(scope="module")
def oracles() -> dict[str, duckdb.DuckDBPyConnection]:
    made = {}
    for name, statements in MASKED.items():
        connection = duckdb.connect()
        for statement in (PEOPLE.format("main"), SALES.format("main"), *statements):
            connection.execute(statement)
        made[name] = connection
    return made


def view(name: str) -> View:
    people = tuple(zip(["id", "email", "city", "phone", "born"], ["INTEGER", *["VARCHAR"] * 3, "DATE"], strict=True))
    sales = (("sale", "INTEGER"), ("id", "INTEGER"), ("store", "VARCHAR"), ("amount", "INTEGER"))
    access = Access("ann", frozenset(ROLES[name]))
    personal = {"people": frozenset({"email", "phone", "born"}), "sales": frozenset[str]()}
    return View(1, {"people": people, "sales": sales}, Policy(RULES, "law"), access, personal.get)


@settings(max_examples=40, deadline=None)
@given(sql=queries, name=st.sampled_from(sorted(ROLES)), typed=st.booleans())
def test_the_policy_equals_tables_masked_by_hand(
    policed: duckdb.DuckDBPyConnection,
    oracles: dict[str, duckdb.DuckDBPyConnection],
    sql: str,
    name: str,
    typed: bool,
) -> None:
    compiler = Compiler()
    text = compiler.typed(sql, view(name), limit=1000) if typed else compiler.trusted(sql, view(name))

    shown = policed.execute(text).fetchall()

    wanted = oracles[name].execute(sql).fetchall()
    assert Counter(map(str, shown)) == Counter(map(str, wanted))


def test_several_roles_show_on_each_row_what_any_of_them_shows(policed: duckdb.DuckDBPyConnection) -> None:
    sql = Compiler().trusted("SELECT id, email FROM people ORDER BY id", view("both"))

    assert policed.execute(sql).fetchall() == [(1, "a***@x.com"), (2, "w***@y.cn"), (3, None), (4, None), (5, "***")]


def test_a_person_cannot_learn_of_hidden_rows_from_errors(policed: duckdb.DuckDBPyConnection) -> None:
    probe = "SELECT count(*) FROM sales WHERE CAST(CASE WHEN store = 's2' THEN 'x' ELSE '1' END AS INTEGER) = 1"

    text = Compiler().typed(probe, view("viewer"), limit=10)

    assert policed.execute(text).fetchall() == [(3,)]
