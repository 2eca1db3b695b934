"""What ``[survivorship]`` may say."""

from __future__ import annotations

from pathlib import Path

import pytest

import kehu.tables
from kehu.base.errors import SettingsError
from kehu.base.settings import load
from kehu.base.survivorship import EVERY, FIELDS, MOST, Survivorship
from kehu.warehouse.table import load_table


def rules(folder: Path, text: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    (folder / "kehu.toml").write_text(f"[survivorship]\n{text}", encoding="utf-8")
    return {choice.field: (choice.rules, choice.sources) for choice in load(folder).survivorship.choices}


def test_a_field_s_own_list_comes_first_and_the_usual_rules_decide_what_it_leaves_open(tmp_path: Path) -> None:
    found = rules(tmp_path, 'email = ["source: crm, shop", "recency"]')

    assert found["email"] == (("source", "recency", "frequency", "completeness"), ("crm", "shop"))
    assert found["phone"] == (EVERY, ())


def test_a_default_holds_for_fields_without_rules_of_their_own(tmp_path: Path) -> None:
    found = rules(tmp_path, 'default = ["source:erp", "recency"]\nphone = ["frequency"]')

    assert found["email"] == (("source", "recency", "frequency", "completeness"), ("erp",))
    assert found["phone"] == (("frequency", "recency", "completeness"), ())
    assert [found[field][0][0] for field in ("full_name", "city", "registered_at")] == ["whole", "recency", "oldest"]


def test_the_oldest_and_the_newest_never_stand_in_one_list(tmp_path: Path) -> None:
    found = rules(tmp_path, 'city = ["oldest"]\nregistered_at = ["recency"]')

    assert found["city"][0] == ("oldest", "frequency", "completeness")
    assert found["registered_at"][0] == ("recency", "frequency")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('emial = ["recency"]', "Did you mean 'email'?"),
        ('email = "recency"', "email is no list of rules"),
        ("email = []", "email is no list of rules"),
        ('email = ["newest"]', "'newest' is no rule"),
        ('email = ["recencey"]', "Did you mean 'recency'?"),
        ('email = ["source"]', "Write source:crm,shop"),
        ('email = ["recency:crm"]', "Write source:crm,shop"),
        ('email = ["source:crm,crm"]', "each source once"),
        ('email = ["source:cr\'m"]', "names no sources"),
        ('email = ["recency", "recency"]', "contradict or repeat"),
        ('email = ["recency", "oldest"]', "contradict or repeat"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_place_and_fix(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as raised:
        rules(tmp_path, text)

    assert says in str(raised.value)
    assert str(tmp_path / "kehu.toml") in raised.value.where


def test_survivorship_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kehu.toml").write_text('survivorship = "newest"')

    with pytest.raises(SettingsError, match="survivorship is no table"):
        load(tmp_path)


def test_the_fields_are_those_of_the_golden_record() -> None:
    table = load_table(Path(kehu.tables.__file__).parent / "entity" / "customer_value.sql")
    named = str(table.sql).partition("UNPIVOT known ON ")[2].partition(" INTO ")[0]

    assert {field.strip() for field in named.split(",")} == set(FIELDS)
    assert max(len(choice.rules) for choice in Survivorship().choices) < MOST
