"""Sources as mappings, and what becomes of their raw rows."""

import duckdb
from tests.integrate.looks import TABLES

from kehu.integrate.mapping import Mapping
from kehu.integrate.staging import mapped_tables
from kehu.warehouse.catalog import Catalog


def company(streams, *, name="shop"):
    described = {"name": name, "streams": {s: {"entities": entities} for s, entities in streams.items()}}
    return Mapping.parse(described, TABLES, where=f"{name}.yml")


def staged(mappings, rows, names):
    """Land rows as text, build the generated tables and the named staging tables, and return the connection."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE TABLE import_batch (batch_id VARCHAR, replaced_by VARCHAR, reverted_at TIMESTAMP)")
    batches = "('b', NULL, NULL), ('old', 'b', NULL), ('back', NULL, TIMESTAMP '2018-02-01')"
    connection.execute(f"INSERT INTO import_batch VALUES {batches}")
    raw = {}
    for table, lines in rows.items():
        columns = list(dict.fromkeys(c for line in lines for c in line if not c.startswith("_")))
        raw[table] = tuple((c, "VARCHAR") for c in columns)
        declared = ", ".join(f'"{c}" VARCHAR' for c in columns)
        place = "_file VARCHAR, _line BIGINT, _batch_id VARCHAR, _landed_at TIMESTAMP"
        connection.execute(f'CREATE TABLE "{table}" ({declared}, {place})')
        for number, line in enumerate(lines, 2):
            values = [line.get(c) for c in columns]
            batch = line.get("_batch_id", "b")
            values += ["a.csv", number, batch, "2018-01-01"]
            connection.execute(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(values))})', values)
    connection.execute(
        "CREATE TABLE raw_reject (source VARCHAR, stream VARCHAR, batch_id VARCHAR, file VARCHAR, line BIGINT,"
        " rule VARCHAR, reason VARCHAR, text VARCHAR)"
    )
    catalog = Catalog({**TABLES, **{table.name: table for table in mapped_tables(mappings, TABLES, raw)}})
    for name in catalog.order([*names, "quarantine"]):
        table = catalog.tables[name]
        connection.execute(f'CREATE {"VIEW" if table.kind == "view" else "TABLE"} "{name}" AS {table.sql}')
    return connection
