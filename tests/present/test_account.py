"""Which organization a customer belongs to or is, with its branches and people."""

from __future__ import annotations

from kehu.present.account import account

ACCOUNT = """
SELECT * FROM (VALUES ('a1', 'c9', 'Acme', 'acme.example', NULL, 3, FALSE),
  ('a2', NULL, 'Acme Leeds', NULL, 'a1', 2, TRUE),
  ('a3', NULL, 'Acme York', NULL, 'a1', 5, TRUE), ('a4', NULL, 'Other', NULL, NULL, 1, TRUE))
  t(account_id, customer_id, name, domain, parent_account_id, member_count, is_provisional)"""
MEMBER = """
SELECT * FROM (VALUES ('ann', 'a2', 'buyer', 'Head buyer', 'company_name'),
  ('wang', 'a2', 'member', NULL, 'email_domain'),
  ('bob', 'a1', 'owner', NULL, 'company_and_domain'), ('eve', 'a1', 'sales', NULL, 'company_name'),
  ('joe', 'a1', 'member', NULL, 'company_name'))
  t(customer_id, account_id, role, position, evidence)"""
CUSTOMER = """
SELECT * FROM (VALUES ('ann', 'Ann', 1, 5.00), ('wang', '王芳', 2, 9.00),
  ('bob', 'Bob', 0, NULL), ('eve', 'Eve', 3, 7.00),
  ('joe', 'Joe', 1, 8.00), ('c9', 'Acme', 0, NULL)) t(customer_id, full_name, order_count, revenue)"""


def test_a_member_sees_role_parent_and_the_others(open_on):
    found = account(open_on(account=ACCOUNT, account_member=MEMBER, customer_360=CUSTOMER), "ann")

    assert (found.own["account_id"], found.own["name"], found.own["is_provisional"]) == ("a2", "Acme Leeds", True)
    assert (found.own["role"], found.own["position"], found.own["evidence"]) == ("buyer", "Head buyer", "company_name")
    assert (found.parent["name"], found.parent["customer_id"]) == ("Acme", "c9")
    assert [one["full_name"] for one in found.people] == ["王芳"]
    assert (found.branches, found.unshown) == ([], 0)


def test_an_organization_has_its_people_who_bought_most_first_and_its_branches(open_on):
    found = account(open_on(account=ACCOUNT, account_member=MEMBER, customer_360=CUSTOMER), "c9")

    assert (found.own["account_id"], found.own["is_member"], found.own["role"]) == ("a1", False, None)
    assert [one["customer_id"] for one in found.people] == ["joe", "eve", "bob"]
    assert [one["name"] for one in found.branches] == ["Acme York", "Acme Leeds"]
    assert (found.parent, found.unshown) == (None, 0)


def test_what_an_organization_and_its_people_bought_is_told_to_who_may_see_it(open_on):
    total = (
        "SELECT 'a2' AS account_id, 2 AS customer_count, 3 AS order_count, 14.00 AS revenue,"
        " DATE '2026-03-01' AS last_order_on"
    )
    tables = {"account": ACCOUNT, "account_member": MEMBER, "customer_360": CUSTOMER}

    found = account(open_on(**tables, account_total=total), "ann")
    nothing = account(open_on(**tables, account_total=total), "bob")

    assert (found.total["customer_count"], found.total["order_count"], found.total["revenue"]) == (2, 3, 14)
    assert [one["full_name"] for one in found.people] == ["王芳"]
    assert (nothing.total, account(open_on(**tables), "ann").total) == (None, None)


def test_who_belongs_nowhere_has_no_account_and_is_asked_once(open_on):
    workspace = open_on(account=ACCOUNT, account_member=MEMBER, customer_360=CUSTOMER)

    assert account(workspace, "nobody") is None
    assert workspace.asked == [("read", "customer:nobody")]


def test_a_lake_of_an_earlier_version_has_no_accounts_and_is_not_asked(open_on):
    workspace = open_on(customer_360=CUSTOMER)

    assert account(workspace, "ann") is None
    assert workspace.asked == []


def test_a_large_account_shows_twelve_and_tells_how_many_more(open_on):
    many = open_on(
        account="SELECT 'a1' AS account_id, NULL::VARCHAR AS customer_id, 'Acme' AS name,"
        " NULL AS domain, NULL::VARCHAR AS parent_account_id, 30 AS member_count, TRUE AS is_provisional",
        account_member="SELECT 'c' || i AS customer_id, 'a1' AS account_id, 'member' AS role, NULL AS position,"
        " 'company_name' AS evidence FROM range(30) t(i)",
        customer_360="SELECT 'c' || i AS customer_id, 'Ann' AS full_name, 1 AS order_count, i AS revenue"
        " FROM range(30) t(i)",
    )

    found = account(many, "c0")

    assert [one["revenue"] for one in found.people] == [*range(29, 17, -1)]
    assert found.unshown == 30 - 1 - 12
