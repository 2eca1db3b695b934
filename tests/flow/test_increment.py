"""After any change, an incremental build gives the rows of a full one.

The scenarios are literal. The sequences are random: ``SEQUENCES=50 pytest tests/flow/test_increment.py -k sequence``
runs fifty of them, with seeds from ``SEED`` (default 1) on and ``STEPS`` changes each (default 10); without SEQUENCES
one short one runs. A failure names its seed and every change so far.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kehu.flow import imports, pipeline
from kehu.warehouse.lake import Lake

sys.path.append(str(Path(__file__).parent))
from shopkeeper import HOMES, Company  # beside this file

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

SEQUENCES = int(os.environ.get("SEQUENCES", "0"))
SEEDS = range(int(os.environ.get("SEED", "1")), int(os.environ.get("SEED", "1")) + max(SEQUENCES, 1))
STEPS = int(os.environ.get("STEPS", "10")) if SEQUENCES else 1
ANN = ("ann@example.com", "+14155550101")
BOB = ("bob@example.com", "+14155550102")
LATE, AGAIN = "shop/orders-late.csv", "shop/orders-more.csv"


def line(order: str, amount: str, *, who: tuple[str, str] = ANN, sku: str = "P1", at: str = "1") -> tuple[str, ...]:
    return (order, at, "2023-12-30 10:00:00", *who, sku, "1", amount)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company whose first files are built."""
    one = Company(tmp_path / "company", random.Random(5))
    pipeline.collect(one.project())
    pipeline.build(one.project())
    return one


@pytest.fixture
def ask(company: Company) -> Callable[[str], list[tuple[Any, ...]]]:
    """Read the newest build."""

    def asked(sql: str) -> list[tuple[Any, ...]]:
        return Lake(company.home / "data/main").reader().execute(sql).rows

    return asked


def live(company: Company, **changed: list[tuple[str, ...]]) -> set[str]:
    """Let files change, collect and build; return the tables that were computed for touched keys only."""
    company.rows |= {{"late": LATE, "again": AGAIN}[file]: rows for file, rows in changed.items()}
    company.save()
    pipeline.collect(company.project())
    return {run.name for run in pipeline.build(company.project()).tables if run.action == "merge"}


def turn(company: Company, ask: Callable[[str], list[tuple[Any, ...]]], file: str) -> None:
    """Take a file's newest batch back, or give it again when it was, and build."""
    way, batch = ask(
        "SELECT reverted_at IS NULL, batch_id FROM import_batch"
        f" WHERE '{file}' LIKE '%' || file ORDER BY landed_at DESC LIMIT 1"
    )[0]
    (imports.revert if way else imports.restore)(company.project(), batch)
    pipeline.build(company.project())


AMOUNT = "SELECT order_id, CAST(amount AS VARCHAR) FROM orders WHERE order_id LIKE 'shop:L%' ORDER BY ALL"
REFUSED = "SELECT rule FROM quarantine WHERE file LIKE '%-late.csv' OR file LIKE '%-more.csv' ORDER BY ALL"
PEOPLE = "SELECT count(DISTINCT customer_id) FROM customer_xref WHERE source = 'crm' AND source_key IN ('C0', 'C9')"
SHOWN = (AMOUNT, REFUSED, PEOPLE)


def test_late_corrected_deleted_repeated_and_reverted_rows_give_what_a_full_build_gives(
    company, ask, monkeypatch, tmp_path
):
    products, people = company.rows["erp/products.csv"], company.rows["crm/contacts.csv"]
    people.append(("C9", "Ann Archer", *ANN, "", *HOMES[0]))  # merges with Ann's own
    late = [line("L1", "10.25"), line("L2", "3.50"), line("L5", "9.00")]
    merged = live(company, late=late, again=[line("L1", "2.00"), line("L3", "3.00", sku="P9")])
    came = [ask(sql) for sql in SHOWN]
    people[-1] = ("C9", "Nina Noon", "nina@example.com", "+14155550199", "", *HOMES[1])  # splits
    products.append(("P9", "Thing 9", "D1", "9.00"))
    live(company, late=[line("L1", "7.75"), line("L2", "5.75", who=BOB), line("L4", "free"), line("L5", "9.00")])
    corrected = [ask(sql) for sql in SHOWN]
    products.pop()
    live(company, late=[line("L2", "4.00")])
    deleted = [ask(sql) for sql in SHOWN]
    monkeypatch.setattr("kehu.warehouse.build.plan.ALWAYS_FEW", 0)  # as if the batch were large
    monkeypatch.setattr("kehu.warehouse.build.plan.MANY", 0.0)
    turn(company, ask, LATE)
    reverted, differences = ask(AMOUNT), company.differences(tmp_path / "whole")
    monkeypatch.undo()
    turn(company, ask, LATE)
    restored = [ask(sql) for sql in SHOWN]

    duplicate, unknown = ("duplicate_key",), ("unknown_reference",)
    assert merged >= {"stg_order_line", "order_line", "orders", "customer_total", "channel_day"}
    assert came == [[("shop:L1", "10.25"), ("shop:L2", "3.50"), ("shop:L5", "9.00")], [duplicate, unknown], [(1,)]]
    changed = [("shop:L1", "2.00"), ("shop:L2", "5.75"), ("shop:L3", "3.00"), ("shop:L5", "9.00")]
    assert corrected == [changed, [duplicate, ("not_a_number",)], [(2,)]]  # what came later repeats what is there
    assert deleted == [[("shop:L1", "2.00"), ("shop:L2", "4.00")], [unknown], [(2,)]]
    assert reverted == [
        ("shop:L1", "2.00"),
        ("shop:L2", "5.75"),
        ("shop:L5", "9.00"),
    ]  # the batch before it counts again
    assert restored == deleted
    assert differences == []


def test_a_small_table_over_a_large_input_is_computed_for_touched_keys_only(company, monkeypatch):
    monkeypatch.setattr("kehu.warehouse.build.plan.ALWAYS_FEW", 0)  # as if the batch were large
    monkeypatch.setattr("kehu.warehouse.build.plan.MANY", 1.0)
    company.rows["crm/contacts.csv"].append(("C9", "Nina Noon", "nina@example.com", "+14155550199", "", *HOMES[1]))

    computed = live(company)

    assert "blocked_value" in computed  # it has no row, the records that it follows have many


@pytest.mark.parametrize("seed", SEEDS)
def test_any_sequence_of_changes_gives_the_rows_of_a_full_build(seed, tmp_path):
    dice = random.Random(seed)
    company = Company(tmp_path / "company", dice)
    pipeline.collect(company.project())
    pipeline.build(company.project())
    said = []
    for _ in range(STEPS):
        said.append(company.step())
        if dice.random() < 0.3:  # a partial build, then more changes, then the rest
            part = dice.choice(("stg_order_line", "customer_record", "orders", "customer", "quarantine"))
            pipeline.build(company.project(), [part])
            said.append(f"build {part}; {company.step()}")
        pipeline.build(company.project())

        assert company.differences(tmp_path / "whole") == [], "\n".join([f"seed {seed}", *said])
