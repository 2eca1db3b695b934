"""Writes ``docs/reference/`` from the headers of the table files and the docstrings of the main modules."""
# ruff: noqa: INP001  # a script, not a package

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kehu.flow.project import TABLES
from kehu.integrate.staging import mapped_tables
from kehu.warehouse.catalog import Catalog
from kehu.warehouse.table import load_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kehu.warehouse.table import Table

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
SOURCE = ROOT / "src" / "kehu"
MADE = "<!-- Written by docs/generate.py; change the {source} and run it again. -->\n"
LAYERS = {
    "staging": "Rows of the sources, mapped and typed. Only the owner reads them.",
    "entity": "Customers, orders and what else the business speaks of.",
    "mart": "Tables for analysis, scores and pages.",
    "ledger": "Facts that are appended and never rewritten.",
}
MODULES = {
    "Start": ["__init__", "flow/project"],
    "Flow: the product's days": [
        "flow/source",
        "flow/imports",
        "flow/pipeline",
        "flow/status",
        "flow/ask",
        "flow/save",
        "flow/doctor",
        "flow/demo",
    ],
    "Jobs": [
        *("flow/jobs/orders", "flow/jobs/kinds", "flow/jobs/desk", "flow/jobs/worker", "flow/measure"),
        *("govern/jobs/job", "govern/jobs/queue", "govern/jobs/schedule", "govern/jobs/store"),
    ],
    "The door": ["govern/workspace", "govern/access"],
    "Present: what pages and exports show": [
        *("present/overview", "present/standing", "present/period", "present/freshness", "present/holding"),
        *("present/directory", "present/profile", "present/account", "present/timeline", "present/scorecard"),
        *("present/rejected", "present/export"),
    ],
    "Present: who is who": [
        *("present/identity/evidence", "present/identity/waterfall", "present/identity/provenance"),
        *("present/identity/preview", "present/identity/review", "present/identity/quality"),
    ],
    "Predict: scorers and their cards": [
        *("predict/score", "predict/scorer", "predict/card", "predict/verdict", "predict/evaluate"),
        *("predict/calibration", "predict/feature", "predict/churn", "predict/clv"),
        *("predict/bgnbd", "predict/gamma_gamma", "predict/logistic"),
    ],
    "Integrate: from rows to customers": [
        *(
            "integrate/propose",
            "integrate/mapping",
            "integrate/staging",
            "integrate/quality",
            "integrate/identity/standardize",
        ),
        *(
            "integrate/identity/match",
            "integrate/identity/splink_match",
            "integrate/identity/link",
            "integrate/identity/cluster",
            "integrate/identity/customer_ids",
        ),
        *("integrate/identity/merge", "integrate/identity/household", "integrate/identity/agreement"),
    ],
    "For plug-ins and table files": ["collect/connector", "warehouse/table", "warehouse/catalog"],
}
WIDEST = 100  # characters of a signature on one line
Function = ast.FunctionDef | ast.AsyncFunctionDef


def pages() -> dict[Path, str]:
    """Return the text of every generated page by its path."""
    return {REFERENCE / "tables.md": tables_page(), REFERENCE / "python.md": python_page()}


def tables_page() -> str:
    """Return what every built-in table holds."""
    tables = load_tables(*TABLES)
    mapped = mapped_tables([], tables, {}, region="US")
    catalog = Catalog({**tables, **{table.name: table for table in mapped}})
    lines = [MADE.format(source="header of a table file"), "# Tables", ""]
    lines += [
        f"{len(tables)} tables, each a file in `src/kehu/tables/`. `kehu show TABLE` prints the same with its SQL."
    ]
    lines += ["A column is personal when its header says so or when it is computed from a personal one.", ""]
    for layer, meaning in LAYERS.items():
        names = sorted(name for name, table in tables.items() if table.layer == layer)
        lines += [f"## {layer}", "", meaning, "", " · ".join(f"[{name}](#{name})" for name in names), ""]
        for name in names:
            lines += table_lines(tables[name], catalog.pii(name), frozenset(tables))
    return "\n".join(lines).rstrip() + "\n"


def table_lines(table: Table, personal: frozenset[str], known: frozenset[str]) -> Iterator[str]:
    """Yield one table's section."""
    yield from (f"### {table.name}", "", table.description, "")
    yield f"- Grain: {table.grain}"
    yield f"- Key: {', '.join(f'`{name}`' for name in table.key) or 'none'}"
    yield f"- Kind: {table.kind}{f'; owner: {table.owner}' if table.owner else ''}"
    depends = [f"[{name}](#{name})" if name in known else f"`{name}`" for name in sorted(table.depends)]
    yield f"- Depends on: {', '.join(depends) or 'nothing'}"
    if table.checks:
        yield f"- Checks: {', '.join(f'`{check.sql}`' for check in table.checks)}"
    yield from ("", "| column | type | unit | meaning | personal |", "|---|---|---|---|---|")
    for column in table.columns:
        cells = (f"`{column.name}`", column.type, column.unit, column.meaning, "yes" if column.name in personal else "")
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def python_page() -> str:
    """Return the public functions and classes of the main modules."""
    lines = [MADE.format(source="docstring"), "# Python", ""]
    lines += [
        "What the command line and the pages call. The docstrings say more: parameters, what is raised, examples.",
        "",
    ]
    for part, modules in MODULES.items():
        lines += [f"## {part}", ""]
        for name in modules:
            lines += module_lines(SOURCE / f"{name}.py")
    return "\n".join(lines).rstrip() + "\n"


def module_lines(path: Path) -> Iterator[str]:
    """Yield one module's section."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    dotted = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
    yield from (f"### {dotted}", "", prose(tree), "")
    for node in tree.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield from ("```python", *head(node), "```", "", prose(node), "")
            yield from methods(node)


def methods(node: ast.ClassDef | Function) -> Iterator[str]:
    """Yield the public methods and properties of a class, a line each."""
    found = [one for one in node.body if isinstance(one, Function) and not one.name.startswith("_")]
    if not isinstance(node, ast.ClassDef) or not found:
        return
    for one in found:
        name = one.name if "property" in map(code, one.decorator_list) else "".join(signature(one))
        yield f"- `{name}`: {prose(one).splitlines()[0]}"
    yield ""


def head(node: ast.ClassDef | Function) -> list[str]:
    """Return the signature of a function, or a class with its fields, as lines of code."""
    if not isinstance(node, ast.ClassDef):
        return signature(node, "def ")
    bases = f"({', '.join(map(code, node.bases))})" if node.bases else ""
    fields = [
        f"    {code(one)}"
        for one in node.body
        if isinstance(one, ast.AnnAssign) and not code(one.target).startswith("_")
    ]
    start = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    if start:
        first, *rest = signature(start, f"class {node.name}", name="")
        return [first.removesuffix(" -> None"), *(line.removesuffix(" -> None") for line in rest)]
    return [f"class {node.name}{bases}{':' if fields else ''}", *fields]


def signature(node: Function, before: str = "", *, name: str | None = None) -> list[str]:
    """Return a function's signature, one argument a line where it is long and starts with ``def``."""
    given = node.args
    if given.args and given.args[0].arg in {"self", "cls"}:
        given = ast.arguments(**{**vars(given), "args": given.args[1:]})
    back = f" -> {code(node.returns)}" if node.returns else ""
    called = node.name if name is None else name
    parts = list(arguments(given))
    short = f"{before}{called}({', '.join(parts)}){back}"
    if not before or len(short) <= WIDEST:
        return [short]
    return [f"{before}{called}(", *(f"    {one}," for one in parts), f"){back}"]


def arguments(given: ast.arguments) -> Iterator[str]:
    """Yield the arguments of a function as code."""
    named = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [*[None] * (len(named) - len(given.defaults)), *given.defaults]
    yield from map(argument, named, defaults)
    if given.vararg or given.kwonlyargs:
        yield f"*{code(given.vararg) if given.vararg else ''}"
    yield from map(argument, given.kwonlyargs, given.kw_defaults)
    if given.kwarg:
        yield f"**{code(given.kwarg)}"


def argument(one: ast.arg, default: ast.expr | None) -> str:
    """Return one argument as code."""
    return f"{code(one)} = {code(default)}" if default else code(one)


def code(node: ast.AST) -> str:
    """Return a node as code, in the double quotes of this project."""
    text = ast.unparse(node)
    return text if '"' in text else text.replace("'", '"')


def prose(node: ast.Module | ast.ClassDef | Function) -> str:
    """Return the paragraphs of a docstring before its first numpydoc section, one line each."""
    text = inspect.cleandoc(ast.get_docstring(node) or "")
    kept: list[str] = []
    for paragraph in text.split("\n\n"):
        if "\n---" in paragraph:
            break
        kept.append(" ".join(paragraph.split()).replace("``", "`"))
    return "\n\n".join(kept)


def main() -> None:
    """Write the pages; say which changed."""
    REFERENCE.mkdir(exist_ok=True)
    for path, text in pages().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
