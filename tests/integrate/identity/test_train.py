"""What training does with levels that are rare, and with samples from which nothing can be learned."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from splink.internals.linker_components.training import LinkerTraining

from kehu.base.clock import now
from kehu.base.settings import Settings
from kehu.integrate.identity import block, compare, organization_feature, train
from kehu.integrate.identity.compare import COMPARISONS, GIVEN, log_odds
from kehu.integrate.identity.parameter import parameter_versions
from kehu.integrate.identity.splink_match import apart, given_parameters

PEOPLE = """
SELECT 'crm' AS source, n::VARCHAR AS source_key, chr(97 + CAST(n % 20 AS INTEGER)) || 'nn' AS given,
  chr(97 + CAST(n % 17 AS INTEGER)) || 'ee' AS family, (DATE '1970-01-01' + CAST(n % 331 AS INTEGER))::VARCHAR AS birth,
  'p' || (n % 300) || '@example.com' AS email
FROM range(600) AS r(n)
"""


@pytest.fixture
def people() -> pa.Table:
    connection = duckdb.connect()
    nothing = ", ".join(f"NULL::VARCHAR AS {name}" for name in block.FEATURES)
    connection.execute(f"CREATE TABLE match_record AS SELECT {nothing} LIMIT 0")
    connection.execute("ALTER TABLE match_record ALTER roots TYPE VARCHAR[]")
    connection.execute(f"INSERT INTO match_record BY NAME {PEOPLE}")
    connection.execute(f"CREATE TABLE match_key AS {block.KEYS}")
    return block.records(connection)


@pytest.mark.parametrize(
    ("sampled", "u"),
    [(apart(0.002, 4), 0.0005), (0.0021, 0.0021), (0.0004, 0.0005), (None, 0.002)],
    ids=["no pair reached it", "sampled", "hardly any pair reached it", "unknown"],
)
def test_a_level_that_no_random_pair_reached_counts_as_rare(sampled, u):
    place = [level.name for level in GIVEN.levels].index("same_sound")
    learned = [{} for _ in GIVEN.levels]
    learned[place] = {"u_probability": sampled}

    assert train._blend(GIVEN, learned)["same_sound"][1] == pytest.approx(u, rel=1e-3)


def test_where_splink_refuses_what_it_learns_the_levels_own_weights_stand(people, tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise ValueError("m_probability value 0.0 is below the minimum allowed value of 1e-300")

    monkeypatch.setattr(LinkerTraining, "estimate_parameters_using_expectation_maximisation", refuse)

    found = train.train(people, Settings(tmp_path))

    own = given_parameters(people.num_rows, [GIVEN])["comparisons"]["given_name"]
    assert log_odds(found["share"]) < 0
    assert found["comparisons"].keys() >= {"given_name", "household", "birth_date", "email"}
    assert found["comparisons"]["given_name"]["same"][0] == pytest.approx(own["same"][0], abs=0.25)


@pytest.mark.parametrize("known", [("phone",), ("email",), ("birth",), ("phone", "city"), ("postcode",), ()])
def test_few_columns_are_enough_to_learn_from(people, tmp_path, known):
    """Splink has nothing to learn from pairs that are equal in every column that is compared."""
    kept = ("given", "family", *known)
    numbers = pa.array([f"+1415{2000000 + n % 300}" for n in range(people.num_rows)])
    for name in block.FEATURES[2:]:
        values = people[name] if name in ("given", "family", "birth") else numbers
        filled = values if name in kept else pa.nulls(people.num_rows, people[name].type)
        people = people.set_column(people.column_names.index(name), name, filled)

    found = train.train(people, Settings(tmp_path))

    assert {"given_name", "household"} <= found["comparisons"].keys()
    assert 0 < found["share"] < 0.5


def test_what_splink_refuses_to_learn_leaves_the_rest_as_it_was(people, tmp_path, monkeypatch):
    """Refusing, Splink keeps a model with fewer comparisons and the share of matches among the pairs of one rule."""
    birth = pa.array([f"1{n}" for n in range(people.num_rows)])
    unpaired = people.set_column(people.column_names.index("birth"), "birth", birth)
    shown = []
    learn = train._maximise

    def looked(linker, columns, most):
        before = linker.misc.save_model_to_json()
        learn(linker, columns, most)
        shown.append((columns, before, linker.misc.save_model_to_json()))

    monkeypatch.setattr(train, "_maximise", looked)
    train.train(unpaired, Settings(tmp_path))

    _, before, after = next(one for one in shown if one[0] == ("birth",))
    assert after == before
    assert {one["output_column_name"] for one in after["comparisons"]} >= {"given_name", "birth_date", "email"}


def test_how_likely_two_persons_share_a_value_leaves_out_pairs_of_one_person():
    names = pa.chunked_array([["li"] * 3000 + ["wang"] * 1000 + [None] * 50])
    equal = (3000 * 2999 + 1000 * 999) / (4000 * 3999)

    assert train._chance(names, 0.0) == pytest.approx(equal, rel=0.002)
    assert train._chance(names, 0.2) == pytest.approx(equal - 0.2, rel=0.002)
    assert train._chance(names, 0.9) == 0
    assert train._chance(pa.chunked_array([[None]], pa.string()), 0.1) == 0


def test_a_few_records_do_not_tell_how_common_equal_values_are():
    assert train._chance(pa.chunked_array([["li", "li", "li"]]), 0.0) < 0.001


def test_what_is_learned_tells_the_chance_of_equal_values(people, tmp_path):
    found = train.train(people, Settings(tmp_path))

    assert found["chance"]["given"] == pytest.approx(1 / 20, rel=0.2)
    assert found["chance"]["family"] == pytest.approx(1 / 17, rel=0.2)
    assert found["chance"]["postcode"] == 0


def learn(company, *names):
    """Learn of records of these names; return what tells the kinds of all versions that a later build has."""
    for number, name in enumerate(names):
        company.record(str(number), name)
    company.build(before="ledger/match_parameter.py")
    first = parameter_versions(company.connection, company.settings, at=now(), has_previous=False)
    company.connection.register("first", first)
    company.connection.execute("CREATE OR REPLACE TABLE match_parameter AS FROM first")

    def again():
        found = parameter_versions(company.connection, company.settings, at=now(), has_previous=True)
        return found["kind"].to_pylist()

    return again


def test_a_project_learns_anew_when_other_numbers_are_learned(company, monkeypatch):
    again = learn(company, "Ann Archer", "Bob Bell", "Acme Trading Ltd")

    assert again() == ["person", "organization"]
    monkeypatch.setattr(compare, "LEARNING", compare.LEARNING + 1)
    assert again() == ["person", "organization", "person", "organization"]


def test_a_project_learns_anew_of_organizations_when_these_are_compared_otherwise(company, monkeypatch):
    again = learn(company, "Ann Archer", "Acme Trading Ltd")
    monkeypatch.setattr(organization_feature, "COMPARED", organization_feature.COMPARED + " ")

    assert again() == ["person", "organization", "organization"]


def test_of_relatives_all_is_learned_but_what_tells_them_from_one_person():
    parameters = given_parameters(1000, COMPARISONS)

    learns = {part.name for part in COMPARISONS if train._own_shares(part, parameters, is_alone=False).learns_home}

    assert learns == {"household", "place", "birth_date"}


GIVEN_NAMES = ("Ann", "Bob", "Carl", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "June", "Karl", "Lena")


@pytest.mark.parametrize("has_given", [False, True], ids=["family names alone", "given names, too"])
def test_a_home_is_one_customer_where_nothing_tells_its_members_apart(company, has_given):
    for number in range(600):
        home, family = number % 400, ("Archer", "Bell", "Clark", "Dean", "Evans", "Ford", "Gray")[number % 400 % 7]
        given = GIVEN_NAMES[number // 400 * 5 + home % 5] if has_given else None
        company.record(str(number), first_name=given, last_name=family, phone=f"+1415{2000000 + home * 37}",
                       postcode=str(94100 + home % 90))  # fmt: skip

    company.build()

    customers = len(set(company.customers().values()))
    assert customers >= 590 if has_given else 400 <= customers <= 410
