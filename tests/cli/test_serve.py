from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import KehuError
from kehu.cli import serve

if TYPE_CHECKING:
    from pathlib import Path


def test_a_busy_port_gives_the_next_free_one() -> None:
    with socket.socket() as busy:
        busy.bind((serve.HOST, 0))
        busy.listen()
        taken = busy.getsockname()[1]

        assert serve.free_port(taken) > taken


def test_no_port_left_is_an_error() -> None:
    with pytest.raises(KehuError, match="--port"):
        serve.free_port(65536)


def test_the_address_and_the_logins_are_told_on_standard_error(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "data" / "logins.txt").write_text("owner olivia / secret\n", encoding="utf-8")
    started: list[list[str]] = []
    monkeypatch.setattr(serve, "supervise", lambda *commands: started.extend(commands))

    with pytest.raises(SystemExit):
        serve.serve_project(shop, 8000)

    shown = capsys.readouterr()
    assert shown.out == ""
    assert "http://127.0.0.1:" in shown.err
    assert "olivia / secret" in shown.err
    assert started[0][-1] == "kehu.web.asgi:app"
    assert started[1][-2:] == ["job", "work"]
