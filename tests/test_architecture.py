"""The frame that keeps the tree as it is drawn: sizes, imports, documentation of what people build on."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src" / "kehu").rglob("*.py"))
LONGER_THAN_300: set[str] = set()  # may only shrink
BANNED_NAMES = {
    "utils",
    "util",
    "common",
    "helpers",
    "helper",
    "core",
    "misc",
    "manager",
    "managers",
    "services",
    "base_class",
}


def test_no_file_is_longer_than_300_lines() -> None:
    long = {str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text(encoding="utf-8").splitlines()) > 300}

    assert long == LONGER_THAN_300


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}" for path in SOURCES for node in functions(path) if body_lines(node) > 40
    ]

    assert long == []


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]


def body_lines(node: ast.FunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_module_names_say_what_is_in_them() -> None:
    vague = [str(path.relative_to(ROOT)) for path in SOURCES if BANNED_NAMES & {path.stem, path.parent.name}]

    assert vague == []


@pytest.mark.parametrize("statement", ["import kehu", "import kehu.cli.main"])
def test_importing_kehu_loads_nothing_heavy(statement: str) -> None:
    heavy = "duckdb pandas pyarrow numpy scipy splink lightgbm django sqlglot openpyxl chardet rich.console"
    code = f"{statement}; import sys; print([name for name in {heavy.split()!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_every_plug_in_group_is_documented() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    text = (ROOT / "docs" / "plug-ins.md").read_text(encoding="utf-8")

    assert [group for group in groups if group not in text] == []


def test_every_command_is_documented() -> None:
    from typer.main import get_command

    from kehu.cli.main import app

    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    names = [f"kehu {' '.join(path)}" for path in leaves(get_command(app))]

    assert [name for name in names if name not in text] == []


def leaves(command: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    children = getattr(command, "commands", {})
    return [leaf for name, child in children.items() for leaf in leaves(child, (*path, name))] if children else [path]


def test_every_setting_is_documented() -> None:
    from dataclasses import fields

    from kehu.base.settings import Settings

    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert [field.name for field in fields(Settings) if f"`{field.name}`" not in text and field.name != "folder"] == []


def test_every_table_says_what_its_columns_mean() -> None:
    from kehu.flow.project import TABLES
    from kehu.warehouse.table import load_tables

    silent = [
        f"{table.name}.{column.name}"
        for table in load_tables(*TABLES).values()
        for column in table.columns
        if not column.meaning
    ]

    assert silent == []
