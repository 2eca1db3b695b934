"""What the log tells of a request: its number, its place, never its words."""

from __future__ import annotations

import json
import logging

from asking import asked

CANARY = "canary.person@example.com"


def test_a_request_is_told_with_its_number(door, told):
    _, headers, _ = asked(f"/static/{CANARY}", query=CANARY.encode())

    event = json.loads(told[-1])
    assert event["request"] == headers[b"x-request-id"].decode()
    assert event.keys() == {"time", "level", "event", "request", "method", "path", "status", "ms"}
    assert (event["path"], event["status"]) == ("/static/", 404)


def test_an_error_is_told_by_its_place_and_kind_alone(client_of, told, monkeypatch):
    from kehu.web.customers import views

    monkeypatch.setattr(views, "profile", lambda *_, **__: 1 / 0 or CANARY)
    client = client_of("owner")
    client.raise_request_exception = False

    answer = client.get("/customers/C00003/")

    lines = [json.loads(line) for line in told]
    assert answer.status_code == 500
    assert "ZeroDivisionError" in {line.get("error") for line in lines}
    assert any("test_watch.py" in frame for line in lines for frame in line.get("frames", ()))
    assert "C00003" not in "".join(told)


def test_library_words_are_left_out(told):
    logging.getLogger("django.request").warning("Not Found: %s", CANARY)
    said = f"failed for {CANARY}"
    logging.getLogger("django").error(said)

    assert [json.loads(line)["event"] for line in told] == ["django.request", "django"]
    assert CANARY not in "".join(told)
