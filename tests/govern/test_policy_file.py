# SQL as people type it
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import SettingsError
from kehu.govern.access import Access
from kehu.govern.policy_file import default_text, load_policy

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = {"customer": ("customer_id", "email", "birth_on"), "orders": ("order_id", "customer_id", "store_id")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policy.yml"


def access(*roles: str) -> Access:
    return Access("ann", frozenset(roles))


def test_without_a_file_the_built_in_rules_hold(path: Path) -> None:
    policy = load_policy(path)

    assert policy.rules["owner"].personal == "show"
    assert policy.rules["viewer"].personal == "null"
    assert policy.sees("raw_shop_orders", access("owner"))
    assert not any(policy.sees("raw_shop_orders", access(role)) for role in ("agent", "analyst", "marketer", "viewer"))
    assert policy.sees("customer_record", access("agent"))
    assert not policy.sees("customer_record", access("analyst"))


def test_keys_that_may_be_a_phone_are_hidden_from_analysts_everywhere() -> None:
    rules = load_policy(None).rules

    assert [rules[role].level("customer_value", "source_key", is_personal=False) for role in ("analyst", "agent")] == [
        "null",
        "show",
    ]


def test_the_default_text_is_a_policy_of_its_own(path: Path) -> None:
    path.write_text(default_text(), encoding="utf-8")

    assert load_policy(path, KNOWN) == load_policy(None)


def test_roles_that_the_file_leaves_out_keep_their_defaults(path: Path) -> None:
    path.write_text("roles: {viewer: {columns: {email: partial}}}", encoding="utf-8")

    policy = load_policy(path, KNOWN)

    assert policy.rules["viewer"].columns["email"] == "partial"
    assert policy.rules["analyst"] == load_policy(None).rules["analyst"]


def test_one_key_of_a_role_leaves_its_other_defaults_in_force(path: Path) -> None:
    path.write_text("roles: {analyst: {columns: {email: partial}}, agent: {tables: {deny: []}}}", encoding="utf-8")

    policy = load_policy(path, KNOWN)

    usual = load_policy(None).rules["analyst"]
    assert policy.rules["analyst"].deny == usual.deny
    assert policy.rules["analyst"].columns == {**usual.columns, "email": "partial"}
    assert not policy.sees("quarantine", access("analyst"))
    assert policy.rules["agent"].personal == "show"
    assert policy.sees("quarantine", access("agent"))


def test_an_unquoted_yaml_null_means_the_null_mask(path: Path) -> None:
    path.write_text("roles: {viewer: {personal: null, columns: {email: null}}}", encoding="utf-8")

    assert load_policy(path, KNOWN).rules["viewer"].columns["email"] == "null"


def test_the_digest_follows_the_text(path: Path) -> None:
    path.write_text("roles: {viewer: {personal: partial}}", encoding="utf-8")

    assert load_policy(path).digest != load_policy(None).digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("roles: [", "not valid YAML"),
        ("- viewer", "must be a mapping"),
        ("role: {}", "Did you mean 'roles'"),
        ("roles: {analist: {}}", "Did you mean 'analyst'"),
        ("roles: {viewer: {table: {}}}", "Did you mean 'tables'"),
        ("roles: {viewer: {tables: {denied: []}}}", "Did you mean 'deny'"),
        ("roles: {viewer: {tables: {deny: custmer}}}", "lists of names"),
        ("roles: {viewer: {tables: {deny: [custmer]}}}", "Did you mean 'customer'"),
        ("roles: {viewer: {tables: {deny: [7]}}}", "lists of names"),
        ("roles: {viewer: {personal: hide}}", "Use show, partial, null"),
        ("roles: {viewer: {columns: {emial: partial}}}", "Did you mean 'email'"),
        ("roles: {viewer: {columns: {customer.emial: partial}}}", "Did you mean 'email'"),
        ("roles: {viewer: {columns: {custmer.email: partial}}}", "Did you mean 'customer'"),
        ("roles: {viewer: {columns: {email: parts}}}", "Did you mean 'partial'"),
        ("roles: {viewer: {rows: {order: 'true'}}}", "Did you mean 'orders'"),
        ("roles: {viewer: {rows: {'o*': 'true'}}}", "pattern"),
        ("roles: {viewer: {rows: {orders: 'store = 1'}}}", "there is no column 'orders.store'"),
        ("roles: {viewer: {rows: {orders: 'store_id ='}}}", "cannot be read"),
        ("roles: {viewer: {rows: {orders: 'store_id = 1) OR (true'}}}", "no plain condition"),
        ("roles: {viewer: {rows: {orders: 'true) GROUP BY (1'}}}", "no plain condition"),
        ("roles: {viewer: {rows: {orders: 'store_id IN (SELECT 1)'}}}", "no plain condition"),
        ("roles: {viewer: {rows: {orders: 'getenv(store_id) = 1'}}}", "getenv is not allowed"),
        ("roles: {viewer: {rows: {orders: 'customer.email = 1'}}}", "bare column names"),
    ],
)
def test_what_the_file_cannot_mean_is_an_error_with_a_hint(path: Path, text: str, message: str) -> None:
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError) as caught:
        load_policy(path, KNOWN)

    assert message in str(caught.value)
    assert caught.value.where == str(path)
