"""A merge before it is made: the values by the rule of the table itself, and what moves."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import kehu.tables
from kehu.base.errors import QueryError
from kehu.base.settings import Settings
from kehu.base.survivorship import survivorship
from kehu.present.identity import merge_preview
from kehu.warehouse.catalog import Catalog
from kehu.warehouse.table import load_tables

TABLES = load_tables(Path(kehu.tables.__file__).parent)
RECORDS = [
    {"source": "crm", "source_key": "1", "full_name": "Ann Lee", "email": "ann@a.com", "updated_at": "2026-01-01"},
    {"source": "shop", "source_key": "7", "full_name": "Ann Lee", "email": "new@a.com", "updated_at": "2026-03-01"},
    {"source": "erp", "source_key": "9", "full_name": "Anna Lee", "email": "NEW@a.com", "phone": "+12065550100"},
    {"source": "crm", "source_key": "5", "full_name": "Bob", "email": "bob@b.com"},
]
XREF = """
SELECT * FROM (VALUES ('crm', '1', 'ka'), ('shop', '7', 'ka'), ('erp', '9', 'kb'), ('crm', '5', 'kc'))
  t(source, source_key, customer_id)"""
ORDERS = """
SELECT * FROM (VALUES ('ka', 10.50, 'EUR'), ('kb', 5.25, 'EUR'), ('kb', 4.75, 'EUR'), ('kb', 9.00, 'USD'),
  ('kc', 1.00, 'EUR'))
  t(customer_id, amount, currency)"""
INTERACTION = "SELECT 'kb' AS customer_id, 'call' AS kind"


@pytest.fixture
def workspace(open_on: Any, tmp_path: Path) -> Any:
    made = open_on(customer_xref=XREF, orders=ORDERS, interaction=INTERACTION)
    for name in ("customer_record", "blocked_value"):
        columns = ", ".join(f"{column.name} {column.type}" for column in TABLES[name].columns)
        made.connection.execute(f"CREATE TABLE {name} ({columns})")
    for record in RECORDS:
        names = ", ".join((*record, "is_reference"))
        marks = ", ".join("?" for _ in record)
        made.connection.execute(f"INSERT INTO customer_record ({names}) VALUES ({marks}, FALSE)", list(record.values()))
    made.catalog, made.settings = Catalog(TABLES), Settings(tmp_path)
    return made


def test_each_field_says_what_both_have_what_wins_and_why(workspace: Any) -> None:
    found = merge_preview(workspace, "ka", "kb")

    rows = [(one.field, one.into, one.other, one.value, one.wins, one.reason) for one in found.fields]
    assert rows == [
        ("email", "new@a.com", "NEW@a.com", "new@a.com", "both", "most records"),
        ("full_name", "Ann Lee", "Anna Lee", "Ann Lee", "into", "most records"),
        ("phone", None, "+12065550100", "+12065550100", "other", "only value"),
    ]
    assert [(row["customer_id"], row["source_key"]) for row in found.records] == [("ka", "1"), ("ka", "7"), ("kb", "9")]


def test_the_project_s_own_rules_choose(workspace: Any, tmp_path: Path) -> None:
    chosen = survivorship({"full_name": ["source:erp"]}, "kehu.toml")
    workspace.settings = Settings(tmp_path, survivorship=chosen)

    name = next(one for one in merge_preview(workspace, "ka", "kb").fields if one.field == "full_name")

    assert (name.value, name.wins, name.reason, name.source) == ("Anna Lee", "other", "preferred source", "erp")


def test_what_hangs_on_both_is_counted_money_by_currency(workspace: Any) -> None:
    found = merge_preview(workspace, "ka", "kb").moving

    rows = [
        (one.table, one.currency, one.into_rows, one.other_rows, one.into_amount, one.other_amount) for one in found
    ]
    assert rows == [
        ("interaction", "", 0, 1, None, None),
        ("orders", "EUR", 1, 2, Decimal("10.50"), Decimal("10.00")),
        ("orders", "USD", 0, 1, None, Decimal("9.00")),
    ]


@pytest.mark.parametrize(("into", "other", "says"), [("ka", "ka", "into itself"), ("ka", "kz", "no customer 'kz'")])
def test_a_merge_that_cannot_be_is_refused(workspace: Any, into: str, other: str, says: str) -> None:
    with pytest.raises(QueryError, match=says):
        merge_preview(workspace, into, other)
