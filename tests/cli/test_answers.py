from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ANN = "SELECT customer_id FROM customer WHERE email = 'ann.lee@example.com'"
READS = [
    ["query", "SELECT count(*) AS n FROM customer"],
    ["show"],
    ["show", "customer_360"],
    ["show", "raw_people_people"],
    ["lineage", "orders"],
    ["lineage", "customer_360.churn_risk"],
    ["evaluate", "churn"],
    ["customer", "find", "王"],
    ["import", "list"],
    ["audit", "verify"],
    ["status"],
    ["source", "list"],
    ["source", "preview", "people"],
    ["user", "list"],
]


@pytest.mark.parametrize("command", READS, ids=" ".join)
def test_a_command_answers_for_people_and_as_one_document(
    run: Callable[..., object], built_shop: Path, command: list[str]
) -> None:
    for_people = run(*command, "--dir", built_shop)
    document = run(*command, "--dir", built_shop, "--json")

    assert (for_people.status, document.status) == (0, 0), for_people.err + document.err
    assert for_people.out.strip()
    assert isinstance(document.json(), (dict, list))


def test_a_customer_is_shown_and_explained(run: Callable[..., object], built_shop: Path) -> None:
    ann = run("-C", built_shop, "query", ANN, "--json").json()["rows"][0]["customer_id"]

    sheet = run("-C", built_shop, "customer", "show", ann, "--json").json()
    why = run("-C", built_shop, "customer", "explain", ann, "--json").json()

    assert sheet["customer"]["order_count"] == 2
    assert {(row["source"], row["source_key"]) for row in why["records"]} >= {("people", "1"), ("people", "2")}
    assert any(link["joined"] for link in why["links"])


def test_evidence_is_refused_to_those_who_may_not_see_records(run: Callable[..., object], built_shop: Path) -> None:
    ann = run("-C", built_shop, "query", ANN, "--json").json()["rows"][0]["customer_id"]

    refused = run("-C", built_shop, "customer", "explain", ann, "--as", "viewer", "--json")

    assert (refused.status, refused.json()["error"]) == (1, "AccessError")


def test_people_are_found_by_pinyin(run: Callable[..., object], built_shop: Path) -> None:
    found = run("-C", built_shop, "customer", "find", "wang fang", "--json").json()

    assert [row["full_name"] for row in found["customers"]] == ["王芳"]


def test_lineage_ends_in_the_columns_of_the_sources(run: Callable[..., object], built_shop: Path) -> None:
    tree = run("-C", built_shop, "lineage", "customer_360.revenue")

    assert "raw_sales_orders.total" in tree.out


def test_status_says_where_every_row_of_a_source_is(run: Callable[..., object], built_shop: Path) -> None:
    state = run("-C", built_shop, "status", "--json").json()

    sales = next(row for row in state["sources"] if row["source"] == "sales")
    assert (sales["raw_rows"], sales["mapped_rows"], sales["quarantined_rows"], sales["lost_rows"]) == (4, 3, 1, 0)
    assert sales["amount"] == "144.90"
    assert state["snapshots"][0] == state["snapshot"]


@pytest.mark.parametrize(
    ("command", "fix"),
    [
        (["show", "custmer"], "Did you mean 'customer'?"),
        (["lineage", "customer.emal"], "Did you mean 'email'?"),
        (["evaluate", "chur"], "churn"),
        (["customer", "show", "nobody"], "kehu customer find"),
        (["collect", "peple"], "Did you mean 'people'?"),
        (["build", "custmer"], "Did you mean 'customer'?"),
        (["source", "preview", "nope"], "Known: people, sales"),
        (["query", "SELECT * FROM custmer"], "Did you mean 'customer'?"),
        (["query", "SELECT 1 AS one FROM customer", "--as", "nobody"], "Roles are"),
        (["user", "disable", "nobody"], "kehu user list"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_name_is_an_error_with_its_fix(
    run: Callable[..., object], built_shop: Path, command: list[str], fix: str
) -> None:
    refused = run("-C", built_shop, *command, "--json")

    assert refused.status == 1
    assert refused.json()["what"]
    assert fix in refused.json()["fix"]


def test_no_cell_steers_the_terminal_or_is_read_as_markup(run: Callable[..., object], built_shop: Path) -> None:
    sql = "SELECT '[/b]' || chr(27) || '[2J' || chr(10) || ':smile:' AS cell FROM customer LIMIT 1"

    shown = run("-C", built_shop, "query", sql)

    assert shown.out == "cell\n[/b] [2J :smile:\n"
