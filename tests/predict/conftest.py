"""A small invented shop in a plain DuckDB, behind the few methods of a workspace that scorers use."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import kehu.tables
from kehu.predict.feature import load_history
from kehu.warehouse.table import load_tables

FOLDER = Path(kehu.tables.__file__).parent
TABLES = load_tables(FOLDER / "entity", FOLDER / "mart", FOLDER / "ledger")
ENTITIES = (
    "orders",
    "order_line",
    "product",
    "interaction",
    "survey_response",
    "contact_response",
    "campaign",
    "customer",
)
SUMS = ("customer_total", "channel_day", "data_span", "customer_month")  # what other marts read of orders
FIRST = dt.date(2024, 1, 1)


class Shop:
    """Entities and marts in memory; `write` appends to the ledgers."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self.settings = SimpleNamespace(threads=1)
        for name in (*ENTITIES, "score", "score_run"):
            columns = ", ".join(f'"{c.name}" {c.type}' for c in TABLES[name].columns)
            self.connection.execute(f"CREATE TABLE {name} ({columns})")

    def fill(self, table: str, rows: pa.Table | list[dict]) -> None:
        found = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows)
        self.connection.register("found", found)
        self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM found")
        self.connection.unregister("found")

    def build(self, *names: str) -> None:
        for name in (*SUMS, *names):
            columns = ", ".join(c.name for c in TABLES[name].columns)
            self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {columns} FROM ({TABLES[name].sql})")

    def rows(self, sql: str) -> list[tuple]:
        return self.connection.execute(sql).fetchall()

    def arrow(self, sql: str, params: tuple = ()) -> pa.Table:
        return self.connection.execute(sql, params).to_arrow_table()

    @contextmanager
    def write(self, message: str, *, publish: bool):
        assert not publish
        yield SimpleNamespace(append=self.fill)


def simulated(customers: int, days: int, seed: int = 7) -> Shop:
    """Fill a shop with customers of different rates, a sixth of whom stop coming at some day."""
    rng = np.random.default_rng(seed)
    rate = np.minimum(rng.gamma(0.8, 0.16, customers) + 0.015, 0.9)
    stop = np.where(rng.random(customers) < 0.2, rng.integers(20, days + 60, customers), days + 1)
    came = rng.random((customers, days)) < rate[:, None]
    came &= np.arange(days)[None, :] < stop[:, None]
    who, day = np.nonzero(came)
    amount = np.round(rng.gamma(3.0, 8.0, len(who)) + 1, 2)
    on = [FIRST + dt.timedelta(days=int(d)) for d in day]
    orders = pa.table(
        {
            "order_id": [f"o{k}" for k in range(len(who))],
            "customer_id": [f"c{k:04d}" for k in who],
            "ordered_on": pa.array(on, pa.date32()),
            "store_id": [f"s{k % 3}" for k in day],
            "channel": [("web", "store")[int(k) % 2] for k in who + day],
            "amount": pa.array(amount),
            "discount": pa.array(np.zeros(len(who))),
            "quantity": pa.array(np.ones(len(who))),
            "line_count": pa.array(np.ones(len(who), dtype=int)),
        }
    )
    shop = Shop()
    shop.fill("orders", orders)
    shop.fill("order_line", orders.drop(["line_count"]).append_column("product_id", [[f"p{k % 17}" for k in day]]))
    shop.fill("product", [{"product_id": f"p{k}", "department": f"d{k % 4}"} for k in range(17)])
    shop.connection.execute("INSERT INTO customer BY NAME SELECT DISTINCT customer_id FROM orders")
    shop.build("feature_date", "customer_day", "customer_feature")
    return shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture(scope="module")
def empty_shop() -> Shop:
    return Shop()


@pytest.fixture(scope="session")
def company() -> Shop:
    return simulated(500, 330)


@pytest.fixture(scope="session")
def history(company):
    return load_history(company)


@pytest.fixture(scope="session")
def young_history():
    return load_history(simulated(80, 50))
