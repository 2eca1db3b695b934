"""Attacks on SQL typed by people: every one is refused, or shows what the policy leaves and nothing more."""

# ruff: noqa: E501  # SQL as people type it
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import AccessError, QueryError

if TYPE_CHECKING:
    from kehu.govern.workspace import Workspace

REFUSED = [
    # files and addresses
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('data/main/files/**/*.parquet')",
    "SELECT * FROM parquet_scan('x.parquet')",
    "SELECT * FROM parquet_metadata('x.parquet')",
    "SELECT * FROM sqlite_scan('data/control.sqlite', 'audit')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'data/main/files/main/customer/*.parquet'",
    'SELECT * FROM "/etc/passwd"',
    'SELECT * FROM "x.parquet"',
    "FROM 'x.csv'",
    "FROM read_csv('x.csv')",
    "SELECT * FROM 'https://example.com/x.csv'",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM orders WHERE customer_id IN (SELECT column0 FROM read_csv('/etc/passwd'))",
    "SELECT * FROM orders, LATERAL (SELECT * FROM glob('/*'))",
    "SELECT * FROM orders, LATERAL glob('/*')",
    # statements that are no SELECT
    "COPY customer TO '/tmp/x.csv'",
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    "ATTACH 'data/control.sqlite' AS c",
    "DETACH lake",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "RESET threads",
    "USE lake",
    "PRAGMA database_list",
    "PRAGMA table_info('customer')",
    "CALL ducklake_snapshots('lake')",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP VIEW customer AS SELECT 1",
    "CREATE MACRO upper(x) AS x",
    "CREATE SECRET s (TYPE s3)",
    "DROP TABLE customer",
    "INSERT INTO orders SELECT * FROM orders",
    "UPDATE customer SET email = ''",
    "DELETE FROM customer",
    "MERGE INTO customer USING orders ON true WHEN MATCHED THEN DELETE",
    "ALTER TABLE customer ADD COLUMN x INT",
    "EXPORT DATABASE '/tmp/x'",
    "VACUUM",
    "CHECKPOINT",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "EXPLAIN SELECT * FROM customer",
    "EXPLAIN ANALYZE SELECT * FROM customer",
    "DESCRIBE customer",
    "SUMMARIZE customer",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SELECT * FROM (DESCRIBE customer)",
    "SELECT * FROM (SUMMARIZE customer)",
    "SELECT * FROM (SHOW ALL TABLES)",
    "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
    "SELECT * INTO y FROM orders",
    "SELECT * FROM orders FOR UPDATE",
    # more than one statement, or none
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE customer",
    "SELECT 1 -- \n; ATTACH 'x'",
    "SELECT 1 /* ; */ ; COPY customer TO 'x'",
    "",
    ";",
    "-- nothing",
    "SELECT",
    "SELECT 'unclosed",
    "SELECT 1 /* unclosed",
    "SELECT 1\x00",
    # names outside the workspace, and qualified ones
    "SELECT * FROM lake.customer",
    "SELECT * FROM main.customer",
    "SELECT * FROM lake.main.customer",
    'SELECT * FROM "lake"."main"."customer"',
    'SELECT * FROM "lake.customer"',
    "SELECT * FROM memory.main.x",
    "SELECT * FROM temp.x",
    "SELECT * FROM system.information_schema.tables",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM pg_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM __ducklake_metadata_lake.ducklake_data_file",
    "SELECT * FROM __ducklake_metadata_lake.main.ducklake_file_column_stats",
    "SELECT * FROM ducklake_data_file",
    "SELECT * FROM nothing",
    "SELECT * FROM customer AS c JOIN lake.customer AS d USING (customer_id)",
    "SELECT lake.main.customer.email FROM customer",
    # table functions
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_functions()",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM pragma_table_info('customer')",
    "SELECT * FROM ducklake_snapshots('lake')",
    "SELECT * FROM ducklake_list_files('lake', 'customer')",
    "SELECT * FROM lake.snapshots()",
    "SELECT * FROM range(10)",
    "SELECT * FROM generate_series(1, 1000000000000)",
    "SELECT * FROM repeat_row(1, num_rows=1000000000)",
    "SELECT * FROM query('SELECT * FROM lake.customer')",
    "SELECT * FROM query_table('customer')",
    "SELECT * FROM query_table(['customer', 'raw_shop'])",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "SELECT * FROM which_secret('x', 's3')",
    # functions
    "SELECT getenv('HOME')",
    "SELECT current_setting('temp_directory')",
    "SELECT getvariable('x')",
    "SELECT version()",
    "SELECT current_query()",
    "SELECT current_database()",
    "SELECT pg_sleep(100)",
    "SELECT sleep_ms(100000)",
    "SELECT error('x')",
    "SELECT stats(email) FROM customer",
    "SELECT repeat('x', 1000000000)",
    "SELECT lpad('x', 1000000000, 'y')",
    "SELECT range(1000000000)",
    "SELECT generate_series(1, 1000000000)",
    "SELECT list_resize([1], 1000000000)",
    "SELECT format('{:>1000000000}', 1)",
    "SELECT printf('%1000000000d', 1)",
    "SELECT json_serialize_sql('SELECT 1')",
    "SELECT json_serialize_plan('SELECT 1')",
    "SELECT write_log('x')",
    "SELECT setseed(0.5)",
    "SELECT nextval('x')",
    "SELECT pg_catalog.current_setting('threads')",
    "SELECT system.main.getenv('HOME')",
    "SELECT list_transform([1], lambda x: getenv('HOME'))",
    "SELECT [getenv(x) FOR x IN ['HOME']]",
    "SELECT list_filter(['HOME'], x -> getenv(x) = 'y')",
    "SELECT sum(1) OVER (ORDER BY getenv('HOME'))",
    "SELECT 1 ORDER BY getenv('HOME')",
    "SELECT 1 LIMIT (SELECT length(getenv('HOME')))",
    "SELECT CASE WHEN true THEN getenv('HOME') END",
    "SELECT \"getenv\"('HOME')",
    "SELECT GetEnv('HOME')",
    "SELECT 'HOME'.getenv()",
    "SELECT E'\\'' || getenv('HOME')",
    "SELECT $$'$$ || getenv('HOME') || $$'$$",
    # constructs
    "TABLE customer",
    "SELECT * FROM customer AT (VERSION => 1)",
    "SELECT * FROM customer AT (TIMESTAMP => now())",
    "PIVOT customer ON city USING count(*)",
    "SELECT * FROM customer PIVOT (count(*) FOR city IN ('Boston'))",
    "UNPIVOT customer ON email, phone INTO NAME n VALUE v",
    "SELECT * FROM customer UNPIVOT (v FOR n IN (email, phone))",
    "SELECT * FROM customer TABLESAMPLE 1 ROWS",
    "SELECT * FROM customer USING SAMPLE 1",
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT 1 FROM t, t AS u) SELECT 1 FROM t",
    "SELECT " + "(" * 2000 + "1" + ")" * 2000,
    "SELECT " + "1 + " * 5000 + "1",
    "SELECT * FROM " + "(SELECT * FROM " * 200 + "customer" + ")" * 200,
    "SELECT '" + "x" * 60_000 + "'",
    # letters that look like others
    "SELECT * FROM ｃｕｓｔｏｍｅｒ",
    "SELECT * FROM cu\u0455tomer",
    "SELECT * FROM customer\u200b",
    "SELECT * FROM raw\u005f\u200bshop",
    # a name that only lives elsewhere in the query
    "SELECT * FROM (WITH hidden AS (SELECT 1) SELECT * FROM hidden) AS a, hidden",
    "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a",
    "SELECT * FROM _cte_1",
]

HIDDEN = [
    "SELECT * FROM raw_shop",
    "SELECT * FROM RAW_SHOP",
    'SELECT * FROM "raw_shop"',
    "SELECT count(*) FROM raw_shop",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM raw_shop)",
    "WITH raw_shop AS (SELECT * FROM raw_shop) SELECT * FROM raw_shop",
    "SELECT * FROM (WITH raw_shop AS (SELECT 1) SELECT * FROM raw_shop) AS a, raw_shop",
    "SELECT customer_id FROM orders UNION ALL SELECT mail FROM raw_shop",
    "SELECT (SELECT min(mail) FROM raw_shop) FROM orders",
    "SELECT * FROM orders JOIN raw_shop ON true",
    "SELECT * FROM orders, LATERAL (SELECT * FROM raw_shop)",
]

MASKED = [
    "SELECT * FROM customer",
    "FROM customer",
    "FROM customer SELECT *",
    "SELECT c FROM customer AS c",
    "SELECT customer FROM customer",
    "SELECT c.* FROM customer AS c",
    "SELECT COLUMNS(*) FROM customer",
    "SELECT COLUMNS('.*') FROM customer",
    "SELECT COLUMNS(c -> c LIKE 'e%') FROM customer",
    "SELECT * EXCLUDE (city) FROM customer",
    "SELECT * REPLACE (lower(email) AS city) FROM customer",
    "SELECT * RENAME (email AS city2) FROM customer",
    "SELECT max(COLUMNS(*)) FROM customer",
    "SELECT email AS city, full_name AS x FROM customer",
    'SELECT "EMAIL", "Full_Name" FROM "CUSTOMER"',
    "SELECT coalesce(email, phone, full_name) FROM customer",
    "SELECT concat(email, full_name), hash(email), md5(full_name) FROM customer",
    "SELECT to_json(c) FROM customer AS c",
    "SELECT list(c), array_agg(email), string_agg(full_name, ',') FROM customer AS c",
    "SELECT struct_pack(a := email), {'b': phone}, [full_name], row(email) FROM customer",
    "SELECT struct_extract(c, 'email') FROM customer AS c",
    "SELECT c['email'], c.full_name FROM customer AS c",
    "SELECT min(email), max(full_name), first(phone), any_value(email), mode(full_name) FROM customer",
    "SELECT arg_max(email, customer_id), max_by(full_name, city), histogram(email) FROM customer",
    "SELECT lag(email) OVER (ORDER BY customer_id), first_value(full_name) OVER () FROM customer",
    "SELECT email FROM customer GROUP BY email ORDER BY email",
    "SELECT DISTINCT ON (city) email, full_name FROM customer ORDER BY city, email",
    "SELECT (SELECT max(email) FROM customer AS d WHERE d.customer_id = c.customer_id) FROM customer AS c",
    "SELECT x.email FROM orders AS o, LATERAL (SELECT * FROM customer AS c WHERE c.customer_id = o.customer_id) AS x",
    "SELECT * FROM orders JOIN customer USING (customer_id)",
    "SELECT * FROM orders NATURAL JOIN customer",
    "SELECT * FROM (orders JOIN customer USING (customer_id))",
    "SELECT d.* FROM customer AS c POSITIONAL JOIN customer AS d",
    "SELECT * FROM orders SEMI JOIN customer USING (customer_id) UNION ALL BY NAME SELECT * FROM customer",
    "SELECT email FROM customer UNION SELECT full_name FROM customer",
    "(SELECT email FROM customer) UNION ALL (SELECT full_name FROM customer)",
    "(SELECT * FROM customer)",
    "((SELECT email FROM customer))",
    "SELECT #2, #3 FROM customer",
    "SELECT * FROM (FROM customer)",
    "WITH customer AS (SELECT * FROM customer) SELECT * FROM customer",
    "WITH customer AS (SELECT * FROM customer), c2 AS (FROM customer) SELECT * FROM c2",
    "WITH a AS (WITH customer AS (SELECT 1 AS one) SELECT * FROM customer) SELECT * FROM a, customer",
    "WITH a AS (SELECT 1) SELECT * FROM (WITH customer AS (FROM customer) FROM customer), a",
    "WITH orders AS (SELECT * FROM customer) SELECT * FROM orders",
    "WITH c(a, b, d) AS (SELECT email, full_name, phone FROM customer) SELECT * FROM c",
    "WITH c AS MATERIALIZED (SELECT * FROM customer) SELECT * FROM c",
    "WITH _cte_1 AS (SELECT 1), x AS (SELECT * FROM customer) SELECT * FROM x, _cte_1",
    "SELECT unnest([email, full_name]) FROM customer",
    "SELECT u FROM customer, unnest([email, phone]) AS t(u)",
    "SELECT list_transform([email], lambda e: upper(e)) FROM customer",
    "SELECT [x FOR x IN [email, full_name]] FROM customer",
    "SELECT e FROM (SELECT email AS e FROM customer) WHERE e IS NOT NULL OR true",
    "SELECT customer.email FROM customer AS customer",
    "SELECT email FROM customer WHERE email = 'ann@x.com' OR email IS NULL",
    "SELECT CAST(full_name AS INTEGER) FROM customer",
    "SELECT email /* ' */ FROM customer -- '",
    "SELECT email FROM customer LIMIT 1 OFFSET 1",
    "SELECT 1 WHERE 'ann@x.com' IN (SELECT email FROM customer)",
    "SELECT count(email), count(DISTINCT full_name), approx_count_distinct(phone) FROM customer HAVING count(email) > 0",
    "SELECT email FROM customer QUALIFY row_number() OVER (PARTITION BY email ORDER BY full_name) = 1",
    "SELECT city FROM customer WHERE full_name LIKE 'Ann%'",
    "SELECT city FROM customer ORDER BY birth_on NULLS LAST, city LIMIT 0",
]
SECRETS = ("ann", "@", "smith", "王芳", "wang", "bob", "jones", "1202555", "138001", "1980", "1991")


@pytest.mark.parametrize("sql", REFUSED, ids=lambda sql: sql[:60])
def test_the_gate_refuses(viewer: Workspace, sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        viewer.query(sql)

    assert caught.value.what
    assert all(secret not in str(caught.value).lower() for secret in SECRETS[2:])


@pytest.mark.parametrize("sql", REFUSED[::6], ids=lambda sql: sql[:60])
def test_the_gate_refuses_owners_too(owner: Workspace, sql: str) -> None:
    with pytest.raises(QueryError):
        owner.query(sql)


@pytest.mark.parametrize("sql", HIDDEN)
def test_tables_outside_the_policy_cannot_be_read(viewer: Workspace, sql: str) -> None:
    with pytest.raises(AccessError, match="may not read table raw_shop"):
        viewer.query(sql)


@pytest.mark.parametrize("sql", MASKED)
def test_no_way_of_asking_shows_personal_data(viewer: Workspace, sql: str) -> None:
    shown = str(viewer.query(sql).rows).lower()

    assert [secret for secret in SECRETS if secret in shown] == []
