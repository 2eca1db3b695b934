from __future__ import annotations

import pytest

from kehu.warehouse.lineage import column_origins
from kehu.warehouse.sql import columns_named, parse, tables_in

SCHEMA = {"a": ("id", "email", "x"), "b": ("id", "name", "s"), "c": ("id", "phone")}


@pytest.mark.parametrize(
    ("sql", "column", "origins"),
    [
        ("SELECT upper(e) AS u FROM (SELECT email AS e FROM a)", "u", {"a.email"}),
        ("WITH q AS (SELECT * EXCLUDE (x) FROM a), w(i, m) AS (FROM q) SELECT m FROM w", "m", {"a.email"}),
        ("SELECT id, email FROM a UNION ALL SELECT id, name FROM b", "email", {"a.email", "b.name"}),
        ("SELECT id FROM a UNION ALL BY NAME SELECT name AS q, id FROM b", "q", {"b.name"}),
        ("SELECT coalesce(a.id, b.id) AS k FROM a FULL JOIN b USING (id)", "k", {"a.id", "b.id"}),
        ("SELECT id FROM a JOIN b USING (id)", "id", {"a.id", "b.id"}),
        ("SELECT (SELECT max(phone) FROM c WHERE c.id = a.id) AS p FROM a", "p", {"c.phone"}),
        ("SELECT count(*) AS n FROM a", "n", set()),
        ("SELECT email AS e, lower(e) AS f FROM a", "f", {"a.email"}),
        ("SELECT b.s.city AS city, s.street FROM b", "city", {"b.s"}),
        ("SELECT s.street FROM b", "street", {"b.s"}),
        ("SELECT t.v FROM c, unnest([phone, id]) AS t(v)", "v", {"c.phone", "c.id"}),
        ("SELECT u.w FROM c, LATERAL (SELECT c.phone || '!' AS w) AS u", "w", {"c.phone"}),
        ("SELECT * REPLACE (lower(name) AS id) FROM b", "id", {"b.name"}),
        ("SELECT row_number() OVER (PARTITION BY email ORDER BY x) AS n FROM a", "n", {"a.email", "a.x"}),
        ("SELECT a AS whole FROM a", "whole", {"a.id", "a.email", "a.x"}),
        ("SELECT list_transform([email], lambda v: v || '1') AS q FROM a", "q", {"a.email"}),
        ("SELECT r.zz FROM a LEFT JOIN raw_shop_orders AS r ON true", "zz", {"raw_shop_orders.zz"}),
        ("SELECT 订单号 AS order_key FROM raw_shop_orders", "order_key", {"raw_shop_orders.订单号"}),
        ("SELECT p.any FROM (PIVOT a ON x USING max(email) GROUP BY id) AS p", "any", {"a.id", "a.email", "a.x"}),
        (
            "WITH RECURSIVE r AS (SELECT id, email AS k FROM a UNION SELECT b.id, k || name FROM r, b) SELECT k FROM r",
            "k",
            {"a.email", "b.name"},
        ),
        ("SELECT arg_max({'e': email}, x).e AS z FROM a", "z", {"a.email", "a.x"}),
        ("SELECT max(email) FILTER (WHERE x > 1) AS z FROM a", "z", {"a.email", "a.x"}),
    ],
)
def test_a_column_is_traced_to_the_columns_it_is_computed_from(sql: str, column: str, origins: set[str]) -> None:
    found = column_origins(parse(sql), SCHEMA)

    assert {".".join(origin) for origin in found[column]} == origins


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("WITH q AS (SELECT 1 AS n FROM a), r AS (FROM q JOIN b ON true) FROM r, c", {"a", "b", "c"}),
        ("WITH orders AS (FROM orders) FROM orders", {"orders"}),
        ("WITH RECURSIVE r AS (SELECT 1 AS n FROM a UNION ALL SELECT n + 1 FROM r) FROM r", {"a"}),
        ("WITH q AS (FROM a) SELECT * FROM (UNPIVOT q ON x INTO NAME k VALUE v)", {"a"}),
        ("SELECT (SELECT max(n) FROM b) FROM unnest([1]) AS u(n) WHERE EXISTS (FROM c)", {"b", "c"}),
    ],
)
def test_tables_are_found_without_ctes(sql: str, tables: set[str]) -> None:
    assert tables_in(sql) == tables


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT a, t.b AS c FROM t JOIN u USING (d) WHERE e > 1 GROUP BY ALL ORDER BY f", {"a", "b", "d", "e", "f"}),
        ("SELECT count(*) FILTER (WHERE g) FROM t", {"g"}),
        ("SELECT s.x.y, l[1].z FROM t", {"s", "x", "l", "z"}),
        (
            "WITH q AS (SELECT a, b FROM t) SELECT *, to_json(q) AS c FROM q JOIN (SELECT e FROM u) ON true",
            {"a", "b", "e"},
        ),
        ("WITH q AS (SELECT q FROM t) SELECT q FROM t", {"q"}),
        ("WITH q AS (SELECT a, b FROM t) SELECT v FROM (UNPIVOT q ON a, b INTO NAME k VALUE v)", {"a", "b"}),
    ],
)
def test_all_columns_that_are_read_are_among_the_named_ones(sql: str, columns: set[str]) -> None:
    assert columns <= (columns_named(sql) or set())
    assert "h" not in (columns_named(sql) or {"h"})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t",
        "SELECT t.* EXCLUDE (a) FROM t",
        "FROM t",
        "SELECT to_json(r) FROM t AS r",
        "SELECT max(columns('a.*')) FROM t",
        "SELECT a FROM t NATURAL JOIN u",
        "SELECT a FROM t UNPIVOT (v FOR k IN (b, c))",
        "SELECT a FROM (PIVOT t ON b USING sum(c))",
        "SELECT a FROM (SELECT *, 1 AS a FROM t)",
        "WITH q AS (FROM t) SELECT a FROM q",
        "WITH q AS (SELECT 1 AS a) SELECT q.a, t.* FROM q, t",
        "SELECT a FROM u WHERE EXISTS (SELECT 1 FROM v WHERE to_json(u) = v.b)",
        "SELECT * FROM (t JOIN u USING (a))",
    ],
)
def test_what_reads_columns_without_naming_them_is_told(sql: str) -> None:
    assert columns_named(sql) is None
