"""The truth: which records are one person, which lines are defective. Only the report reads it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from kehu.demo.defect import defects
from kehu.demo.record import islands
from kehu.demo.sale import ORDER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from kehu.demo.crm import Contact
    from kehu.demo.people import Person
    from kehu.demo.record import Known


def write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    people: Sequence[Person],
    records: Sequence[Known],
    contacts: Sequence[Contact],
) -> None:
    """Write person, household, defects and dirt as Parquet.

    ``person`` holds one row per record of any source: source, source_key (e-mail in lower case, phone as E.164),
    person_id, and island: records of one person that correctly written keys chain together have the same number;
    a number above 0 says that only a likeness of names or addresses can join the record, if anything can.
    """
    pq.write_table(pa.Table.from_pylist(_persons(records)), folder / "person.parquet")
    homes = [
        {"person_id": p.person_id, "household_id": f"H{p.household_id:05d}", "is_card_holder": bool(p.card)}
        for p in people
    ]
    pq.write_table(pa.Table.from_pylist(homes), folder / "household.parquet")
    dirt = [
        {"source": "crm", "source_key": c.cells["contact_id"], "kind": kind, "field": name}
        for c in contacts
        for kind, name in [*c.faults, *([("duplicate", "contact_id")] if c.is_duplicate else [])]
    ]
    pq.write_table(pa.Table.from_pylist(dirt), folder / "dirt.parquet")
    pq.write_table(defects(connection, ORDER), folder / "defects.parquet")


def _persons(records: Sequence[Known]) -> list[dict[str, object]]:
    of: dict[str, list[Known]] = defaultdict(list)
    for record in records:
        of[record.person.person_id].append(record)
    rows: list[dict[str, object]] = [
        {"source": r.source, "source_key": r.source_key, "person_id": person_id, "island": number}
        for person_id, known in of.items()
        for number, group in enumerate(islands(known))
        for r in group
    ]
    return sorted(rows, key=lambda row: (str(row["source"]), str(row["source_key"])))
