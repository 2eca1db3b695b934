"""The tills: order lines of two thirds of all baskets, one Parquet file a month, keyed by loyalty card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.demo.record import Known
from kehu.demo.sale import ORDER, months

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb

    from kehu.demo.people import Person

# The till program exports amounts and times as text, as many do: that is how a wrong one gets into Parquet.
_LINES = f"""
COPY (
    SELECT
        basket_id || '-' || line_no AS line_id, basket_id::VARCHAR AS basket_id, card AS loyalty_card,
        store_id, product_id, quantity, amount_text AS sales_value, retail_disc, coupon_disc, coupon_match_disc,
        coalesce(sold_text, strftime(sold_at, '%Y-%m-%dT%H:%M:%SZ')) AS transaction_timestamp
    FROM sale JOIN holder USING (household_id)
    WHERE NOT is_web AND month = $month ORDER BY {ORDER}
) TO $file (FORMAT parquet, COMPRESSION zstd)
"""


def cards(connection: duckdb.DuckDBPyConnection, holders: Mapping[int, Person]) -> list[Known]:
    """Return the cards that the tills have seen."""
    rows = connection.execute("SELECT DISTINCT household_id FROM sale WHERE NOT is_web ORDER BY 1").fetchall()
    return [Known("pos", holders[row[0]].card, holders[row[0]], card=holders[row[0]].card) for row in rows]


def write(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write ``<month>.parquet``, months by UTC."""
    for month in months(connection, is_web=False):
        connection.execute(_LINES, {"month": month, "file": str(folder / f"{month}.parquet")})
