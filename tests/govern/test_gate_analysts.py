"""What analysts write every day passes the gate and gives what DuckDB gives without it."""

# ruff: noqa: E501, ISC004  # SQL as people type it
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kehu.govern.workspace import Workspace

QUERIES = [
    "SELECT 1",
    "SELECT count(*), sum(amount) FROM orders",
    "SELECT COUNT(*) AS n FROM orders;",
    "select store_id, sum(amount) total from orders group by all order by all",
    "SELECT store_id, count(*) FILTER (WHERE amount > 5) FROM orders GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 DESC",
    "SELECT *, rank() OVER (PARTITION BY customer_id ORDER BY amount DESC) FROM orders ORDER BY order_id",
    "SELECT order_id, sum(amount) OVER (ORDER BY order_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders",
    "SELECT order_id FROM orders WINDOW w AS (ORDER BY amount) QUALIFY row_number() OVER w = 1",
    "SELECT * FROM orders QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC) = 1 ORDER BY 1",
    "WITH a AS (SELECT customer_id, sum(amount) AS s FROM orders GROUP BY 1), b AS (SELECT avg(s) AS m FROM a) "
    "SELECT customer_id FROM a, b WHERE s > m",
    "SELECT customer_id FROM orders UNION SELECT customer_id FROM customer ORDER BY 1",
    "SELECT customer_id FROM customer EXCEPT SELECT customer_id FROM orders WHERE amount > 6 ORDER BY 1",
    "SELECT customer_id FROM customer INTERSECT ALL SELECT customer_id FROM orders ORDER BY 1",
    "SELECT 1 AS a UNION ALL BY NAME SELECT 2 AS a, 3 AS b ORDER BY a",
    "SELECT CASE WHEN amount >= 10 THEN 'big' WHEN amount = 0 THEN 'none' ELSE 'small' END AS size, count(*) "
    "FROM orders GROUP BY size ORDER BY size",
    "SELECT date_trunc('month', ordered_at) AS m, sum(amount) FROM orders GROUP BY m ORDER BY m",
    "SELECT strftime(ordered_at, '%Y-%m') AS m, count(*) FROM orders GROUP BY 1 ORDER BY 1",
    "SELECT year(ordered_at), month(ordered_at), dayofweek(ordered_at), extract(hour FROM ordered_at) FROM orders ORDER BY ALL",
    "SELECT date_diff('day', min(ordered_at), max(ordered_at)), max(ordered_at)::DATE - DATE '2017-01-01' FROM orders",
    "SELECT ordered_at + INTERVAL 3 DAY, ordered_at - INTERVAL '1 month', ordered_at::DATE FROM orders ORDER BY 1",
    "SELECT * FROM orders WHERE ordered_at BETWEEN '2017-02-01' AND TIMESTAMP '2017-02-28' ORDER BY order_id",
    "SELECT upper(city), lower(city), length(city), substr(city, 1, 2), city[1:2], left(city, 1) FROM customer ORDER BY ALL",
    "SELECT replace(city, 'o', '0'), city || '!', concat_ws('-', city, customer_id), trim(city) FROM customer ORDER BY ALL",
    "SELECT split_part(city, 'o', 1), regexp_replace(city, '[aeiou]', '_', 'g'), city ILIKE 'b%' FROM customer ORDER BY ALL",
    "SELECT city FROM customer WHERE city LIKE '%st%' ESCAPE '$' AND city NOT LIKE 'x%' AND city SIMILAR TO '.*' ORDER BY 1",
    "SELECT position('o' IN city), strpos(city, 'o'), contains(city, 'o'), starts_with(city, 'B') FROM customer ORDER BY ALL",
    "SELECT round(avg(amount), 2), stddev(amount), median(amount), quantile_cont(amount, 0.9), mode(store_id) FROM orders",
    "SELECT amount / 2, amount // 2, amount % 3, abs(-amount), amount ** 2, ceil(amount), sqrt(amount) FROM orders ORDER BY 1",
    "SELECT corr(amount, hour(ordered_at)), covar_pop(amount, 1), approx_count_distinct(store_id) FROM orders",
    "SELECT CAST(amount AS INTEGER), amount::DOUBLE, TRY_CAST(city AS INTEGER) FROM orders JOIN customer USING (customer_id) "
    "ORDER BY ALL",
    "SELECT c.city, sum(o.amount) FROM customer c LEFT JOIN orders o ON o.customer_id = c.customer_id GROUP BY c.city ORDER BY 2",
    "SELECT * FROM customer c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.customer_id) ORDER BY 1",
    "SELECT * FROM orders WHERE customer_id IN (SELECT customer_id FROM customer WHERE city = 'Boston') ORDER BY 1",
    "SELECT order_id FROM orders WHERE amount = (SELECT max(amount) FROM orders)",
    "SELECT order_id FROM orders WHERE amount >= ALL (SELECT amount FROM orders)",
    "SELECT order_id FROM orders WHERE store_id IN ('s1', 's3') AND NOT amount IS NULL ORDER BY 1",
    "SELECT a.order_id, b.order_id FROM orders a, orders b WHERE a.order_id < b.order_id ORDER BY ALL LIMIT 2 OFFSET 1",
    "SELECT o.order_id, p.order_id FROM orders o ASOF JOIN orders p ON o.store_id = p.store_id AND o.ordered_at > p.ordered_at",
    "SELECT customer_id, x.n FROM customer c, LATERAL (SELECT count(*) AS n FROM orders o WHERE o.customer_id = c.customer_id) x "
    "ORDER BY 1",
    "SELECT tags, len(tags), tags[1], list_contains(tags, 'a'), array_to_string(tags, '+') FROM customer ORDER BY customer_id",
    "SELECT customer_id, unnest(tags) AS tag FROM customer ORDER BY ALL",
    "SELECT customer_id, t.tag FROM customer, unnest(tags) AS t(tag) ORDER BY ALL",
    "SELECT flags.vip, flags['vip'], {'a': 1, 'b': city}, [1, 2, 3], list_transform([1, 2], lambda x: x + 1) FROM customer",
    "SELECT [x * 2 FOR x IN [1, 2, 3] IF x > 1], list_sum([1, 2]), list_sort([2, 1]), MAP {'a': 1}['a']",
    "SELECT list(order_id ORDER BY amount DESC), string_agg(order_id, ', ' ORDER BY order_id) FROM orders",
    "SELECT arg_max(order_id, amount), max_by(order_id, amount), min(order_id), any_value(1) FROM orders",
    "SELECT store_id, customer_id, sum(amount) FROM orders GROUP BY ROLLUP (store_id, customer_id) ORDER BY ALL",
    "SELECT store_id, grouping(store_id), count(*) FROM orders GROUP BY GROUPING SETS ((store_id), ()) ORDER BY ALL",
    "SELECT store_id, customer_id, count(*) FROM orders GROUP BY CUBE (store_id, customer_id) ORDER BY ALL",
    "SELECT DISTINCT ON (customer_id) customer_id, order_id FROM orders ORDER BY customer_id, ordered_at DESC",
    "SELECT DISTINCT store_id FROM orders ORDER BY store_id",
    "SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(n, s)",
    "FROM orders SELECT order_id ORDER BY order_id",
    "FROM orders WHERE amount > 10 ORDER BY order_id",
    "SELECT * EXCLUDE (amount) REPLACE (upper(store_id) AS store_id) FROM orders ORDER BY order_id",
    "SELECT COLUMNS('.*_id') FROM orders ORDER BY ALL",
    "SELECT coalesce(NULL, 1), nullif(1, 1), ifnull(NULL, 2), greatest(1, 2), least(1, 2), if(true, 1, 2)",
    "SELECT amount IS DISTINCT FROM 5.25, amount BETWEEN 1 AND 6, NOT amount > 1 FROM orders ORDER BY order_id",
    "SELECT current_date > DATE '2017-01-01', now() IS NOT NULL, today() = current_date",
    "SELECT ntile(2) OVER (ORDER BY amount), lag(amount, 1, 0) OVER (ORDER BY order_id), percent_rank() OVER (ORDER BY amount) "
    "FROM orders ORDER BY ALL",
    "SELECT '{\"a\": {\"b\": 1}}'::JSON ->> '$.a.b', json_extract_string('{\"a\": 1}', 'a'), to_json({'x': 1})",
    "SELECT ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York' FROM orders ORDER BY 1",
    "SELECT make_date(2017, 1, 2), last_day(DATE '2017-02-01'), strptime('2017', '%Y'), epoch(TIMESTAMP '2017-01-01')",
    "SELECT s.*, s.total * 2 AS double FROM (SELECT store_id, sum(amount) AS total FROM orders GROUP BY 1) AS s ORDER BY 1",
    'SELECT 客户.city AS 城市, count(*) AS "How many?" FROM customer AS 客户 GROUP BY 城市 ORDER BY ALL',
    "SELECT sum(amount) AS total, total * 2 AS twice FROM orders",
    "SELECT order_id FROM orders ORDER BY amount DESC NULLS LAST FETCH FIRST 2 ROWS ONLY",
    "/* why */ SELECT 1 -- because",
    'SELECT sum(CASE WHEN store_id = \'s1\' THEN amount END) AS "s1", sum(amount) - "s1" FROM orders',
]


@pytest.mark.parametrize("sql", QUERIES, ids=lambda sql: sql[:60])
def test_a_query_gives_what_it_gives_without_the_gate(owner: Workspace, sql: str) -> None:
    bare = owner.read(sql)

    result = owner.query(sql)

    assert result.rows == bare.rows  # names of columns without AS may be spelled as DuckDB's synonyms
    assert len(result.columns) == len(bare.columns)
    assert result.snapshot == bare.snapshot > 0


def test_parameters_reach_their_places(viewer: Workspace) -> None:
    sql = "WITH a AS (SELECT * FROM orders WHERE amount > ?) SELECT order_id, ? AS x FROM a WHERE store_id = ?"

    assert viewer.query(sql, (6, "here", "s2")).rows == [("o2", "here")]
