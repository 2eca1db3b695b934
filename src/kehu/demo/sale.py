"""Spreads the real lines over tills and web shop, and puts the defective ones among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.demo import defect

if TYPE_CHECKING:
    import duckdb

# A defective line copies a real one; a duplicated key stands right behind its original (see ORDER).
_SALE = """
CREATE VIEW sale AS
SELECT household_id, store_id, basket_id, line_no, product_id, quantity, sold_at, month, is_web,
    retail_disc, coupon_disc, coupon_match_disc, amount::VARCHAR AS amount_text, NULL AS sold_text,
    line_no AS behind, NULL AS defect_kind
FROM line
UNION ALL
SELECT household_id, store_id, basket_id, new_line_no, product_id, quantity, sold_at, month, is_web,
    retail_disc, coupon_disc, coupon_match_disc, amount_text, sold_text, line_no, kind
FROM defect
"""

ORDER = "sold_at, basket_id, behind, defect_kind NULLS FIRST"


def spread(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``sale``: every real line and the defective ones; each monthly file holds them by ``ORDER``."""
    defect.choose(connection)
    connection.execute(_SALE)


def months(connection: duckdb.DuckDBPyConnection, *, is_web: bool) -> list[str]:
    """Return the months (UTC, ``2017-01``) in which tills or web shop sold something."""
    rows = connection.execute("SELECT DISTINCT month FROM sale WHERE is_web = ? ORDER BY 1", [is_web]).fetchall()
    return [row[0] for row in rows]
