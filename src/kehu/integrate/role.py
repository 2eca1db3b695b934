"""Which entity a stream feeds, and with which columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kehu.integrate.customer_role import PERSON, complete, doubt
from kehu.integrate.header import meaning, normal
from kehu.integrate.likeness import ColumnLook, likeness, name_likeness
from kehu.integrate.mapping import Field, field_columns
from kehu.integrate.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.warehouse.table import Table

LEAST_PEOPLE = 4  # columns of who customers are that make a list of them
ENOUGH = 0.5  # a name that shares only one of three words fits less
REFERENCE = ("customer_key", "loyalty_card", "email", "phone")
PRICES = ("unit price", "price", "price each", "单价", "售价", "价格")
LINE_PRICE = "lineitem price"  # beside it, totals are the order's
ORDERS = ("order", "orders", "invoices", "订单", "发票")
NUMBERED = ("name", "id")  # columns that number the orders in a file of orders without a better one
STAFF = (
    "employee",
    "employees",
    "staff",
    "seller",
    "sellers",
    "supplier",
    "suppliers",
    "vendor",
    "vendors",
    "员工",
    "供应商",
)
DISCOUNTS = ("disc", "discount", "rebate", "优惠")
KINDS = {
    "contact_response": (
        ("redempt", "redeemed"), ("核销", "redeemed"), ("click", "clicked"), ("open", "opened"), ("", "addressed"),
    ),
    "interaction": (
        ("call", "call"), ("chat", "chat"), ("visit", "visit"), ("mail", "mail"), ("通话", "call"), ("", "ticket"),
    ),
}  # fmt: skip
# one of each group must be mapped; an entity whose names stand after "not" must not
NEEDS: dict[str, tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]] = {
    "customer_record": ((PERSON,), ("order_key",)),
    "order_line": ((("order_key",), ("product_key",), ("amount", "quantity")), ()),
    "orders": ((("order_key",), ("ordered_at",)), ("product_key",)),
    "product": ((("product_key",), ("name", "brand", "category", "department")), ("order_key", "customer_key")),
    "store": ((("store_key",), ("name", "city", "region", "opened_on")), ("order_key", "product_key", "customer_key")),
    "inventory": ((("product_key",), ("quantity",)), ("order_key", "price", "customer_key")),
    "price": ((("product_key",), ("price",)), ("order_key", "customer_key", "quantity")),
    "interaction": ((("started_at",), REFERENCE, ("kind", "text", "subject")), ("product_key", "order_key")),
    "survey_response": ((("score",), ("answered_at",)), ("product_key", "campaign_key")),
    "campaign": ((("campaign_key",), ("name", "kind", "started_on")), REFERENCE),
    "contact_response": ((("campaign_key",), REFERENCE), ()),
}  # fmt: skip


class StreamLook(Protocol):
    """What proposing needs to know of a stream; ``kehu.collect`` gives it by looking."""

    name: str
    connector: str
    file: str
    sheet: str
    table: str
    encoding: str
    delimiter: str
    columns: tuple[ColumnLook, ...]
    rows: int
    sample: list[dict[str, object]]


@dataclass(frozen=True)
class Role:
    """A stream read as one entity.

    Attributes
    ----------
    entity : str
        The entity.
    fields : dict of Field
        Its fields by name.
    score : float
        How well the stream fits; comparable between the entities of one stream.
    lacks : str
        Why the stream cannot feed the entity; empty when it can.
    """

    entity: str
    fields: dict[str, Field]
    score: float
    lacks: str = ""


def roles(look: StreamLook, entities: dict[str, Table]) -> list[Role]:
    """Return the stream read as every entity, the best first; those that lack something last."""
    found = [role(look, entity, table, entities) for entity, table in entities.items() if entity in NEEDS]
    return sorted(found, key=lambda r: (bool(r.lacks), -r.score, r.entity))


def role(look: StreamLook, entity: str, table: Table, entities: dict[str, Table]) -> Role:
    """Return the stream read as one entity."""
    fields = assign(look.columns, table)
    if entity in ("order_line", "orders") and _word_of(look, ORDERS):
        _order_key(fields, look.columns)
    if entity == "order_line":
        _amount(fields, look.columns)
    _discount(fields, look.columns, table)
    word = _word(look, entity)
    needed, forbidden = NEEDS[entity]
    if entity == "customer_record":
        complete(fields, look.columns, look.sample, table)
    missing = [" or ".join(group) for group in needed if not any(name in fields for name in group)]
    lacks = f"no column for {', '.join(missing)}" if missing else ""
    is_named = entity == "customer_record" and word >= 0.8 and "source_key" in fields and len(fields) > 1
    lacks = "" if is_named else lacks or _doubt(look, entity, fields, entities)
    if _word_of(look, STAFF):
        lacks = lacks or "these are people or partners of the company, not its customers"
    for name in forbidden:
        taken = name in fields or _has(look, name, entities)
        if not lacks and taken and word < 1 and not is_named:
            lacks = f"it has {name}, so its rows are something else"
    _constants(fields, look, entity)
    fields = {c.name: fields[c.name] for c in field_columns(table) if c.name in fields}
    used = sum(len(field.columns) for field in fields.values()) / max(1, len(look.columns))
    strength = sum(1 for c in field_columns(table) if c.required and c.name in fields)
    return Role(entity, fields, 1.5 * word + used + 0.15 * strength + 0.02 * len(fields), lacks)


def assign(columns: Sequence[ColumnLook], table: Table) -> dict[str, Field]:
    """Return the best column of every field, each column taken once."""
    pairs = [
        (likeness(column, field), -place, field.name, column)
        for place, column in enumerate(columns)
        for field in field_columns(table)
        if field.names
    ]
    pairs.sort(key=lambda pair: (-pair[0], -pair[1]))
    transforms = {field.name: field.transform for field in field_columns(table)}
    fields: dict[str, Field] = {}
    taken: set[str] = set()
    for score, _, name, column in pairs:
        if score < ENOUGH or column.name in taken or name in fields:
            continue
        if name == "source_key" and column.distinct_share < 0.9 and column.samples:
            continue
        if name == "full_name" and score < 0.8 and column.distinct_share < 0.1:  # a program's or a region's name
            continue
        fields[name] = Field(name, (column.name,), transforms[name])
        taken.add(column.name)
    return fields


def _has(look: StreamLook, name: str, entities: dict[str, Table]) -> bool:
    """Tell whether the stream has a column for a field that another entity knows."""
    for table in entities.values():
        column = table.column(name)
        if column and column.names and any(name_likeness(c.name, column.names) > 0.9 for c in look.columns):
            return True
    return False


def _doubt(look: StreamLook, entity: str, fields: dict[str, Field], entities: dict[str, Table]) -> str:
    """Return why columns alone do not make a stream the entity, where neither its name says so."""
    if _word(look, entity):
        return ""
    if entity == "customer_record":
        return "its name says that it holds orders" if _word_of(look, ORDERS) else doubt(fields, look.columns)
    if entity == "interaction" and "kind" not in fields:
        return "no column for kind, and its name does not say that it holds calls, chats or tickets"
    if entity == "survey_response" and "customer_record" in entities:
        of_people = assign(look.columns, entities["customer_record"])
        if sum(name in of_people for name in PERSON) >= LEAST_PEOPLE:
            return "its columns tell of customers, and its name does not say that it holds answers"
    return ""


def _word(look: StreamLook, entity: str) -> float:
    return _word_of(look, WORDS[entity])


def _word_of(look: StreamLook, words: tuple[str, ...]) -> float:
    file = "" if look.sheet or look.table else look.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    said = [look.name, look.table, look.sheet, file]
    names = [meaning(name) for name in said if name]
    known = {normal(word) for word in words}
    if any(name in known for name in names):
        return 1.0
    return (
        0.9
        if any(part in known for name in names for part in name.split())
        else max((0.8 for name in names for word in known if not word.isascii() and word in name), default=0.0)
    )


def _order_key(fields: dict[str, Field], columns: Sequence[ColumnLook]) -> None:
    """Take a column "Name" that holds numbers, such as #1001, or else "Id" for the order's."""
    for name in NUMBERED if "order_key" not in fields else ():
        column = next((c for c in columns if meaning(c.name) == name), None)
        if column and all(any(sign.isdigit() for sign in sample) for sample in column.samples):
            fields["order_key"] = Field("order_key", (column.name,), "key")
            return


def _amount(fields: dict[str, Field], columns: Sequence[ColumnLook]) -> None:
    """Multiply quantity and unit price where the stream has no amount of the line."""
    amount, quantity = fields.get("amount"), fields.get("quantity")
    price = next((c.name for c in columns if meaning(c.name) == LINE_PRICE), None)
    if quantity is None or (amount and not price and meaning(amount.columns[0]) not in PRICES):
        return
    price = price or next((c.name for c in columns if meaning(c.name) in PRICES), None)
    if price:
        fields["amount"] = Field("amount", (quantity.columns[0], price), "product")


def _discount(fields: dict[str, Field], columns: Sequence[ColumnLook], table: Table) -> None:
    if table.column("discount") is None:
        return
    several = tuple(
        c.name for c in columns if any(w in meaning(c.name).split() or (w == "优惠" and w in c.name) for w in DISCOUNTS)
    )
    if len(several) > 1:
        fields["discount"] = Field("discount", several, "sum")


def _constants(fields: dict[str, Field], look: StreamLook, entity: str) -> None:
    said = f"{look.name} {look.file} {look.table} {look.sheet}".lower()
    if entity in KINDS and "kind" not in fields:
        kind = next(kind for word, kind in KINDS[entity] if word in said)
        fields["kind"] = Field("kind", (), "lower", kind)
    if entity == "survey_response" and "survey" not in fields:
        columns = " ".join(c.name.lower() for c in look.columns)
        survey = "nps" if "nps" in said + columns else "csat"
        fields["survey"] = Field("survey", (), "lower", survey)
