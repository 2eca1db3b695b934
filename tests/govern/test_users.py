from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import AccessError
from kehu.govern import users
from kehu.govern.access import ACTIONS, Access, resolve
from kehu.govern.audit import Audit

if TYPE_CHECKING:
    from kehu.govern.control import Control


def test_an_added_user_is_listed_with_roles_and_name(control: Control) -> None:
    users.add_user(control, "wang", ["agent"], display_name="王芳", email="wang@y.cn", locale="zh-hans")
    users.add_user(control, "ann", ["owner", "analyst"])

    ann, wang = users.list_users(control)

    assert (ann.name, ann.display_name, ann.roles) == ("ann", "ann", {"owner", "analyst"})
    assert (wang.display_name, wang.email, wang.locale) == ("王芳", "wang@y.cn", "zh-hans")


@pytest.mark.parametrize("name", ["Ann", "", "a b", "system", "viewer", "role:viewer", "1a", "a" * 65])
def test_a_name_that_could_be_taken_for_something_else_is_refused(control: Control, name: str) -> None:
    with pytest.raises(AccessError, match="cannot be a user's name"):
        users.add_user(control, name, ["viewer"])


def test_a_name_is_given_once(control: Control) -> None:
    users.add_user(control, "ann", ["viewer"])

    with pytest.raises(AccessError, match="exists already"):
        users.add_user(control, "ann", ["owner"])
    assert users.user(control, "ann").roles == {"viewer"}


@pytest.mark.parametrize(("roles", "message"), [(["analist"], "analyst"), ([], "at least one role")])
def test_roles_must_exist(control: Control, roles: list[str], message: str) -> None:
    with pytest.raises(AccessError, match=message):
        users.add_user(control, "ann", roles)


def test_roles_change_and_a_disabled_user_cannot_act(control: Control) -> None:
    users.add_user(control, "ann", ["viewer"])

    users.set_roles(control, "ann", ["owner"])
    assert resolve("ann", control).can("write")
    disabled = users.disable(control, "ann")

    assert disabled.disabled_at is not None
    with pytest.raises(AccessError, match="disabled"):
        resolve("ann", control)
    users.enable(control, "ann")
    assert resolve("ann", control).roles == {"owner"}


def test_an_unknown_user_gets_a_hint(control: Control) -> None:
    users.add_user(control, "annabel", ["viewer"])

    for act in (users.disable, users.user):
        with pytest.raises(AccessError, match="Did you mean 'annabel'"):
            act(control, "anabel")


def test_roles_allow_what_the_table_says() -> None:
    for role, actions in ACTIONS.items():
        access = Access("ann", frozenset({role}))

        assert all(access.can(action) for action in actions)
        assert access.can("write") == (role == "owner")


def test_a_person_called_owner_is_no_job() -> None:
    assert Access.owner().is_system
    assert not Access("ann", frozenset({"owner"})).is_system
    assert not Access("system", frozenset({"viewer"})).is_system


def test_every_change_to_a_user_leaves_an_audit_line(control: Control) -> None:
    users.add_user(control, "ann", ["viewer"], display_name="Ann Smith", email="ann@x.com")
    users.set_roles(control, "ann", ["owner", "agent"])
    users.disable(control, "ann")
    users.enable(control, "ann")

    events = [line.event for line in reversed(Audit(control).lines())]

    assert [(event.action, event.subject, event.text) for event in events] == [
        ("users", "user:ann", "added as viewer"),
        ("users", "user:ann", "roles agent owner"),
        ("users", "user:ann", "disabled"),
        ("users", "user:ann", "enabled"),
    ]
