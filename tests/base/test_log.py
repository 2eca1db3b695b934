from __future__ import annotations

import json
import logging
import sys

import pytest

from kehu.base.log import JsonLines, Lines, set_up

SECRET = "ann.lee@example.com"


def record(name: str, text: str, *given: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, __file__, 1, text, given, None)
    made.__dict__.update(extra)
    return made


def raised() -> logging.LogRecord:
    made = record("kehu.job", "job broke off", job=3)
    try:
        int(SECRET)
    except ValueError:
        made.exc_info = sys.exc_info()
    return made


def test_an_event_of_our_own_has_its_fields() -> None:
    line = JsonLines().format(record("kehu.job", "job ended", job=3, kind="build", ms=12, state=""))

    said = json.loads(line)
    assert said.pop("time").endswith("Z")
    assert said == {"level": "warning", "event": "job ended", "job": 3, "kind": "build", "ms": 12}


def test_fields_that_nobody_named_safe_are_left_out() -> None:
    line = JsonLines().format(record("kehu.web", "request", email=SECRET, sql=SECRET, path="/customers/"))

    assert SECRET not in line
    assert json.loads(line)["path"] == "/customers/"


@pytest.mark.parametrize("form", [JsonLines(), Lines()], ids=["json", "text"])
@pytest.mark.parametrize(
    "made", [record("django.request", "Not Found: %s", SECRET), record("library", SECRET), raised()],
    ids=["argument", "message", "exception"],
)  # fmt: skip
def test_no_form_writes_what_others_said(form: logging.Formatter, made: logging.LogRecord) -> None:
    assert SECRET not in form.format(made)


@pytest.mark.parametrize("form", [JsonLines(), Lines()], ids=["json", "text"])
def test_an_error_is_written_as_its_kind_and_places(form: logging.Formatter) -> None:
    text = form.format(raised())

    assert "test_log.py" in text
    assert "job broke off" in text


def test_a_json_event_is_one_line() -> None:
    assert "\n" not in JsonLines().format(raised())


@pytest.mark.parametrize(("form", "told"), [("", ["loud"]), ("text", ["quiet", "loud"]), ("json", ["quiet", "loud"])])
def test_the_form_says_how_much_is_written(capsys: pytest.CaptureFixture[str], form: str, told: list[str]) -> None:
    set_up(form)
    log = logging.getLogger("kehu.test")

    log.info("quiet")
    log.warning("loud")

    lines = capsys.readouterr().err.splitlines()
    set_up("")
    assert [word for line in lines for word in ("quiet", "loud") if word in line] == told
