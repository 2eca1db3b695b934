from __future__ import annotations

import math
import random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from kehu.integrate.identity.block import records
from kehu.integrate.identity.compare import COMPARISONS
from kehu.integrate.identity.match import matches
from kehu.integrate.identity.splink_match import given_parameters

NAMES = ("Ann Archer", "Anna Archer", "Bob Baker", "Robert Baker", "Cleo Clark", "Dan Drew", "王芳")


@pytest.fixture
def people(company: Any) -> pa.Table:
    """Eighty persons of two sources, some of whom a source itself says are one, some a junior or a senior."""
    dice = random.Random(8)
    for number in range(80):
        company.record(
            f"r{number}", dice.choice(NAMES), source=dice.choice(("crm", "shop")),
            email=dice.choice((f"home{number // 3}@x.com", None)), phone=dice.choice(("+12125550101", None)),
            birth_on=dice.choice(("1980-02-03", "1950-03-02", None)),
        )  # fmt: skip
    company.build(before="ledger/match_parameter.py")
    found = records(company.connection)
    for name, values in (("person_key", ("7", "8", None, None)), ("suffix", ("jr", "sr", None, None))):
        column = pa.array([dice.choice(values) for _ in range(found.num_rows)], pa.string())
        found = found.set_column(found.column_names.index(name), name, column)
    return found.append_column("is_marked", pa.array([True] * found.num_rows))


@pytest.mark.parametrize("least", [-3.0, 5.0, 11.0])
def test_pairs_from_a_weight_are_those_of_all_pairs(people: pa.Table, company: Any, least: float) -> None:
    parameters = {**given_parameters(people.num_rows, COMPARISONS), "every_pair": True}

    every = matches(people, parameters, (), company.settings, least=-math.inf)
    found = matches(people, parameters, (), company.settings, least=least)

    reached = pc.greater_equal(pc.max_element_wise(every["weight"], every["splink_weight"]), least)
    assert every.num_rows == 80 * 79 / 2
    assert found.equals(every.filter(reached))
    assert 0 < found.num_rows < every.num_rows


def test_what_a_source_says_is_one_person_outweighs_and_generations_stay_apart(people: pa.Table, company: Any) -> None:
    parameters = {**given_parameters(people.num_rows, COMPARISONS), "every_pair": True}
    rows = dict(enumerate(people.to_pylist(), start=1))

    found = matches(people, parameters, (), company.settings).to_pylist()

    rules = {(pair["left_id"], pair["right_id"]): (pair["rule"], pair["conflict"]) for pair in found}
    for (one, other), (rule, conflict) in rules.items():
        left, right = rows[one], rows[other]
        same = all(left[name] == right[name] for name in ("source", "person_key")) and left["person_key"] is not None
        suffixes = {left["suffix"], right["suffix"]}
        assert (rule == "given_by_source") == same
        if suffixes == {"jr", "sr"}:
            assert conflict == "other_generation"
        if (None in suffixes and left["birth"] == right["birth"]) or len(suffixes) == 1:
            assert conflict != "other_generation"
    assert {"given_by_source", "email", "splink", "other_generation"} <= {rule for rule, _ in rules.values()}


@pytest.mark.parametrize(
    ("email", "other", "level"),
    [
        ("archer.ann@x.com", "archer.ann@yy.org", None),
        ("annarcher@x.com", "annarcher@yy.org", None),
        ("ann.archer77@x.com", "ann.archer77@yy.org", "same_local_part"),
        ("skywalker@x.com", "skywalker@yy.org", "same_local_part"),
        ("archer.ann@x.com", "archer.ann@x.com", "same"),
        ("archer.ann@x.com", "skywalker@yy.org", "different"),
    ],
)
def test_an_email_that_is_no_more_than_the_name_says_nothing_at_two_providers(
    company: Any, email: str, other: str, level: str | None
) -> None:
    company.record("1", "Ann Archer", email=email)
    company.record("2", "Ann Archer", email=other)
    company.build(before="ledger/match_parameter.py")
    both = records(company.connection).append_column("is_marked", pa.array([True, True]))

    (pair,) = matches(both, {**given_parameters(2, COMPARISONS), "every_pair": True}, (), company.settings).to_pylist()

    said = {part["comparison"]: part["level"] for part in pair["parts"]}
    assert said.get("email") == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ({"company": "Acme Paper Ltd"}, {"company": "ACME PAPER"}, "same"),
        ({"company": "飞海网络有限公司"}, {"company": "飞海網絡公司"}, "same"),
        ({"company": "Acme Paper Ltd"}, {"company": "Acme Paper Mills GmbH"}, "contained"),
        ({"company": "飞海网络有限公司"}, {"company": "飞海"}, "contained"),
        ({"company": "Acme Paper"}, {"company": "Acme Papre"}, "typo"),
        ({"company": "Acme Paper"}, {"company": "Zenith Cars"}, "different"),
        ({"email": "a.archer@acme.com"}, {"email": "ann@acme.com"}, "same_domain"),
        ({"email": "a.archer@acme.com"}, {"email": "ann@acme.com", "company": "Acme"}, "same_domain"),
        ({"email": "ann@acme.com"}, {"email": "ann@acme.com"}, None),
        ({"email": "a.archer@gmail.com"}, {"email": "ann@gmail.com"}, None),
        ({"company": "Acme Paper"}, {"email": "ann@acme.com"}, None),
    ],
)
def test_people_of_one_company_are_likelier_one_person(
    company: Any, one: dict[str, str], other: dict[str, str], level: str | None
) -> None:
    company.record("1", "Ann Archer", city="Rome", **one)
    company.record("2", "Ann Archer", city="Rome", **other)
    company.build(before="ledger/match_parameter.py")
    both = records(company.connection).append_column("is_marked", pa.array([True, True]))

    (pair,) = matches(both, {**given_parameters(2, COMPARISONS), "every_pair": True}, (), company.settings).to_pylist()

    said = {part["comparison"]: part["level"] for part in pair["parts"]}
    assert said.get("company") == level
    assert ("place" in said) == (level != "same"), "most people of a company work in one town"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ({"first_name": "Juan", "last_name": "García"}, {"first_name": "Juan", "last_name": "García López"}, True),
        ({"first_name": "Eva", "last_name": "Schmidt"}, {"first_name": "Eva", "last_name": "Müller-Schmidt"}, True),
        ({"full_name": "Juan García López"}, {"full_name": "Juan García"}, True),
        ({"full_name": "Mary Ann Lee"}, {"full_name": "Mary Ann"}, True),
        ({"first_name": "Ann", "last_name": "Hill"}, {"first_name": "Ann", "last_name": "Hillman"}, False),
        ({"full_name": "Juan García López"}, {"full_name": "Juan López Pérez"}, False),
        ({"full_name": "王小明"}, {"full_name": "汪晓明"}, True),
    ],
)
def test_half_a_double_surname_is_near_it(company: Any, one: Any, other: Any, level: bool) -> None:
    company.record("1", **one)
    company.record("2", **other)
    company.build(before="ledger/match_parameter.py")
    both = records(company.connection).append_column("is_marked", pa.array([True, True]))

    (pair,) = matches(both, {**given_parameters(2, COMPARISONS), "every_pair": True}, (), company.settings).to_pylist()

    said = {part["comparison"]: part["level"] for part in pair["parts"]}
    assert (said["household"] == "close_surname") == level
