"""Measured on published synthetic persons with known truth (see ../shared/data's own notes)."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from kehu.integrate.identity.agreement import agreement

DATA = Path(__file__).parents[3].parent / "shared" / "data"


def _rows(path: str) -> list[dict[str, str]]:
    if not (DATA / path).is_file():
        pytest.skip(f"the published data set {path} is not beside the repository")
    with (DATA / path).open(encoding="utf-8") as file:
        return [
            {(name or "").strip(): (value or "").strip() for name, value in row.items()} for row in csv.DictReader(file)
        ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text if "-" in text else f"{text[:4]}-{text[4:6]}-{text[6:]}")
    except ValueError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize(("number", "least"), [(1, 0.98), (2, 0.98), (3, 0.98)])
def test_febrl_persons_are_found_without_wrong_merges(company, number: int, least: float) -> None:
    truth = {}
    for row in _rows(f"febrl_1_2_3/dataset{number}.csv"):
        truth["crm", row["rec_id"]] = row["rec_id"].split("-")[1]
        company.record(
            row["rec_id"],
            first_name=row["given_name"] or None,
            last_name=row["surname"] or None,
            birth_on=_day(row["date_of_birth"]),
            address=f"{row['street_number']} {row['address_1']}".strip() or None,
            city=row["suburb"] or None,
            postcode=row["postcode"] or None,
            national_id=row["soc_sec_id"] or None,
        )

    company.build()

    found = agreement(company.customers(), truth)
    assert found.f1 >= least
    assert found.precision >= 0.99


@pytest.mark.slow
def test_a_table_that_is_mostly_errors_is_never_merged_wrongly(company) -> None:
    truth = {}
    for row in _rows("splink_fake_1000/fake_1000.csv"):
        truth["crm", row["unique_id"]] = row["cluster"]
        company.record(
            row["unique_id"],
            first_name=row["first_name"] or None,
            last_name=row["surname"] or None,
            birth_on=_day(row["dob"]),
            city=row["city"] or None,
            email=row["email"] or None,
        )

    company.build()

    found = agreement(company.customers(), truth)
    assert found.precision >= 0.98
    assert found.f1 >= 0.91
