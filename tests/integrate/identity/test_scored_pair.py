"""Weights are those of Splink's own SQL, which evaluates every condition as it is written."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from splink import DuckDBAPI, Linker

from kehu.base.settings import Settings
from kehu.integrate.identity.block import BLOCKS, met_pairs, records
from kehu.integrate.identity.compare import COMPARISONS, HOUSEHOLD, ONCE
from kehu.integrate.identity.scored_pair import FREQUENCIES, asked_once, opened, scored_pairs
from kehu.integrate.identity.splink_match import AskedOnce, given_parameters, rules_of, splink_settings
from kehu.integrate.identity.train import _learned

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("ann", "anna", "nan", "an", "al", "jonathan", "jonathon", "jonathansen", "wang", "王", None)
EMAILS = (
    "ann.archer@x.com", "ann.archre@x.com", "anna.archer@x.com", "ann.archerrrr@x.com", "nan.archer@x.com",
    "xx.archer@x.com", "ann.baker12@x.com", "a@x.com", "ab@x.com", None,
)  # fmt: skip
STREETS = (("1", "high street"), ("1", "high stret"), ("2", "high street"), ("1", "长安街"), ("1", None), (None, None))
GIVEN = ("Ann", "Anna", "Bob", "Robert", "Cleo", "Clio", "Archer", "芳", "Fang", None)
FAMILY = ("Archer", "Arhcer", "Baker", "Cleo", "王", "Wang", None)


def _pairs_of(rows: list[dict[str, str | None]]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {f"{name}_{side}": row[name] for row, side in ((left, "l"), (right, "r")) for name in row}
            for left in rows
            for right in rows
        ]
    )


PAIRS = {
    "swapped": _pairs_of([{"given_sound": given, "family_sound": family} for given in NAMES for family in NAMES]),
    "same_street": _pairs_of([{"house_number": number, "street": street} for number, street in STREETS]),
    "close_family": _pairs_of(
        [{"family_sound": family, "given_sound": given} for family in NAMES for given in ("ann", "annwang", None)]
    ),
    "near_email": _pairs_of([{"email": email} for email in EMAILS]),
}


@pytest.mark.parametrize("condition", ONCE, ids=PAIRS)
def test_condition_asked_once_says_what_it_says_in_a_level(condition: str, tmp_path: Path) -> None:
    pairs = next(pairs for start, pairs in PAIRS.items() if condition.startswith(start))

    with opened(Settings(tmp_path)) as connection:
        connection.register("pair", pairs)
        sql = f"SELECT CASE WHEN {condition} THEN 1 ELSE 0 END, CASE WHEN {ONCE[condition]} THEN 1 ELSE 0 END FROM pair"
        said = connection.execute(sql).fetchall()

    assert all(one == other for one, other in said)
    assert 0 < sum(one for one, _ in said) < len(said)


def test_only_what_compares_pairs_is_rewritten() -> None:
    condition = next(iter(ONCE))

    assert asked_once("select 1 from blocked_with_cols") == "select 1 from blocked_with_cols"
    assert asked_once(f"select {condition} from person") == f"select {condition} from person"
    assert asked_once(f"select {condition} from blocked_with_cols as b").count(condition) == 1
    assert "asked_0" in asked_once(f"select {condition} from __splink__blocked_id_pairs")


@pytest.fixture
def people(company: Any) -> pa.Table:
    dice = random.Random(5)
    for number in range(240):
        name = " ".join(part for part in (dice.choice(GIVEN), dice.choice(FAMILY)) if part)
        company.record(
            f"r{number}", name or "Dan Drew", email=dice.choice((*EMAILS[:7], None, None)),
            phone=dice.choice(("+12125550101", "+12125550102", None)), birth_on=dice.choice(("1980-02-03", "1980-03-02",
            "1981-02-03", None)), address=dice.choice(("1 High Street", "1 High Stret", "长安街1号", None)),
            city=dice.choice(("Rome", "Oslo", None)), postcode=dice.choice(("00100", "0150", None)),
            loyalty_card=dice.choice(("7001", "7002", None)), gender=dice.choice(("f", "m", None)),
            company=dice.choice(("Acme Ltd", "ACME", "Acme Paper", "Akme Paper", None)),
        )  # fmt: skip
    company.build(before="ledger/match_parameter.py")
    return records(company.connection)


def _parameters(people: pa.Table) -> dict[str, Any]:
    found = given_parameters(people.num_rows, COMPARISONS)
    found["frequency"] = {"given": {"Ann": 0.2, "Bob": 0.001}, "family": {"Archer": 0.1}, "city": {"rome": 0.4}}
    return found


def _by_splink(people: pa.Table, met: pa.Table, parameters: dict[str, Any], settings: Settings) -> pa.Table:
    known = splink_settings(list(COMPARISONS), parameters, rules_of(("unique_id",)))
    with opened(settings) as connection:
        api = DuckDBAPI(connection)
        linker = Linker(api.register(people), known, log_level="ERROR", validate_settings=False)
        for column in FREQUENCIES:
            shares = parameters["frequency"].get(column, {})
            values = sorted(set(people[column].drop_null().to_pylist()))
            table = pa.table({column: values, f"tf_{column}": [shares.get(one, parameters["rare"]) for one in values]})
            connection.register(f"own_{column}", table)
            linker.table_management.register_term_frequency_lookup(api.register(f"own_{column}"), column)
        given = {"join_key_l": met["left_id"], "join_key_r": met["right_id"], "match_key": ["0"] * met.num_rows}
        connection.register("given_pair", pa.table(given))
        linker.table_management.register_blocked_pairs_for_predict(api.register("given_pair"))
        found = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
        return found.order("unique_id_l, unique_id_r").to_arrow_table()


def test_pairs_weigh_what_splink_says(people: pa.Table, company: Any) -> None:
    marked = people.append_column("is_marked", pa.array([True] * people.num_rows))
    met, parameters = met_pairs(marked, None, company.settings), _parameters(people)

    splink = _by_splink(people, met, parameters, company.settings)
    ours = pa.concat_tables(scored_pairs(people, met, parameters, company.settings)).sort_by(
        [("left_id", "ascending"), ("right_id", "ascending")]
    )

    assert ours.num_rows == splink.num_rows == 240 * 239 / 2
    for name in [name for name in splink.column_names if name.startswith(("mw_", "match_weight"))]:
        np.testing.assert_allclose(ours[name].to_numpy(), splink[name].to_numpy(), rtol=0, atol=1e-9, err_msg=name)
    assert len(set(ours["gamma_household"].to_pylist())) > 6


def test_splink_learns_the_same_when_conditions_are_asked_once(people: pa.Table, company: Any) -> None:
    given = _parameters(people)
    used = [part for part in COMPARISONS if part.name != "national_id"]

    own, plain = (_learned(people, used, given, company.settings, database=one) for one in (AskedOnce, DuckDBAPI))

    assert own["share"] == pytest.approx(plain["share"], rel=1e-9)
    for name, levels in plain["comparisons"].items():
        for level, shares in levels.items():
            assert own["comparisons"][name][level] == pytest.approx(shares, rel=1e-9), (name, level)


@pytest.mark.parametrize("database", [AskedOnce, DuckDBAPI])
def test_too_little_memory_is_said_in_the_words_of_the_database(
    database: type[DuckDBAPI], people: pa.Table, company: Any
) -> None:
    used = [part for part in COMPARISONS if part.name != "national_id"]
    many = pa.concat_tables([people] * 40)
    many = many.set_column(many.column_names.index("unique_id"), "unique_id", pa.array(range(many.num_rows)))

    with pytest.raises(duckdb.OutOfMemoryException):
        _learned(many, used, _parameters(people), replace(company.settings, memory_limit="2MB"), database=database)


def test_a_table_of_nobody_has_no_pairs(people: pa.Table, company: Any) -> None:
    nobody = met_pairs(people.append_column("is_marked", pa.array([False] * 240)), BLOCKS, company.settings)

    (found,) = scored_pairs(people, nobody, _parameters(people), company.settings)

    assert nobody.num_rows == found.num_rows == 0


def test_a_value_speaks_by_how_common_it_is_whatever_else_its_level_asks(people: pa.Table, company: Any) -> None:
    marked = people.append_column("is_marked", pa.array([True] * people.num_rows))
    met, parameters = met_pairs(marked, None, company.settings), _parameters(people)
    parameters["frequency"]["family"] = dict.fromkeys(set(people["family"].to_pylist()) - {None}, 0.1)
    (level,) = (place for place, one in enumerate(reversed(HOUSEHOLD.levels)) if one.name == "surname")
    u = parameters["comparisons"]["household"]["surname"][1]

    def adjusted(chance: float) -> set[float]:
        parameters["chance"] = {"family": chance}
        (pairs,) = scored_pairs(people, met, parameters, company.settings)
        here = pc.equal(pairs["gamma_household"], level)
        return set(np.round(pairs["mw_tf_adj_household"].filter(here).to_numpy(), 6).tolist())

    assert adjusted(0.1) == {0.0}  # as common as surnames are on average: the level's own weight
    assert adjusted(0.2) == {1.0}  # half as common: a bit more
    assert adjusted(u / 2) == {round(float(np.log2(u / 0.1)), 6)}  # what reaches a level has the same value
