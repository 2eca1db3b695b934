"""Values that tell nobody apart: far too many records hold them, whatever their names."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import kehu.tables
from kehu.warehouse.table import load_table

FOLDER = Path(kehu.tables.__file__).parent / "entity"


@pytest.mark.parametrize(
    ("records", "reasons"), [(200, []), (201, [("phone", "shared")]), (10_000, [("phone", "shared")])]
)
def test_a_value_on_hundreds_of_records_is_shared_even_where_no_record_has_a_name(
    records: int, reasons: list[tuple[str, str]]
) -> None:
    connection = duckdb.connect()
    columns = ", ".join(
        f'"{column.name}" {column.type}' for column in load_table(FOLDER / "customer_record.sql").columns
    )
    connection.execute(f"CREATE TABLE customer_record ({columns})")
    connection.execute(
        "INSERT INTO customer_record BY NAME SELECT 'crm' AS source, n::VARCHAR AS source_key, '+12065550143' AS phone"
        f" FROM range({records}) AS r(n)"
    )

    found = connection.sql(f"SELECT field, reason FROM ({load_table(FOLDER / 'blocked_value.sql').sql})").fetchall()

    assert found == reasons
