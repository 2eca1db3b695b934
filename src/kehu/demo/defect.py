"""Writes 200 lines that no honest system should accept, and says why for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

COUNT = 200
KINDS = ("not_a_date", "not_a_number", "unknown_reference", "duplicate_key")
_DATES = ("2017-13-45 10:00:00", "31/02/2017 09:15", "yesterday", "0000-00-00 00:00:00", "待定", "2017-02-30 25:61:00")
_AMOUNTS = ("1O.50", "free", "1.2.3", "见小票", "#REF!", "two dollars", "TBD", "赠品")

# 25 lines of each kind in the tills and in the web shop, taken from all over the year; no line is taken twice.
_CHOSEN = """
CREATE TABLE defect AS
WITH keyed AS (SELECT *, (basket_id % 99991 * 40503 + product_id) % 1000033 AS chance FROM line), taken AS (
    (SELECT * FROM keyed WHERE is_web ORDER BY chance, basket_id, product_id LIMIT $each)
    UNION ALL
    (SELECT * FROM keyed WHERE NOT is_web ORDER BY chance, basket_id, product_id LIMIT $each)
), ranked AS (
    SELECT * EXCLUDE (chance),
        row_number() OVER (PARTITION BY is_web ORDER BY chance, basket_id, product_id) - 1 AS rank
    FROM taken
), kinds AS (SELECT *, $kinds[rank % 4 + 1] AS kind FROM ranked)
SELECT * EXCLUDE (product_id, rank),
    CASE WHEN kind = 'unknown_reference' THEN 990000000 + rank + CASE WHEN is_web THEN 500 ELSE 0 END
        ELSE product_id END AS product_id,
    CASE WHEN kind = 'duplicate_key' THEN line_no ELSE 900 + rank END AS new_line_no,
    CASE WHEN kind = 'not_a_date' THEN $dates[rank // 4 % len($dates) + 1] END AS sold_text,
    CASE WHEN kind = 'not_a_number' THEN $amounts[rank // 4 % len($amounts) + 1] ELSE amount::VARCHAR END AS amount_text
FROM kinds
"""

# The order of lines in a file is sale.ORDER, given as an argument: the two modules must not import each other.
_LISTED = """
WITH placed AS (
    SELECT is_web, month, basket_id, line_no, defect_kind, sold_text, amount_text, product_id,
        row_number() OVER (PARTITION BY is_web, month ORDER BY {order}) AS row_no
    FROM sale QUALIFY defect_kind IS NOT NULL
)
SELECT
    CASE WHEN is_web THEN 'shop' ELSE 'pos' END AS source,
    CASE WHEN is_web THEN 'orders-' || month || '.csv' ELSE month || '.parquet' END AS file,
    row_no + CASE WHEN is_web THEN 1 ELSE 0 END AS line,
    CASE WHEN is_web THEN 'W' ELSE '' END || basket_id AS order_key,
    CASE WHEN is_web THEN line_no::VARCHAR ELSE basket_id || '-' || line_no END AS line_key,
    defect_kind AS rule,
    CASE defect_kind
        WHEN 'not_a_date' THEN CASE WHEN is_web THEN '下单时间' ELSE 'transaction_timestamp' END
        WHEN 'not_a_number' THEN CASE WHEN is_web THEN '实付金额' ELSE 'sales_value' END
        WHEN 'unknown_reference' THEN CASE WHEN is_web THEN '商品编码' ELSE 'product_id' END
        ELSE CASE WHEN is_web THEN '订单行号' ELSE 'line_id' END
    END AS column_name,
    CASE defect_kind WHEN 'not_a_date' THEN sold_text WHEN 'not_a_number' THEN amount_text
        WHEN 'unknown_reference' THEN product_id::VARCHAR ELSE line_no::VARCHAR END AS value
FROM placed ORDER BY source, file, line
"""


def choose(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``defect``: copies of real lines, each with one thing wrong."""
    values = {"each": COUNT // 2, "kinds": list(KINDS), "dates": list(_DATES), "amounts": list(_AMOUNTS)}
    connection.execute(_CHOSEN, values)


def defects(connection: duckdb.DuckDBPyConnection, order: str) -> pa.Table:
    """Return one row per defective line: source, file, line, order_key, line_key, rule, column_name, value.

    ``line`` counts physical lines of a CSV file (its header is line 1) and rows of a Parquet file.
    """
    table = connection.execute(_LISTED.format(order=order)).to_arrow_table()
    return pa.table(table)
