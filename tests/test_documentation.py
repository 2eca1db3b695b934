"""What is written agrees with what is there: reference pages, links, commands."""

from __future__ import annotations

import re
import shlex
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from typer.main import get_command

from kehu.cli.main import app

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDS = get_command(app)
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CALL = re.compile(r"^(?:\$ )?(?:\S*/)?kehu (.+)$")


@pytest.mark.parametrize("name", ["tables.md", "python.md"])
def test_reference_pages_say_what_the_code_says(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")

    made = generated()[name]

    assert written == made, "run '.venv/bin/python docs/generate.py'"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))

    dead = [link for link in LINK.findall(text) if "://" not in link and not leads(page, link)]

    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_pages_show_exist(page: Path) -> None:
    shown = [line for block in FENCE.findall(page.read_text(encoding="utf-8")) for line in block.splitlines()]

    unknown = [line for line in shown if (call := CALL.match(line)) and not exists(call[1])]

    assert unknown == []


@pytest.mark.parametrize("line", ["frobnicate", "source frobnicate", "query 'SELECT 1' --frobnicate", "customer"])
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    known = exists(line)

    assert not known


@cache
def generated() -> dict[str, str]:
    path = ROOT / "docs" / "generate.py"
    spec = spec_from_file_location("kehu_docs_generate", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return {page.name: text for page, text in module.pages().items()}


def leads(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def exists(line: str) -> bool:
    """Tell whether a shown call names commands and options that exist; what a shell adds (|, >, #) is left out."""
    words = shlex.split(re.split(r"\s(?:[|>#]|2>|&&)", line)[0])
    command = COMMANDS
    options: set[str] = set()
    while True:
        options |= {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        children = getattr(command, "commands", None)
        if not children:
            break
        while words and words[0].startswith("-"):  # options before the command take a value, but for help
            known = words.pop(0)
            if known in {"-h", "--help"}:
                return True
            if known not in options or not words:
                return False
            words.pop(0)
        if not words or words[0] not in children:
            return False
        command = children[words.pop(0)]
    given = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    return given <= options | {"-h", "--help"}
