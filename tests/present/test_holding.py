"""What is known apart from orders."""

from __future__ import annotations

from kehu.present.holding import Holding, holding

CUSTOMER = """
SELECT * FROM (VALUES ('ann', FALSE, 2, 'h1'), ('bob', FALSE, 1, 'h1'), ('wang', FALSE, 3, NULL),
  ('card', TRUE, 1, NULL))
  t(customer_id, is_provisional, record_count, household_id)"""


def test_customers_are_counted_with_records_households_and_organizations(open_on):
    workspace = open_on(customer_360=CUSTOMER, account="SELECT 'a1' AS account_id")

    assert holding(workspace) == Holding(4, 1, 7, 1, 1)
    assert len(workspace.asked) == 1


def test_without_accounts_organizations_are_unknown(open_on):
    assert holding(open_on(customer_360=CUSTOMER)) == Holding(4, 1, 7, 1, None)


def test_a_lake_without_a_customer_counts_none(open_on):
    assert holding(open_on(customer_360=f"SELECT * FROM ({CUSTOMER}) LIMIT 0")) == Holding(0, 0, 0, 0, None)
