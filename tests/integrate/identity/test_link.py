"""Comparing what changed gives the pairs that comparing everything gives; test_block has who stands under a key."""

from __future__ import annotations

import random
from typing import Any

import pytest

from kehu.integrate.identity import block, link
from kehu.integrate.identity.link import links
from kehu.integrate.identity.parameter import newest
from kehu.integrate.identity.touched_link import touched_links

PARAMETER = "ledger/match_parameter.py"
NAMES = ("Ann Archer", "Anna Archer", "Bob Baker", "Robert Baker", "Cleo Clark", "王芳", "Wang Fang", "Dan Drew")
PHONES = ("+12125550101", "+12125550102", "+12125550103", None)
CHANGED = """
CREATE OR REPLACE TABLE changed_match_record AS
SELECT TRUE AS _is_old, * FROM (FROM former_record EXCEPT FROM match_record)
UNION ALL SELECT FALSE, * FROM (FROM match_record EXCEPT FROM former_record)
"""
TOUCHED = """
CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT source AS _k1, source_key AS _k2, FALSE AS _is_fresh FROM changed_match_record
"""
HELD = """
(SELECT 0 AS _rowid, * FROM record_link SEMI JOIN temp.touched ON _k1 = left_source AND _k2 = left_key)
"""
RENEWED = """
SELECT * FROM record_link ANTI JOIN temp.touched ON _k1 = left_source AND _k2 = left_key
UNION ALL BY NAME SELECT * FROM part
"""


def add(company: Any, key: str, dice: random.Random) -> None:
    name = dice.choice(NAMES)
    email = dice.choice((f"{name.split()[0].lower()}@x.com", None))
    company.record(key, name, email=email, phone=dice.choice(PHONES), birth_on=dice.choice(("1980-02-03", None)))


def change(company: Any, dice: random.Random, number: int) -> None:
    keys = [key for (key,) in company.rows("SELECT source_key FROM stg_customer_record ORDER BY ALL")]
    for key in dice.sample(keys, 2):
        company.connection.execute("DELETE FROM stg_customer_record WHERE source_key = ?", [key])
        if dice.random() < 0.7:
            add(company, key, dice)
    for one in range(dice.randint(0, 2)):
        add(company, f"n{number}-{one}", dice)


@pytest.mark.parametrize(
    ("seed", "group_cap", "is_small"),
    [(0, 60, False), (1, 3, False), (2, 60, False), (3, 3, False), (0, 60, True)],
)
def test_touched_links_are_the_links_of_everything(
    company: Any, monkeypatch: pytest.MonkeyPatch, seed: int, group_cap: int, is_small: bool
) -> None:
    monkeypatch.setattr(block, "BLOCK_CAP", 5)  # so that keys come to be shared by too many, and back
    monkeypatch.setattr(link, "GROUP_CAP", group_cap)
    dice, connection = random.Random(seed), company.connection
    for number in range(24):
        add(company, f"r{number}", dice)
    company.build(before=PARAMETER)
    company.build_table(PARAMETER)
    parameters = {**newest(connection, "person"), "every_pair": is_small}
    connection.register("made", links(connection, company.settings, parameters))
    connection.execute("CREATE TABLE record_link AS FROM made")

    for number in range(4):
        connection.execute("CREATE OR REPLACE TABLE former_record AS FROM match_record")
        change(company, dice, number)
        company.build(before=PARAMETER)
        connection.execute(CHANGED)
        connection.execute(TOUCHED)
        whole = links(connection, company.settings, parameters, has_former=True)
        connection.register("part", touched_links(connection, company.settings, parameters, lambda: HELD))
        connection.execute(f"CREATE OR REPLACE TABLE renewed AS {RENEWED}")
        connection.execute("CREATE OR REPLACE TABLE record_link AS FROM renewed")
        connection.register("whole", whole)

        assert company.rows("FROM record_link ORDER BY ALL") == company.rows("FROM whole ORDER BY ALL"), number
        assert whole.num_rows


def test_a_newcomer_who_joins_two_groups_has_all_of_their_pairs_compared(company: Any) -> None:
    connection = company.connection
    for key in ("a1", "a2"):
        company.record(key, "Ann Archer", email="ann@x.com")
    for key in ("b1", "b2"):
        company.record(key, "Ann", loyalty_card="778899")
    company.build(before=PARAMETER)
    company.build_table(PARAMETER)
    parameters = {**newest(connection, "person"), "every_pair": False}
    connection.register("made", links(connection, company.settings, parameters))
    connection.execute("CREATE TABLE record_link AS FROM made")
    connection.execute("CREATE TABLE former_record AS FROM match_record")
    assert len(company.rows("FROM record_link")) == 2

    company.record("n", "Ann Archer", email="ann@x.com", loyalty_card="778899")
    company.build(before=PARAMETER)
    connection.execute(CHANGED)
    connection.execute(TOUCHED)
    connection.register("part", touched_links(connection, company.settings, parameters, lambda: HELD))
    connection.register("whole", links(connection, company.settings, parameters, has_former=True))

    assert company.rows(f"{RENEWED} ORDER BY ALL") == company.rows("FROM whole ORDER BY ALL")
    assert len(company.rows("FROM whole")) == 10


def test_a_crowd_under_the_key_of_a_pair_does_not_part_it(company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "BLOCK_CAP", 3)
    connection = company.connection
    for key in ("1", "2"):
        company.record(key, "Ann Archer", loyalty_card="778899", birth_on="1980-02-03")
    company.record("3", "Bob Baker", birth_on="1971-05-06")
    company.build(before=PARAMETER)
    company.build_table(PARAMETER)
    by_keys = """json_merge_patch(parameters, '{"every_pair": false}')"""
    connection.execute(f"UPDATE match_parameter SET parameters = {by_keys}")
    company.build_table("entity/record_link.py")
    before = company.rows("FROM record_link")

    for name in ("Andy Abbott", "Anders Adams", "Angus Allen", "Antje Ames", "Anke Ash"):
        company.record(name, name, loyalty_card="778899", birth_on="1980-02-03")
        company.record(f"n {name}", "Ann Archer", birth_on="1980-11-12")
    company.build(before=PARAMETER)
    connection.register("alone", links(connection, company.settings, newest(connection, "person")))
    company.build_table("entity/record_link.py")

    of_pair = "FROM {} WHERE left_key = '1' AND right_key = '2'"
    assert len(before) == 1
    assert company.rows(of_pair.format("record_link")) == before
    assert company.rows(of_pair.format("alone")) == []


def test_a_pair_weighs_the_same_whoever_else_is_there(company: Any) -> None:
    for key, name in (("1", "Ann Archer"), ("2", "Ann Archer"), ("3", "Bob Baker")):
        company.record(key, name, phone="+12125550101" if key < "3" else None)
    company.build(before=PARAMETER)
    company.build_table(PARAMETER)
    parameters = newest(company.connection, "person")
    before = links(company.connection, company.settings, parameters).to_pylist()[0]

    for number in range(20):
        company.record(f"n{number}", "Ann Archer", city=f"Town {number}")
    company.build(before=PARAMETER)
    after = links(company.connection, company.settings, parameters).to_pylist()

    assert (before["left_key"], before["right_key"]) == ("1", "2")
    assert [one["weight"] for one in after if (one["left_key"], one["right_key"]) == ("1", "2")] == [before["weight"]]
