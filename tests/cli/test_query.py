from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from kehu.base.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MONEY = "SELECT count(*) AS orders, sum(amount) AS amount, min(ordered_on) AS first_on FROM orders"


def test_decimals_are_text_and_days_are_iso(run: Callable[..., object], built_shop: Path) -> None:
    answer = run("-C", built_shop, "query", MONEY, "--json").json()

    assert answer["columns"] == ["orders", "amount", "first_on"]
    assert answer["rows"] == [{"orders": 3, "amount": "144.90", "first_on": "2026-01-05"}]
    assert answer["snapshot"] > 0


def test_a_viewer_sees_no_personal_data(run: Callable[..., object], built_shop: Path) -> None:
    answer = run("-C", built_shop, "query", "SELECT full_name, email FROM customer", "--as", "viewer", "--json").json()

    assert answer["rows"] == [{"full_name": None, "email": None}] * 3


def test_an_earlier_snapshot_is_asked_by_number_and_by_day(run: Callable[..., object], built_shop: Path) -> None:
    newest, oldest = (
        run("-C", built_shop, "status", "--json").json()["snapshots"][position]["id"] for position in (0, -1)
    )

    by_number = run("-C", built_shop, "query", MONEY, "--at", oldest, "--json").json()
    by_day = run("-C", built_shop, "query", MONEY, "--at", now().date(), "--json").json()

    assert (by_number["snapshot"], by_day["snapshot"]) == (oldest, newest)
    assert oldest < newest


@pytest.mark.parametrize("at", ["999", "2001-01-01", "yesterday"])
def test_a_snapshot_that_is_not_kept_is_refused(run: Callable[..., object], built_shop: Path, at: str) -> None:
    assert run("-C", built_shop, "query", MONEY, "--at", at, "--json").status == 1


def test_an_answer_is_written_in_the_form_of_the_files_ending(
    run: Callable[..., object], built_shop: Path, tmp_path: Path
) -> None:
    for form in ("csv", "json", "parquet", "xlsx"):
        assert run("-C", built_shop, "query", MONEY, "--output", tmp_path / f"m.{form}", "--json").json()["rows"] == 1

    assert "144.90" in (tmp_path / "m.csv").read_text(encoding="utf-8-sig")
    assert json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))["rows"][0]["amount"] == "144.90"
    assert str(parquet.read_table(tmp_path / "m.parquet")["amount"][0].as_py()) == "144.90"
    assert (tmp_path / "m.xlsx").read_bytes()[:2] == b"PK"


def test_rows_come_as_plain_csv_on_standard_output(run: Callable[..., object], built_shop: Path) -> None:
    assert run("-C", built_shop, "query", MONEY, "--format", "csv").out.splitlines() == [
        "orders,amount,first_on",
        "3,144.90,2026-01-05",
    ]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--output", "rows.foo"], "no format 'foo'"),
        (["--output", "/no/such/folder/rows.csv"], "No such file or directory"),
        (["--format", "xlsx"], "xlsx cannot be shown on a terminal"),
    ],
    ids=["ending", "folder", "terminal"],
)
def test_an_answer_that_cannot_be_written_is_an_error(
    run: Callable[..., object], built_shop: Path, options: list[str], what: str
) -> None:
    refused = run("-C", built_shop, "query", MONEY, *options)

    assert refused.status == 1
    assert what in refused.err
