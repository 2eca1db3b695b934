"""The app answers this machine only."""

from __future__ import annotations

import asyncio

import pytest

from kehu.base.errors import SettingsError
from kehu.web.loopback import is_loopback, refusal, require_loopback
from kehu.web.static_files import address, answer


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.8.8"])
def test_loopback_hosts_are_taken(host):
    assert require_loopback(host) == host


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "example.com", "::", "", "localhost.example.com"])
def test_other_hosts_are_refused_with_the_fix(host):
    with pytest.raises(SettingsError, match="this machine only") as caught:
        require_loopback(host)

    assert "tunnel" in caught.value.fix


@pytest.mark.parametrize(
    ("client", "host", "ok"),
    [
        ("127.0.0.1", b"127.0.0.1:8000", True),
        ("127.0.0.1", b"[::1]:8000", True),
        ("127.0.0.1", b"localhost", True),
        ("10.0.0.7", b"127.0.0.1:8000", False),
        ("127.0.0.1", b"rebound.example.com", False),
    ],
)
def test_requests_need_a_loopback_client_and_host(client, host, ok):
    scope = {"client": (client, 4000), "headers": [(b"host", host)]}

    assert (refusal(scope) == "") is ok


def test_a_request_without_a_host_is_refused():
    assert refusal({"client": ("127.0.0.1", 1), "headers": []})


def test_is_loopback_knows_no_other_name():
    assert not is_loopback("localhost.localdomain")


def test_static_files_carry_their_digest_and_may_be_kept():
    status, headers, body = answer("/static/kehu.css", gzip_ok=True)

    assert status == 200
    assert "immutable" in dict(headers)[b"cache-control"].decode()
    assert dict(headers)[b"content-encoding"] == b"gzip"
    assert len(body) < 12_000
    assert "?v=" in address("kehu.css")


@pytest.mark.parametrize("path", ["/static/../settings.py", "/static/absent.css", "/static/"])
def test_nothing_outside_the_static_folder_is_served(path):
    assert answer(path, gzip_ok=False)[0] == 404


def test_the_guard_stands_before_everything(monkeypatch):
    import kehu.web.prepare

    monkeypatch.setattr(kehu.web.prepare, "prepare", lambda: None)
    from kehu.web.asgi import app

    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "path": "/static/kehu.css",
        "client": ("10.0.0.7", 1),
        "headers": [(b"host", b"127.0.0.1")],
    }
    asyncio.run(app(scope, None, send))

    assert sent[0]["status"] == 403
