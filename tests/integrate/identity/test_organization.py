"""Organizations: pairs, their evidence, and what becomes of chains, moves and switchboards."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from tests.integrate.identity.organization_town import town

from kehu.integrate.identity import organization_weight
from kehu.integrate.identity.address import address
from kehu.integrate.identity.cluster import clusters
from kehu.integrate.identity.organization import organization_pairs, organizations
from kehu.integrate.identity.organization_name import organization_name

COLUMNS = ("source", "source_key", "person_key", "name", "house_number", "street", "postcode", "city", "phone", "email",
           "domain", "tax_id")  # fmt: skip


def compared_records(rows):
    records = [
        {
            **dict.fromkeys(COLUMNS), "source": "erp", **row, "name": organization_name(row.get("name")).key or None,
            **dict(zip(("house_number", "street"), address(row.get("address") or ""), strict=True)),
        }
        for row in rows
    ]  # fmt: skip
    columns = {name: pa.array([row[name] or None for row in records], pa.string()) for name in COLUMNS}
    columns["source_key"] = pa.array(map(str, range(len(rows))), pa.string())
    return pa.table({"unique_id": pa.array(range(1, len(rows) + 1), pa.int64()), **columns})


def levels(pairs):
    """The level of each comparison of the first two records."""
    (parts,) = (row["parts"] for row in pairs.to_pylist() if (row["left_id"], row["right_id"]) == (1, 2))
    return {part["comparison"]: part["level"] for part in parts}


def pairwise(truth, labels):
    """Precision and recall over the pairs of records."""
    truth, labels = (np.unique(values, return_inverse=True)[1] for values in (truth, labels))
    pairs = lambda values: sum(n * (n - 1) // 2 for n in np.bincount(values))  # noqa: E731
    both = pairs(truth * (labels.max() + 1) + labels)
    return both / pairs(labels), both / pairs(truth)


@pytest.mark.parametrize(("han", "least"), [(False, 0.78), (True, 0.85)])
def test_a_town_of_chains_and_moves_comes_together_without_labels(han, least):
    rows = town(1500, 11, han=han)
    records = compared_records(rows)

    pairs, _ = organization_pairs(records)
    labels = clusters(records.num_rows, pairs, match_at=0.9)

    precision, recall = pairwise([row["truth"] for row in rows], labels)
    assert precision >= 0.96
    assert 2 * precision * recall / (precision + recall) >= least
    assert np.bincount(labels).max() <= 8  # four records at most are one organization


def test_the_same_parameters_give_a_pair_the_same_weight_whatever_stands_beside_it():
    records = compared_records(town(600, 3))
    pairs, parameters = organization_pairs(records)

    again, kept = organization_pairs(records, json.loads(json.dumps(parameters)))
    few, _ = organization_pairs(records.slice(0, 150), parameters)

    assert again.equals(pairs)
    assert kept == parameters
    known = {(p["left_id"], p["right_id"]): p["weight"] for p in pairs.to_pylist()}
    shared = [p for p in few.to_pylist() if (p["left_id"], p["right_id"]) in known]
    assert len(shared) > 20
    assert all(p["weight"] == known[p["left_id"], p["right_id"]] for p in shared)


def test_the_parts_add_up_to_the_weight():
    pairs, parameters = organization_pairs(compared_records(town(300, 5)))

    for pair in pairs.slice(0, 200).to_pylist():
        assert parameters["prior"] + sum(part["weight"] for part in pair["parts"]) == pytest.approx(
            pair["weight"], 1e-6
        )


def test_no_phone_or_address_stands_in_what_was_learned():
    rows = town(300, 5)

    _, parameters = organization_pairs(compared_records(rows))

    text = json.dumps(parameters)
    assert not any(row["phone"] in text for row in rows if row["phone"])


def test_places_of_a_chain_stay_apart_behind_one_switchboard():
    chain = [
        {"name": "Acme Coffee Ltd", "address": f"{100 + 13 * n} {street} St", "postcode": f"606{n:02}",
         "domain": "acme.com", "phone": "+13125550100", "source": source}
        for n, street in enumerate(("Oak", "Elm", "Lake", "State", "Clark", "Mill", "Park", "Union") * 3)
        for source in ("erp", "crm")
    ]  # fmt: skip
    rows = chain + town(400, 8)

    pairs, _ = organization_pairs(compared_records(rows))
    labels = clusters(len(rows), pairs, match_at=0.9)[: len(chain)]

    assert len(set(labels)) == len(chain) // 2
    assert all(labels[place] == labels[place + 1] for place in range(0, len(chain), 2))


@pytest.mark.parametrize(
    ("address", "phone", "level"),
    [
        ("3799 Las Vegas Blvd S", "+17028917341", "other"),  # neighbors share the exchange because they are neighbors
        ("3799 Las Vegas Blvd S", "+17028917374", "other"),
        ("3799 Las Vegas Blvd S", "+17028917349", "same"),
        ("12 Oak St", "+17028917341", "one_digit"),
        ("12 Oak St", "+17028917374", "same_exchange"),
    ],
)
def test_other_phones_at_one_address_are_other_phones(address, phone, level):
    cafe = {"name": "Coyote Cafe", "address": "3799 Las Vegas Blvd S", "phone": "+17028917349"}
    rows = [
        {**cafe, "domain": "mall.com"},
        {"name": "Tre Visi", "address": address, "phone": phone, "domain": "mall.com"},
    ]

    pairs, _ = organization_pairs(compared_records([*rows, *town(200, 8)]))

    assert levels(pairs)["phone"] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [("new york", "new york city", "same"), ("york", "new york", "same_elsewhere"), ("bonn", "bonn", "same")],
)
def test_a_city_goes_by_its_longer_name_too(one, other, level):
    place = {"name": "Acme Foods", "address": "12 Oak St"}
    rows = [{**place, "city": one}, {**place, "city": other}, *town(200, 8)]

    pairs, _ = organization_pairs(compared_records(rows))

    assert levels(pairs)["address"] == level


@pytest.mark.parametrize(
    ("one", "other", "address", "place"),
    [
        ({"address": "12 Oak St", "city": "derrek"}, {"city": "derek"}, None, "same_city"),
        ({"address": "12 Oak St", "postcode": "60607"}, {"postcode": "60607"}, None, "same_postcode"),
        ({"address": "解放路大厦", "city": "宁波"}, {"address": "解放路大厦", "city": "宁波"}, None, "same_street"),
        ({"address": "12 Oak St", "city": "derrek"}, {"city": "bonn"}, None, "other"),
        ({"address": "12 Oak St"}, {}, None, None),
        ({"address": "12 Oak St", "city": "bonn"}, {"address": "12 Oak St", "city": "bonn"}, "same", None),
    ],
)
def test_where_an_address_is_missing_the_town_speaks(one, other, address, place):
    rows = [{"name": "Acme Foods", **one}, {"name": "Acme Foods", **other}, *town(200, 8)]

    pairs, _ = organization_pairs(compared_records(rows))

    found = levels(pairs)
    assert (found.get("address"), found.get("place")) == (address, place)


@pytest.mark.parametrize("shared", ["phone", "city"])
def test_hundreds_of_namesakes_are_told_apart_by_phone_or_town(shared):
    spelled = np.random.default_rng(5).permutation(100_000)
    rows = [
        {"name": "Golden Lotus", shared: f"+1312{spelled[n]:07}" if shared == "phone" else f"town{spelled[n]}"}
        for n in range(150)
        for _ in range(2)
    ]

    records = compared_records(rows + town(1500, 8))

    pairs, _ = organization_pairs(records)
    labels = clusters(records.num_rows, pairs, match_at=0.3)[: len(rows)]

    together = sum(labels[n] == labels[n + 1] for n in range(0, len(rows), 2))
    assert together >= 145
    assert len(set(labels)) >= 145


def test_pairs_that_met_by_phone_do_not_tell_how_often_namesakes_share_one():
    rows = [
        {"name": f"Golden Lotus {chain}", "phone": f"+1312{place}{number:06}"}
        for place, chain in enumerate(("Anbao", "Cedex", "Fogil", "Hanum"))
        for number in range(0, 150_000, 1_000)
        for _ in range(2)
    ]

    _, parameters = organization_pairs(compared_records(rows + town(300, 8)))

    assert parameters["levels"]["phone_of_name"]["u"][-1] < 0.2  # of all that were compared, half


def test_a_part_of_many_pairs_teaches_what_all_do(monkeypatch):
    records = compared_records(town(4000, 11))
    all_pairs, whole = organization_pairs(records)
    monkeypatch.setattr(organization_weight, "MOST_PAIRS", all_pairs.num_rows // 3)

    pairs, part = organization_pairs(records)

    one, other = (found["weight"].to_numpy() > 0 for found in (all_pairs, pairs))
    assert part["prior"] == pytest.approx(whole["prior"], abs=0.5)
    assert one.sum() > 1000
    assert other.sum() == pytest.approx(one.sum(), rel=0.05)


def test_ten_thousand_records_of_one_switchboard_make_no_mega_cluster():
    rng = np.random.default_rng(4)
    rows = [
        {"name": f"{name} {trade}", "phone": "+13125550100", "address": f"{number} Main St"}
        for name, trade, number in zip(
            ("".join(rng.choice(list("abcdefgh"), 7)) for _ in range(10_000)),
            rng.choice(["foods", "motors", "travel"], 10_000), rng.integers(1, 9000, 10_000), strict=True,
        )
    ]  # fmt: skip

    pairs, _ = organization_pairs(compared_records(rows))

    assert pairs.num_rows < 1_000_000
    assert np.bincount(clusters(len(rows), pairs, match_at=0.9)).max() <= 4


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_or_empty_records_are_no_pairs(count):
    pairs, parameters = organization_pairs(compared_records([{}] * count))

    assert pairs.num_rows <= 1
    assert (pairs["weight"].to_numpy() < 0).all()
    assert parameters["records"] == count


def test_a_person_and_a_company_under_one_phone_and_name_are_two(company):
    company.record("1", "李宁有限公司", phone="+8613812345678")
    company.record("2", "李宁", phone="+8613812345678")
    company.record(
        "3", "Acme Ltd", phone="+13125550100", address="1 Oak St", tax_id="gb 12-3", website="http://www.acme.co.uk/x"
    )
    company.record("4", "Ann Ltd", gender="f", email="ann@gmail.com")

    for file in (
        "name_part.py", "address_part.py", "organization_part.py", "customer_record.sql", "blocked_value.py",
        "match_organization.sql",
    ):  # fmt: skip
        company.build_table(f"entity/{file}")

    found = company.rows("SELECT source_key, kind, family_key, tax_id, domain FROM customer_record ORDER BY 1")
    assert found == [
        ("1", "organization", None, None, None), ("2", "person", "李", None, None),
        ("3", "organization", None, "GB123", "acme.co.uk"), ("4", "person", "ltd", None, None),
    ]  # fmt: skip
    assert organizations(company.connection)["source_key"].to_pylist() == ["1", "3"]


@pytest.mark.parametrize(
    ("said", "name", "kind"),
    [("企业", "李宁", "organization"), ("b2b", "Ann Lee", "organization"), ("个人", "Ann Lee Ltd", "person"),
     ("gold", "Ann Lee", "person"), (None, "Ann Lee Ltd", "organization")],
)  # fmt: skip
def test_what_the_source_says_goes_before_what_the_name_tells(company, said, name, kind):
    company.record("1", name, kind=said)

    for file in ("name_part.py", "address_part.py", "organization_part.py", "customer_record.sql"):
        company.build_table(f"entity/{file}")

    assert company.rows("SELECT kind FROM customer_record") == [(kind,)]


@pytest.mark.parametrize(
    ("row", "kind"),
    [({"phone": "+44201234567"}, "organization"), ({"email": "ann@acme.com"}, "person"),
     ({"email": "office@acme.com", "tax_id": "GB123"}, "organization"), ({"first_name": "Ann"}, "person"),
     ({"gender": "f"}, "person")],
    ids=["phone", "e-mail, as subscribers have", "tax number", "first name", "gender"],
)  # fmt: skip
def test_a_record_with_a_company_and_no_name_is_the_company_unless_somebody_is_told(company, row, kind):
    company.record("1", company="Acme Ltd", **row)

    for file in ("name_part.py", "address_part.py", "organization_part.py", "customer_record.sql"):
        company.build_table(f"entity/{file}")

    name = "Acme Ltd" if kind == "organization" else row.get("first_name")
    assert company.rows("SELECT kind, full_name, organization_key FROM customer_record") == [(kind, name, "acme")]
