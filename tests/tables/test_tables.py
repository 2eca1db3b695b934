"""Every YAML file beside this one: rows in, rows out, for the table file of the same name, in a plain DuckDB.

A file is a list of cases::

    - case: a line takes its day in the workspace's time zone
      given:
        workspace_setting: [{time_zone: America/New_York, currency: USD}]
        stg_order_line: [{source: pos, order_key: "1", ...}]
      expect:
        - {order_id: "pos:1", ordered_on: 2017-01-01}

``given`` names tables; columns left out are NULL, with the types of the table's own header where Kehu knows it
(all others are text). Tables that the SQL reads and ``given`` leaves out are empty. ``expect`` shows the columns it
cares about, in any order of rows. A table left out that is computed from given ones is computed.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

import kehu.tables
from kehu.base.survivorship import Survivorship
from kehu.warehouse.table import load_tables

TABLES = load_tables(Path(kehu.tables.__file__).parent)
FILES = sorted(Path(__file__).parent.glob("*.yaml"))
CASES = [
    pytest.param(file.stem, case, id=f"{file.stem}: {case['case']}")
    for file in FILES
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]
SETTING = {"time_zone": "UTC", "currency": "USD", "name": "Acme"}
FAULT = 'STRUCT("rule" VARCHAR, "column" VARCHAR, "value" VARCHAR, reason VARCHAR)[]'
# How DuckDB compares rows that it cannot bring together by a hash; here one side is small whatever the company: days
# with their hours from UTC, and cut-offs.
EVERY_WITH_EVERY = "BLOCKWISE_NL_JOIN"
SMALL_SIDE = {"utc_day", "feature_date"}
EXTRA = {
    "workspace_setting": dict.fromkeys(SETTING, "VARCHAR"),
    "stg_raw_tally": {"source": "VARCHAR", "stream": "VARCHAR", "batch_id": "VARCHAR", "rows": "BIGINT"},
    "mapped_reject": {
        "source": "VARCHAR", "stream": "VARCHAR", "entity": "VARCHAR", "row_id": "VARCHAR", "file": "VARCHAR",
        "line": "BIGINT", "batch_id": "VARCHAR", "faults": FAULT, "row_text": "VARCHAR",
    },
}  # fmt: skip


def columns_of(name: str) -> dict[str, str]:
    if name in EXTRA:
        return EXTRA[name]
    if name in TABLES:
        return {column.name: column.type for column in TABLES[name].columns}
    if name.startswith("mapped_"):
        entity = next(table for table in TABLES.values() if table.entity == name.removeprefix("mapped_"))
        fields = {c.name: c.type for c in entity.columns if c.name not in ("source", "row_id")}
        place = dict.fromkeys(("_source", "_stream", "_row_id", "_file", "_batch_id"), "VARCHAR")
        return {**place, "_line": "BIGINT", **fields, "_faults": FAULT}
    return {}


def load(connection: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, object]]) -> None:
    known = columns_of(name)
    guessed = {column: "VARCHAR" for row in rows for column in row if column not in known} or {}
    types = {**known, **guessed} or {"nothing": "VARCHAR"}
    declared = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
    connection.execute(f'CREATE TABLE "{name}" ({declared})')
    for row in rows:
        names = ", ".join(f'"{column}"' for column in row)
        marks = ", ".join("?" for _ in row)
        connection.execute(f'INSERT INTO "{name}" ({names}) VALUES ({marks})', list(row.values()))


def load_all(connection: duckdb.DuckDBPyConnection, names: set[str], given: dict[str, list[dict[str, object]]]) -> None:
    """Make tables from what is given, or by their own SQL where something it reads is given; else empty."""
    for name in sorted(names):
        if name in made(connection):  # one before it read it
            continue
        sql = TABLES[name].sql if name in TABLES else None
        if name in given or sql is None or not is_given(name, given):
            load(connection, name, given.get(name) or [])
        else:
            load_all(connection, set(TABLES[name].depends), given)
            connection.execute(f'CREATE TABLE "{name}" AS {sql}')


def is_given(name: str, given: dict[str, list[dict[str, object]]]) -> bool:
    depends = TABLES[name].depends if name in TABLES else ()
    return any((other in given and other != "workspace_setting") or is_given(other, given) for other in depends)


def made(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


@pytest.mark.parametrize(("name", "case"), CASES)
def test_table_turns_rows_in_into_rows_out(name, case):
    table = TABLES[name]
    connection = duckdb.connect(config={"threads": 1})
    given = {"workspace_setting": [SETTING], **(case.get("given") or {})}
    if "survivorship_rule" not in given:
        connection.execute(f"CREATE TABLE survivorship_rule AS {Survivorship().sql()}")
    load_all(connection, {*table.depends, "workspace_setting"}, given)

    casts = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in table.columns)
    relation = connection.execute(f"SELECT {casts} FROM ({table.sql})")

    names = [described[0] for described in relation.description]
    found = [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
    expected = case["expect"]
    shown = list(dict.fromkeys(column for row in expected for column in row))
    as_text = lambda row: {column: str(row.get(column)) for column in shown}  # noqa: E731  # one comparison only
    order = lambda row: sorted(row.items())  # noqa: E731
    assert sorted(map(as_text, found), key=order) == sorted(map(as_text, expected), key=order)


@pytest.mark.parametrize("column", ["full_name", "company", "first_name", "email"])
def test_no_table_compares_every_row_with_every_other(column):
    values = [{"organization_text": value, "full_name": value, "address_text": value, column: value} for value in "ab"]
    parts = ("stg_customer_record", "organization_part", "name_part", "address_part")
    given = {name: [{k: v for k, v in row.items() if k in columns_of(name)} for row in values] for name in parts}
    selects = {name: table for name, table in TABLES.items() if table.sql}
    with duckdb.connect() as connection:  # the planner knows which columns have no value, and plans by that
        connection.execute(f"CREATE TABLE survivorship_rule AS {Survivorship().sql()}")
        load_all(connection, {other for table in selects.values() for other in table.depends}, given)
        plans = {
            name: connection.execute(f"EXPLAIN (FORMAT json) {table.sql}").fetchall() for name, table in selects.items()
        }

    assert {name for name, plan in plans.items() if EVERY_WITH_EVERY in plan[0][1]} == SMALL_SIDE
