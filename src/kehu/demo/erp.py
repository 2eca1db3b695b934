"""The ERP: products, stores, price list and inventory in one SQLite database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from kehu.demo import words

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

# A product that real lines name but the package does not describe is listed without a name.
_NAMES = """
CREATE TABLE product_name AS
SELECT product_id, product_type, brand, department, product_category, package_size, manufacturer_id,
    CASE WHEN manufacturer_id IS NOT NULL THEN
        concat_ws(', ', coalesce(product_type, product_category, department), package_size)
        || CASE brand WHEN 'Private' THEN ' (own brand)' ELSE '' END
    END AS product_name
FROM (SELECT DISTINCT product_id FROM line UNION SELECT product_id FROM products) LEFT JOIN products USING (product_id)
"""

_CREATE = """
CREATE TABLE product (
    product_id INTEGER PRIMARY KEY, product_name TEXT, brand TEXT, department TEXT, category TEXT, subcategory TEXT,
    package_size TEXT, manufacturer_id INTEGER, status TEXT NOT NULL
);
CREATE TABLE store (
    store_id INTEGER PRIMARY KEY, store_name TEXT, city TEXT, state TEXT, postcode TEXT, region TEXT, opened_on TEXT
);
CREATE TABLE price_list (
    product_id INTEGER, price NUMERIC, currency TEXT, valid_from TEXT, valid_to TEXT,
    PRIMARY KEY (product_id, valid_from)
);
CREATE TABLE inventory (
    product_id INTEGER, store_id INTEGER, quantity INTEGER, counted_on TEXT, PRIMARY KEY (product_id, store_id)
);
"""

_ROWS = {
    "product": """
        SELECT product_id, product_name, brand, department, product_category, product_type, package_size,
            manufacturer_id, CASE WHEN product_name IS NULL THEN 'delisted' ELSE 'active' END
        FROM product_name ORDER BY 1
    """,
    "price_list": """
        SELECT product_id, round(median(amount_text::DOUBLE / quantity), 2), 'USD', '2017-01-01', NULL
        FROM sale WHERE defect_kind IS NULL AND quantity > 0 GROUP BY 1 ORDER BY 1
    """,
    "inventory": """
        SELECT product_id, store_id, (product_id * 31 + store_id * 17 + count(*) * 7) % 97, '2017-12-31'
        FROM sale WHERE defect_kind IS NULL GROUP BY 1, 2 HAVING count(*) >= 8 ORDER BY 1, 2
    """,
}
_STORES = "SELECT DISTINCT store_id FROM sale ORDER BY 1"


def name_products(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``product_name``: every product that the package describes or a real line names."""
    connection.execute(_NAMES)


def write(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write ``erp.sqlite``; prices are medians of real unit prices, inventory and store names are invented."""
    file = folder / "erp.sqlite"
    file.unlink(missing_ok=True)
    tables = {name: connection.execute(select).fetchall() for name, select in _ROWS.items()}
    tables["store"] = [_store(row[0]) for row in connection.execute(_STORES).fetchall()]
    with closing(sqlite3.connect(file)) as database:
        database.executescript(_CREATE)
        for table, rows in tables.items():
            marks = ", ".join("?" for _ in rows[0])
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        database.commit()


def _store(store: int) -> tuple[object, ...]:
    city, state, postcode, _ = words.CITY[store * 7919 % len(words.CITY)]
    street = words.STREET[store * 31 % len(words.STREET)]
    year, month = 1985 + store * 13 % 30, 1 + store % 12
    region = {"OH": "Ohio", "IN": "Midwest", "MI": "Midwest", "KY": "South", "TN": "South", "GA": "South"}.get(
        state, "East"
    )
    number = f"{postcode}{store % 90 + 10:02d}"
    return store, f"{city} {street} #{store}", city, state, number, region, f"{year}-{month:02d}-15"
