"""Signing in: who, how often, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kehu.base import clock
from kehu.base.errors import SettingsError
from kehu.govern import users
from kehu.web.accounts.password import store

PASSWORD = "a-long-demo-password"
HOST = {"host": "127.0.0.1"}


@pytest.fixture
def ann(db, door, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; one test reads the real one
    store("analyst1", PASSWORD)
    return "analyst1"


def _try(client, name, password):
    return client.post("/sign-in/", {"username": name, "password": password}, headers=HOST)


def test_the_right_password_opens_the_page_asked_for(client, ann):
    answer = client.post("/sign-in/", {"username": ann, "password": PASSWORD, "next": "/scorers/"}, headers=HOST)

    assert (answer.status_code, answer["Location"]) == (302, "/scorers/")


def test_another_site_is_no_target(client, ann):
    answer = client.post(
        "/sign-in/", {"username": ann, "password": PASSWORD, "next": "https://example.com/"}, headers=HOST
    )

    assert answer["Location"] == "/"


@pytest.mark.parametrize("name", ["analyst1", "nobody"])
def test_five_failures_lock_known_and_unknown_names_alike(client, ann, name):
    answers = [_try(client, name, "wrong").status_code for _ in range(5)]

    assert answers == [422, 422, 422, 422, 429]
    assert _try(client, name, "wrong").status_code == 429
    assert _try(client, name, PASSWORD).status_code == 429


def test_a_wrong_name_and_a_wrong_password_read_the_same(client, ann):
    texts = [_try(client, name, "wrong").content.decode() for name in (ann, "nobody")]

    plain = [text[text.index('class="alert"') : text.index("</p>", text.index('class="alert"'))] for text in texts]
    assert plain[0] == plain[1]


def test_a_disabled_actor_is_out_at_the_next_page(client, ann, door):
    _try(client, ann, PASSWORD)
    assert client.get("/", headers=HOST).status_code == 200

    users.disable(door.control(), ann)
    try:
        assert client.get("/", headers=HOST).status_code == 302
        assert _try(client, ann, PASSWORD).status_code == 422
    finally:
        users.enable(door.control(), ann)


def test_a_credential_without_an_actor_stays_outside(client, ann):
    store("stranger", PASSWORD)

    assert _try(client, "stranger", PASSWORD).status_code == 422


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (31, 302)])
def test_an_idle_session_ends(client, ann, monkeypatch, minutes, status):
    _try(client, ann, PASSWORD)
    client.get("/scorers/", headers=HOST)
    later = clock.now() + timedelta(minutes=minutes)

    monkeypatch.setattr(clock, "now", lambda: later)

    assert client.get("/scorers/", headers=HOST).status_code == status


def test_the_session_id_changes_on_signing_in(client, ann):
    client.get("/sign-in/", headers=HOST)
    before = client.session.session_key

    _try(client, ann, PASSWORD)

    assert client.session.session_key != before


def test_cookies_are_closed_to_scripts_and_other_sites(client, ann):
    answer = _try(client, ann, PASSWORD)

    cookie = answer.cookies["kehu_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("password", ["short", "password1234", "x" * 129])
def test_weak_passwords_are_refused(db, password):
    with pytest.raises(SettingsError):
        store("owner1", password)


def test_passwords_are_kept_as_scrypt(db):
    from django.contrib.auth.models import User

    store("owner1", PASSWORD)

    assert User.objects.get(username="owner1").password.startswith("scrypt$")


def test_a_form_from_elsewhere_is_refused(db, door):
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "a", "password": "b"}, headers=HOST)

    assert answer.status_code == 403
    assert "too old" in answer.content.decode()


def test_theme_is_kept_in_a_cookie(client, db, door):
    answer = client.post("/theme/", {"theme": "dark", "next": "/sign-in/"}, headers=HOST)

    assert answer.cookies["kehu_theme"].value == "dark"
    assert answer["Location"] == "/sign-in/"


def test_signing_in_failing_and_signing_out_are_on_record(client, ann, door):
    _try(client, ann, "wrong")
    _try(client, "nobody@example.com", "wrong")
    _try(client, ann, PASSWORD)
    client.post("/sign-out/", headers=HOST)

    events = [line.event for line in door.base().audit.lines(last=4)]
    assert sorted((event.action, event.outcome) for event in events) == [
        ("sign in", "ok"),
        ("sign in", "refused"),
        ("sign in", "refused"),
        ("sign out", "ok"),
    ]
    assert not any("nobody" in event.actor for event in events)


def test_what_the_signed_in_see_stays_out_of_caches(client, ann):
    _try(client, ann, PASSWORD)

    assert client.get("/customers/", headers=HOST).headers["Cache-Control"] == "private, no-store"
