"""Commands of customers: find, show, explain, merge, unmerge, undo, review."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kehu.cli.app import As, Json, app, project
from kehu.cli.render import Steps, emit, note, table

if TYPE_CHECKING:
    from kehu.flow.identity import Decided

Later = Annotated[bool, typer.Option("--later", help="Let the next build show it, instead of building now.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for those who read it later.")]

customer = typer.Typer(help="Customers: find, show, explain, and who is who.", no_args_is_help=True)
app.add_typer(customer, name="customer")


@customer.command()
def find(
    text: Annotated[str, typer.Argument(help="Part of a name (Chinese, pinyin or English), phone or e-mail.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 20,
    as_: As = "",
    as_json: Json = False,
) -> None:
    """Find customers by name, phone or e-mail."""
    from kehu.flow.ask import find as search

    found = search(project(as_), text, limit=limit)
    if as_json:
        emit(found)
    else:
        rows = found["customers"]
        table(
            ("customer_id", "full_name", "email", "phone", "city", "revenue"),
            [
                tuple(row.get(name) for name in ("customer_id", "full_name", "email", "phone", "city", "revenue"))
                for row in rows
            ],
        )


@customer.command()
def show(customer_id: str, as_: As = "", as_json: Json = False) -> None:
    """Show one customer: the golden record with its sources, orders, touches and scores."""
    from kehu.flow.ask import customer as profile

    sheet = profile(project(as_), customer_id)
    if as_json:
        emit(sheet)
    else:
        table(("field", "value"), [(name, value) for name, value in sheet["customer"].items()])


@customer.command()
def explain(customer_id: str, as_: As = "", as_json: Json = False) -> None:
    """Explain why records were joined into this customer, and which near misses were not."""
    from kehu.flow.ask import explain as evidence

    found = evidence(project(as_), customer_id)
    if as_json:
        emit(found)
        return
    table(
        ("source", "source_key", "name", "email", "phone", "from"),
        [
            (*(row.get(name) for name in ("source", "source_key", "full_name", "email", "phone")), _place(row))
            for row in found["records"]
        ],
        title="records",
    )
    for title, links, last in (
        ("held together by", [row for row in found["links"] if row["joined"]], "merge_id"),
        ("held together once, no more", found["former"], "merge_id"),
        ("near misses", [row for row in found["links"] if not row["joined"]], "why"),
    ):
        if links:
            table(
                ("left", "right", "rule", "probability", "weights in bits", last),
                [
                    (row["left"], row["right"], row["rule"], row["probability"], _weights(row), row[last])
                    for row in links
                ],
                title=f"\n{title}",
            )
    if found["decisions"]:
        names = ("decided_at", "actor", "kind", "left_key", "right_key", "reason", "decision_id")
        table(names, [tuple(row[name] for name in names) for row in found["decisions"]], title="\ndecisions")


def _place(record: dict[str, Any]) -> str:
    return f"{record['file']}:{record['line']}" if record["file"] else ""


def _weights(link: dict[str, Any]) -> str:
    """Return the steps of a weight as a sum: ``prior -12.2, given_name +7.9 = 1.1``."""
    steps = ", ".join(f"{step['name'] or step['kind']} {step['bits']:+.1f}" for step in link["steps"])
    return f"{steps} = {link['weight']:.1f}"


@customer.command()
def merge(
    into: str, other: str, reason: Reason = "", later: Later = False, as_: As = "", as_json: Json = False
) -> None:
    """Join customer OTHER into customer INTO, which keeps its id; every later build keeps to it."""
    from kehu.flow.identity import merge as join

    _done(join(project(as_), into, other, reason=reason), later=later, as_json=as_json)


@customer.command()
def unmerge(merge_id: str, reason: Reason = "", later: Later = False, as_: As = "", as_json: Json = False) -> None:
    """Undo a joining, by the MERGE_ID that 'explain' shows: both customers come back with their own ids."""
    from kehu.flow.identity import unmerge as part

    _done(part(project(as_), merge_id, reason=reason), later=later, as_json=as_json)


@customer.command()
def undo(decision_id: str, later: Later = False, as_: As = "", as_json: Json = False) -> None:
    """Take a decision back (merge, unmerge or review): what held before it holds again."""
    from kehu.flow.identity import undo as take_back

    _done(take_back(project(as_), decision_id), later=later, as_json=as_json)


def _done(decided: Decided, *, later: bool, as_json: bool) -> None:
    """Build, so that the decision shows, and say what came of it."""
    seconds = 0.0 if later else build_now()
    if as_json:
        emit({**asdict(decided), "is_built": not later, "seconds": seconds})
        return
    when = "the next build shows it" if later else f"built in {seconds:.1f} s"
    who = ", ".join(decided.customers)
    note(f"{decided.kind}: {who}; {when}. Take it back: kehu customer undo {decided.decision_id}")


def build_now() -> float:
    """Build, so that decisions show; return the seconds it took."""
    from kehu.flow.pipeline import build

    steps = Steps()
    report = build(project(), progress=steps)
    steps.done()
    return report.seconds
