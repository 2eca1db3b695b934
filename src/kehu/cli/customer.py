"""Commands of customers: find, show, explain."""

from __future__ import annotations

from typing import Annotated

import typer

from kehu.cli.app import As, Json, app, project
from kehu.cli.render import emit, table

customer = typer.Typer(help="Customers: find, show, explain.", no_args_is_help=True)
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
        ("source", "source_key", "name", "email", "phone"),
        [
            tuple(row.get(name) for name in ("source", "source_key", "full_name", "email", "phone"))
            for row in found["records"]
        ],
        title="records",
    )
    table(
        ("left", "right", "rule", "probability", "joined"),
        [(row["left"], row["right"], row["rule"], row["probability"], row["joined"]) for row in found["links"]],
        title="\nevidence",
    )
