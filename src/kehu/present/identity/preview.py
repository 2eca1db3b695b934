"""What a merge of two customers would give, before anybody makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from kehu.base.errors import QueryError
from kehu.warehouse.sql import parse

if TYPE_CHECKING:
    from decimal import Decimal

    from kehu.govern.workspace import Workspace

MERGED = ""  # stands for the customer that both would be; no customer has this id
RULE = "customer_value"
# The records of both, once as they are and once as one customer.
JOINED = """
WITH joined_record AS (
  SELECT source, source_key, customer_id FROM customer_xref WHERE customer_id IN (?, ?)
  UNION ALL SELECT source, source_key, '' AS customer_id FROM customer_xref WHERE customer_id IN (?, ?)
), current_rule AS ({rules})
SELECT 1
"""
MOVING = {  # what hangs on a customer, and its money
    "orders": ("amount", "currency"),
    "order_line": ("amount", "currency"),
    "interaction": (),
    "survey_response": (),
    "contact_response": (),
    "consent": (),
}
RECORDS = """
SELECT x.customer_id, r.source, r.source_key, r.full_name, r.email, r.phone, r.birth_on, r.city, r.is_reference
FROM customer_xref AS x JOIN customer_record AS r USING (source, source_key) WHERE x.customer_id IN (?, ?)
ORDER BY x.customer_id, r.is_reference, r.source, r.source_key
"""


@dataclass(frozen=True)
class Field:
    """One field of the golden record before and after.

    Attributes
    ----------
    field : str
        Its name.
    into, other : str or None
        Value of the customer that stays, and of the one that would be merged into it.
    value : str
        Value of both as one customer.
    wins : str
        ``both`` when they say the same, else ``into`` or ``other``, whose record has the value.
    reason : str
        Why, as in ``customer_value``.
    source, source_key : str
        The record it comes from.
    """

    field: str
    into: str | None
    other: str | None
    value: str
    wins: str
    reason: str
    source: str
    source_key: str


@dataclass(frozen=True)
class Moving:
    """Rows of one table: of the customer that stays, and of the other, which would become its own.

    Money is by currency; ``currency`` is empty and the amounts are None where there is none.
    """

    table: str
    currency: str
    into_rows: int
    other_rows: int
    into_amount: Decimal | None
    other_amount: Decimal | None


@dataclass(frozen=True)
class Preview:
    """What a merge would give.

    Attributes
    ----------
    into, other : str
        The customer that stays, and the one that would be merged into it.
    fields : tuple of Field
        Every field that either has a value for, by name.
    moving : tuple of Moving
        What hangs on them; ``other_rows`` is what moves.
    records : list of dict
        Records of both, each with its customer.
    """

    into: str
    other: str
    fields: tuple[Field, ...]
    moving: tuple[Moving, ...]
    records: list[dict[str, Any]]


def merge_preview(workspace: Workspace, into: str, other: str) -> Preview:
    """Return what merging ``other`` into ``into`` would give, field by field; three queries, nothing is written.

    The values come from the SELECT of ``customer_value`` itself, run over the records of both as if they were one
    customer's, under the project's survivorship as it is now.

    Raises
    ------
    QueryError
        When there is no such customer, or both are the same.
    AccessError
        When the actor may not see the records of the sources.
    """
    if into == other:
        raise QueryError(f"{into!r} cannot be merged into itself", fix="Name two customers")
    subject = f"customers:{into},{other}"
    records = workspace.read(RECORDS, (into, other), subject=subject).dicts()
    for wanted in (into, other):
        if not any(row["customer_id"] == wanted for row in records):
            raise QueryError(f"there is no customer {wanted!r}", fix="Look for one with 'kehu customer find TEXT'")
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in workspace.read(survivors(workspace), (into, other, into, other), subject=subject).dicts():
        found.setdefault(row["field"], {})[row["customer_id"]] = row
    fields = tuple(_field(found[name], into, other) for name in sorted(found))
    return Preview(into, other, fields, _moving(workspace, into, other), records)


def survivors(workspace: Workspace) -> str:
    """Return the SELECT of ``customer_value`` over two customers (four ``?``: both, twice) and over both as one."""
    table = workspace.catalog.table(RULE) if workspace.catalog else None
    if table is None or not table.sql:
        raise QueryError(f"{RULE} of this project is no SQL", fix="Preview needs the SELECT that chooses the values")
    tree = parse(table.sql).copy()
    for name, stand_in in (("customer_xref", "joined_record"), ("survivorship_rule", "current_rule")):
        for read in [node for node in tree.find_all(exp.Table) if node.name == name]:
            alias = read.alias_or_name
            read.replace(exp.alias_(exp.to_table(stand_in), alias, table=True))
    before = parse(JOINED.format(rules=workspace.settings.survivorship.sql())).copy()
    held = before.args["with_"]
    held.set("expressions", [*held.expressions, *tree.ctes])
    tree.set("with_", held)
    return tree.sql("duckdb")


def _field(found: dict[str, dict[str, Any]], into: str, other: str) -> Field:
    one, two, both = (found.get(customer, {}) for customer in (into, other, MERGED))
    left, right = one.get("value"), two.get("value")
    same = left is not None and right is not None and left.lower() == right.lower()
    own = (both["source"], both["source_key"]) == (one.get("source"), one.get("source_key"))
    wins = "both" if same else "into" if own or both["value"] == left else "other"
    names = ("field", "value", "reason", "source", "source_key")
    return Field(**{name: both[name] for name in names}, into=left, other=right, wins=wins)


def _moving(workspace: Workspace, into: str, other: str) -> tuple[Moving, ...]:
    there, parts = workspace.tables(), []
    for table, money in MOVING.items():
        columns = {column for column, _ in there.get(table, ())}
        if "customer_id" not in columns:
            continue
        is_money = set(money) <= columns and bool(money)
        amount, currency = money if is_money else ("NULL::DECIMAL(18, 2)", "NULL")
        parts.append(
            f"SELECT '{table}' AS name, coalesce({currency}, '') AS currency, customer_id = ? AS is_into,"
            f" count(*) AS rows, sum({amount}) AS amount FROM {table} WHERE customer_id IN (?, ?) GROUP BY ALL"
        )
    if not parts:
        return ()
    params = tuple(customer for _ in parts for customer in (into, into, other))
    rows = workspace.read(f"{' UNION ALL '.join(parts)} ORDER BY ALL", params, subject=f"customers:{into},{other}")
    found: dict[tuple[str, str], dict[bool, dict[str, Any]]] = {}
    for row in rows.dicts():
        found.setdefault((row["name"], row["currency"]), {})[row["is_into"]] = row
    nothing: dict[str, Any] = {"rows": 0, "amount": None}
    return tuple(
        Moving(name, currency, one["rows"], two["rows"], one["amount"], two["amount"])
        for (name, currency), sides in found.items()
        for one, two in [(sides.get(True, nothing), sides.get(False, nothing))]
    )
