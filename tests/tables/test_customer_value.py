"""The golden record against a second method: the rules applied one by one in Python, over random records and rules."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import kehu.tables
from kehu.base.survivorship import RULES, Survivorship, survivorship
from kehu.warehouse.table import Table, load_table

FOLDER = Path(kehu.tables.__file__).parent / "entity"
VALUE, RECORD, BLOCKED, XREF = (
    load_table(path)
    for path in (
        FOLDER / "customer_value.sql",
        FOLDER / "customer_record.sql",
        FOLDER / "blocked_value.py",
        FOLDER / "customer_xref.py",
    )
)
SOURCES = ("crm", "erp", "shop", "till")
PLACEHOLDER = "test@test.com"
SAID = {
    "email": (None, "ann@a.com", "ANN@a.com", "lee@b.com", PLACEHOLDER),
    "full_name": (None, "Ann Lee", "ann lee", "Ann", "Annabelle Lee"),
    "city": (None, "Seattle", "Tacoma", "SEATTLE"),
}


def records(rng: random.Random) -> list[dict[str, Any]]:
    """Return records of six customers; one in five is a reference, which has an e-mail alone."""
    found = []
    for number in range(40):
        said = {field: rng.choice(values) for field, values in SAID.items()}
        is_reference = rng.random() < 0.2
        days = [datetime(2020, 1, 1) + timedelta(days=rng.randrange(4)) if rng.random() < 0.7 else None for _ in "ab"]  # noqa: DTZ001
        name = said["full_name"] or ""
        found.append(
            {
                "customer_id": f"k{rng.randrange(6)}",
                "source": rng.choice(SOURCES),
                "source_key": str(number),
                "is_reference": is_reference,
                "given_key": name.split(" ")[0].lower() or None,
                "family_key": "lee" if " " in name else "",
                "registered_at": days[0],
                "updated_at": days[1],
                **(dict.fromkeys(said) if is_reference else {}),
                **(said if not is_reference else {"email": said["email"]}),
            }
        )
    return found


def some_rules(rng: random.Random) -> Survivorship:
    said = {}
    for field in SAID:
        names = rng.sample([rule for rule in RULES if rule != "whole"], rng.randrange(1, 4))
        if {"recency", "oldest"} <= set(names):
            names.remove("oldest")
        listed = ",".join(rng.sample(SOURCES, 2))
        said[field] = [f"source:{listed}" if rule == "source" else rule for rule in names]
    return survivorship(said, "kehu.toml")


def built(rows: list[dict[str, Any]], rules: Survivorship) -> list[tuple[Any, ...]]:
    connection = duckdb.connect(config={"threads": 4})
    for table in (RECORD, BLOCKED, XREF):
        make(connection, table)
    connection.execute(f"CREATE TABLE survivorship_rule AS {rules.sql()}")
    connection.execute(
        "INSERT INTO blocked_value (field, value, reason) VALUES ('email', ?, 'placeholder')", [PLACEHOLDER]
    )
    for row in rows:
        held = {name: value for name, value in row.items() if name != "customer_id"}
        marks = ", ".join("?" for _ in held)
        connection.execute(f"INSERT INTO customer_record ({', '.join(held)}) VALUES ({marks})", list(held.values()))
        place = [row[name] for name in ("source", "source_key", "customer_id")]
        connection.execute("INSERT INTO customer_xref (source, source_key, customer_id) VALUES (?, ?, ?)", place)
    wanted = ", ".join(f"'{field}'" for field in SAID)
    sql = f"SELECT customer_id, field, value, source_key FROM ({VALUE.sql}) WHERE field IN ({wanted}) ORDER BY ALL"
    return connection.sql(sql).fetchall()


def make(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
    connection.execute(f"CREATE TABLE {table.name} ({columns})")


def chosen(rows: list[dict[str, Any]], rules: Survivorship) -> list[tuple[Any, ...]]:
    """Return what the rules choose, one customer and field after the other."""
    found = []
    for choice in rules.choices:
        for customer in sorted({row["customer_id"] for row in rows}):
            held = [row for row in rows if row["customer_id"] == customer and row.get(choice.field) is not None]
            if choice.field in SAID and held:
                found.append(best(held, choice.field, choice.rules, choice.sources))
    return sorted(found)


def best(
    held: list[dict[str, Any]], field: str, rules: tuple[str, ...], sources: tuple[str, ...]
) -> tuple[str, str, str, str]:
    texts = [row[field].lower() for row in held]
    if len({row[field] for row in held}) == 1:  # no value to choose: the newest record is named, described ones first
        rules, sources = ("recency",), ()

    def weight(row: dict[str, Any]) -> list[Any]:
        changed = row["updated_at"] or row["registered_at"]
        weights = {
            "source": -sources.index(row["source"]) if row["source"] in sources else -99,
            "whole": field == "full_name" and bool(row["given_key"] and row["family_key"]),
            "frequency": texts.count(row[field].lower()),
            "recency": changed.timestamp() if changed else -1.0,
            "completeness": len(row[field]),
            "oldest": -row["registered_at"].timestamp() if row["registered_at"] else -1e12,
        }
        first = weights["source"] if rules[0] == "source" else 0
        return [row[field] != PLACEHOLDER, first, not row["is_reference"], *(weights[rule] for rule in rules)]

    held = sorted(held, key=lambda row: (row["source"], row["source_key"]))
    winner = max(held, key=weight)  # the first of equals
    return winner["customer_id"], field, winner[field], winner["source_key"]


@pytest.mark.parametrize("seed", range(12))
def test_the_sql_chooses_what_the_rules_say_whatever_the_order_of_rows(seed: int) -> None:
    rng = random.Random(seed)
    rows, rules = records(rng), some_rules(rng)

    found = built(rows, rules)
    again = built(rng.sample(rows, len(rows)), rules)

    assert found == again == chosen(rows, rules)
