from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.govern.access import Access
from kehu.govern.control import Control
from kehu.govern.workspace import Workspace, open_workspace
from kehu.warehouse.catalog import Catalog
from kehu.warehouse.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CUSTOMER = """
SELECT * FROM (VALUES
  ('c1', 'Ann Smith', 'ann@x.com', '+12025550101', DATE '1980-05-06', 'Boston', {'vip': true}, ['a', 'b']),
  ('c2', '王芳', 'wang@y.cn', '+8613800138000', DATE '1991-02-03', 'Wuhan', {'vip': false}, ['c']),
  ('c3', 'Bob Jones', NULL, NULL, NULL, 'Boston', NULL, NULL)
) AS t(customer_id, full_name, email, phone, birth_on, city, flags, tags)
"""
ORDERS = """
SELECT * FROM (VALUES
  ('o1', 'c1', 's1', TIMESTAMP '2017-01-05 10:00:00', 10.50::DECIMAL(18, 2)),
  ('o2', 'c1', 's2', TIMESTAMP '2017-02-05 11:00:00', 20.00::DECIMAL(18, 2)),
  ('o3', 'c2', 's1', TIMESTAMP '2017-02-06 12:00:00', 5.25::DECIMAL(18, 2)),
  ('o4', 'c3', 's2', TIMESTAMP '2017-03-01 13:00:00', 0.00::DECIMAL(18, 2))
) AS t(order_id, customer_id, store_id, ordered_at, amount)
"""
RAW = "SELECT 'ann@x.com' AS mail, 'Boston' AS town"
PERSONAL = {"full_name", "email", "phone", "birth_on"}


def described(name: str, sql: str, columns: dict[str, str]) -> Table:
    parts = tuple(Column(column, kind, pii=column in PERSONAL) for column, kind in columns.items())
    return Table(name, "entity", "full", "", "", (), "", parts, sql=sql)


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    store = Control(tmp_path / "data" / "control.sqlite")
    yield store
    store.close()


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    customer = {
        "customer_id": "VARCHAR",
        "full_name": "VARCHAR",
        "email": "VARCHAR",
        "phone": "VARCHAR",
        "birth_on": "DATE",
        "city": "VARCHAR",
        "flags": "STRUCT(vip BOOLEAN)",
        "tags": "VARCHAR[]",
    }
    orders = {
        "order_id": "VARCHAR",
        "customer_id": "VARCHAR",
        "store_id": "VARCHAR",
        "ordered_at": "TIMESTAMP",
        "amount": "DECIMAL(18,2)",
    }
    tables = [described("customer", CUSTOMER, customer), described("orders", ORDERS, orders)]
    return Catalog({table.name: table for table in tables}, {"raw_shop": (("mail", "VARCHAR"), ("town", "VARCHAR"))})


@pytest.fixture(scope="session")
def owner(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Workspace:
    """The workspace of a small company: three customers, four orders, one raw table."""
    folder = tmp_path_factory.mktemp("acme")
    (folder / "kehu.toml").write_text('name = "Acme"\n')
    workspace = open_workspace(folder, catalog=catalog)
    with workspace.write("first build", publish=True) as writer:
        writer.replace("customer", CUSTOMER)
        writer.replace("orders", ORDERS)
        writer.replace("raw_shop", RAW)
    return workspace


@pytest.fixture(scope="session")
def viewer(owner: Workspace) -> Workspace:
    return owner.acting(Access("vera", frozenset({"viewer"})))
