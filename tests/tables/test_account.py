"""Accounts in a first build, where the lake says of every table it has just written that it holds nothing."""

from __future__ import annotations

from pathlib import Path

import kehu.tables
from kehu.warehouse.lake import Lake
from kehu.warehouse.table import load_tables

TABLES = load_tables(Path(kehu.tables.__file__).parent / "entity")
NUMBERS = "FROM range(900) AS t(i)"
INPUTS = {
    "account_name": "SELECT 'a' || i AS account_id, 'c' || i AS customer_id, 'n' || i % 90 AS name_key, "
    f"'d.com' AS domain, '' AS postcode, '' AS city, NULL::VARCHAR AS parent_key, 1 AS record_count {NUMBERS}",
    "customer": f"SELECT 'c' || i AS customer_id, 'N' || i AS full_name, NULL::VARCHAR AS company {NUMBERS}",
    "account_member": "SELECT 'a1' AS account_id, 'p1' AS customer_id, 'N1' AS company",
}


def test_no_pair_of_all_organizations_is_looked_at(tmp_path):
    with Lake(tmp_path / "main").writer("first", publish=True) as writer:
        for table, sql in INPUTS.items():
            writer.replace(table, sql)
        ((_, plan),) = writer.connection.execute(f"EXPLAIN {TABLES['account'].sql}").fetchall()
        found = writer.connection.execute(f"SELECT count(*) FROM ({TABLES['account'].sql}) AS a").fetchone()

    assert "HASH_JOIN" in plan
    assert not [operator for operator in ("NESTED_L", "CROSS", "IE_JOIN", "PIECEWISE") if operator in plan]
    assert found == (900,)
