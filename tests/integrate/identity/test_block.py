"""Who meets whom, and what happens when a key comes to be shared by too many, or stops being."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc
import pytest

from kehu.integrate.identity import block

CHANGED = (
    "CREATE OR REPLACE TABLE changed_match_record AS SELECT {is_old} AS _is_old, * FROM match_record WHERE {which}"
)
KEYS = "SELECT source_key FROM match_record"
MARKED = f"""CREATE TEMP TABLE marked AS SELECT {block.named("'crm'", "'1'")} AS record"""


@pytest.fixture
def town(company: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Four people with one phone and nothing else in common; three may share a key."""
    monkeypatch.setattr(block, "BLOCK_CAP", 3)
    for key, name in (("1", "Ann Archer"), ("2", "Bob Baker"), ("3", "Cleo Clark"), ("4", "Dan Drew")):
        company.record(key, name, phone="+12125550101")
    company.record("5", "Eve Evans", phone="+12125550105")
    company.build(before="ledger/match_parameter.py")
    company.connection.execute("CREATE TEMP TABLE known (a BIGINT, b BIGINT)")
    return company


def crossed(town: Any, *, is_old: bool, which: str) -> list[str]:
    town.connection.execute(CHANGED.format(is_old=is_old, which=which))
    records = block.relieved(town.connection)
    return [key for (key,) in town.rows(f"{KEYS} WHERE {block.RECORD} IN ({records}) ORDER BY ALL")]


def test_a_key_that_comes_to_be_shared_by_too_many_touches_nobody_else(town: Any) -> None:
    assert crossed(town, is_old=False, which="source_key = '4'") == []


def test_all_under_a_key_that_stopped_being_shared_by_too_many_are_looked_at_again(town: Any) -> None:
    town.connection.execute("CREATE TABLE gone AS SELECT * FROM match_record WHERE source_key = '4'")
    town.connection.execute("DELETE FROM match_record WHERE source_key = '4'")
    town.connection.execute(f"CREATE OR REPLACE TABLE match_key AS {block.KEYS}")
    town.connection.execute("CREATE TABLE changed_match_record AS SELECT TRUE AS _is_old, * FROM gone")

    found = town.rows(f"{KEYS} WHERE {block.RECORD} IN ({block.relieved(town.connection)}) ORDER BY ALL")

    assert found == [("1",), ("2",), ("3",)]


def test_a_key_beyond_the_cap_brings_nobody_together(town: Any) -> None:
    town.connection.execute(MARKED)

    block.meet(town.connection, "marked")

    assert block.near(town.connection, "marked")["source_key"].to_pylist() == ["1"]
    assert set(block.records(town.connection).filter(pc.field("source_key") != "5")["block_phone"].to_pylist()) == {
        None
    }


def test_who_was_compared_before_is_met_while_they_share_a_key(town: Any) -> None:
    ends = {key: block.named("'crm'", f"'{key}'") for key in "135"}
    former = f"SELECT {ends['3']} AS a, {ends['1']} AS b UNION ALL SELECT {ends['1']}, {ends['5']}"
    town.connection.execute(MARKED)

    block.remember(town.connection, former)
    block.meet(town.connection, "marked")

    assert block.near(town.connection, "marked")["source_key"].to_pylist() == ["1", "3"]


def test_who_shares_a_key_within_the_cap_is_met_and_marked_apart(town: Any) -> None:
    town.connection.execute("DELETE FROM match_record WHERE source_key = '4'")
    town.connection.execute(f"CREATE OR REPLACE TABLE match_key AS {block.KEYS}")
    town.connection.execute(MARKED)

    block.meet(town.connection, "marked")
    near = block.near(town.connection, "marked")

    assert near.select(["source_key", "is_marked"]).to_pylist() == [
        {"source_key": "1", "is_marked": True},
        {"source_key": "2", "is_marked": False},
        {"source_key": "3", "is_marked": False},
    ]
