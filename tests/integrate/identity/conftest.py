"""A build of the identity tables over a few literal records, in one bare DuckDB connection."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

import kehu.tables
from kehu.base.progress import silent
from kehu.base.settings import Settings
from kehu.warehouse.table import Inputs, load_table

TABLES = Path(kehu.tables.__file__).parent
ORDER = (
    "entity/name_part.py", "entity/address_part.py", "entity/organization_part.py", "entity/customer_record.sql",
    "entity/blocked_value.py",
    "entity/decided_pair.sql", "entity/match_record.sql", "entity/match_key.py", "entity/match_organization.sql",
    "ledger/match_parameter.py", "entity/record_link.py",
    "entity/record_cluster.py", "entity/reference_link.py", "entity/customer_xref.py", "ledger/merge_event.py",
    "entity/customer_value.sql",
    "entity/household_key.sql", "entity/household_member.py", "entity/customer.sql", "entity/household.sql",
)  # fmt: skip


load = cache(load_table)


class Company:
    """Staged rows in, identity tables out."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(folder)
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute(f"CREATE TABLE survivorship_rule AS {self.settings.survivorship.sql()}")
        for path in (*sorted((TABLES / "staging").glob("stg_*.sql")), TABLES / "ledger" / "identity_decision.sql"):
            table = load(path)
            columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
            self.connection.execute(f"CREATE TABLE {table.name} ({columns})")

    def add(self, table: str, **row: Any) -> None:
        names, values = ", ".join(row), list(row.values())
        marks = ", ".join("?" for _ in values)
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)

    def record(self, key: str, full_name: str | None = None, *, source: str = "crm", **row: Any) -> None:
        self.add("stg_customer_record", source=source, source_key=key, row_id=key, full_name=full_name, **row)

    def bought(self, source: str, **reference: Any) -> None:
        self.add("stg_order_line", source=source, row_id="1", **reference)

    def build(self, *, before: str = "") -> None:
        for file in ORDER[: ORDER.index(before) if before else None]:
            self.build_table(file)

    def build_table(self, file: str) -> None:
        table = load(TABLES / file)
        if table.compute:
            rows = table.compute(Inputs(self.connection, self.settings, silent, self.has))
            self.connection.register("built", rows)
            columns = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in table.columns)
            self.connection.execute(f"CREATE OR REPLACE TABLE {table.name} AS SELECT {columns} FROM built")
            self.connection.unregister("built")
        else:
            self.connection.execute(f"CREATE OR REPLACE TABLE {table.name} AS {table.sql}")

    def has(self, table: str) -> bool:
        return bool(self.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]))

    def rows(self, sql: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, params or []).fetchall()

    def customers(self) -> dict[tuple[str, str], str]:
        return {(s, k): c for s, k, c in self.rows("SELECT source, source_key, customer_id FROM customer_xref")}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """An empty company for a fixture that lives longer than a test."""
    return Company(tmp_path_factory.mktemp("town"))


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)
