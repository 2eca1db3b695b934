"""One stream as one entity: the SELECT that types its current raw rows and finds their faults."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.integrate.mapping import field_columns
from kehu.integrate.quality import faults, field_rules, soft, typed_name
from kehu.integrate.transform import clean, clean_name, literal, present, quoted, text_name, typed

if TYPE_CHECKING:
    from kehu.integrate.mapping import Feed, Field, MappedStream
    from kehu.warehouse.table import Column, Table

CURRENT = "_batch_id IN (SELECT batch_id FROM import_batch WHERE replaced_by IS NULL AND reverted_at IS NULL)"
WORD = re.compile(r'"((?:[^"]|"")+)"|(\w+)')
ROW_ID = "_batch_id || '-' || _line"  # of a raw row: told, not stored, since no two are alike
MADE = ("raw_", "mapped_", "again_", "stg_")
FINGERPRINT = 16  # characters of a key made of a row's content; of equal rows later ones get a number: ...-2
MADE_KEYS = ("line_key", "response_key", "interaction_key")  # made from file and line where a row has none
COMBINED = ("join", "product", "sum")  # transforms that read all columns of a field; others the first that is filled
FACTOR = "DECIMAL(18,4)"  # quantity with 3 decimals, unit prices with 4


@dataclass(frozen=True)
class FeedRows:
    """A feed with the landed raw table it reads.

    Attributes
    ----------
    source : str
        The source's name.
    stream, feed
        Their mapping.
    table : str
        The raw table.
    raw : dict
        Type of each of its columns.
    region : str
        For phone numbers without a country code.
    feeders : frozenset of str
        Entities that the whole source feeds.
    """

    source: str
    stream: MappedStream
    feed: Feed
    table: str
    raw: dict[str, str]
    region: str
    feeders: frozenset[str] = frozenset()

    def feeds_too(self, entity: str) -> bool:
        """Tell whether a stream of the same source feeds this entity."""
        return entity in self.feeders


def feed_select(table: Table, rows: FeedRows, inherited: frozenset[str], *, within: str = "") -> str:
    """Return the SELECT of one stream as one entity: place, fields, ``_landed_at``, ``_faults``.

    ``within`` is a condition on raw rows; it keeps the typing of all others from running at all.
    """
    columns = list(field_columns(table))
    fields = rows.feed.fields
    place = [f"{ROW_ID} AS _row_id", "_file", "_line", "_batch_id", "_landed_at"]
    typing = [
        f"{_expression(c, fields.get(c.name), rows)} AS {typed_name(c.name)}" for c in columns if c.name != "attributes"
    ]
    shown = [f"{literal(rows.source)} AS _source", f"{literal(rows.stream.name)} AS _stream"]
    shown += ["_row_id", "_file", "_line", "_batch_id"]
    shown += [f"{_shown(c, rows, columns)} AS {quoted(c.name)}" for c in columns]
    hard = [c for c in columns if c.required or table.entity != "customer_record"]
    rules = [
        rule for c in hard if c.name != "attributes"
        for rule in field_rules(c, fields.get(c.name), rows.raw, is_inherited=c.name in inherited)
    ]  # fmt: skip
    only = [_condition(rows, column, values, negated=no) for column, values, no in _only(rows.feed)]
    where = " AND ".join([CURRENT, *only, *([within] if within else [])])
    layers = f"SELECT {', '.join([*place, *_texts(rows)])} FROM {quoted(rows.table)} WHERE {where}"
    if cleaned := _cleaned(rows):
        layers = f"SELECT *, {', '.join(cleaned)} FROM ({layers}) AS x"
    layers = f"SELECT *, {', '.join(typing)} FROM ({layers}) AS y"
    return f"SELECT {', '.join(shown)}, _landed_at, {faults(rules)} AS _faults FROM ({layers}) AS z"


def reads(sql: str) -> tuple[str, ...]:
    """Return the tables that SQL made here reads; to parse it would take longer than many a build."""
    words = {held or plain for held, plain in WORD.findall(sql)}
    return tuple(sorted(word for word in words if word.startswith(MADE) or word == "import_batch"))


def _texts(rows: FeedRows) -> list[str]:
    """Return every raw column as it came and as trimmed text; the optimizer drops what nobody reads."""
    names = [name for name in rows.raw if not name.startswith("_")]
    country = rows.feed.fields["country"].columns if "country" in rows.feed.fields else ()
    texts = [f"{present(n, rows.raw[n], is_country=n in country)} AS {text_name(n)}" for n in names]
    return [quoted(name) for name in names] + texts


def _cleaned(rows: FeedRows) -> list[str]:
    wanted = {
        (name, field.transform)
        for field in rows.feed.fields.values()
        for name in field.columns
        if field.transform in ("email", "phone") and name in rows.raw
    }
    return [f"{clean(name, transform)} AS {clean_name(name, transform)}" for name, transform in sorted(wanted)]


def matches(rows: FeedRows) -> str:
    """Return the condition under which a raw row belongs to the feed; empty when every row does."""
    return " AND ".join(_condition(rows, column, values, negated=no) for column, values, no in _only(rows.feed))


def _only(feed: Feed) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(only.column, only.values, only.is_negated) for only in feed.only]


def _condition(rows: FeedRows, column: str, values: tuple[str, ...], *, negated: bool) -> str:
    words = ", ".join(literal(value.lower()) for value in values)
    said = f"LOWER(COALESCE({present(column, rows.raw[column])}, ''))"
    return f"{said} NOT IN ({words})" if negated else f"{said} IN ({words})"


def _expression(column: Column, field: Field | None, rows: FeedRows) -> str:
    if field is None:
        return f"CAST(NULL AS {column.type})"
    options = {"region": rows.region, **field.options}
    columns = [name for name in field.columns if name in rows.raw]
    if field.transform == "join" and column.type == "DATE":  # year, month and day
        day = " || '-' || ".join(text_name(name) for name in columns)
        value = f"TRY_CAST({day} AS DATE)"
    elif field.transform == "join":
        values = ", ".join(text_name(name) for name in columns)
        value = f"NULLIF(CONCAT_WS(' ', {values}), '')"
    elif field.transform == "product":
        factors = (typed(name, rows.raw[name], "number", FACTOR, options) for name in columns)
        value = f"TRY_CAST({' * '.join(factors)} AS {column.type})"
    elif field.transform == "sum":
        parts = (f"COALESCE({typed(name, rows.raw[name], 'number', column.type, options)}, 0)" for name in columns)
        value = f"TRY_CAST({' + '.join(parts)} AS {column.type})"
    else:
        read = [typed(name, rows.raw[name], field.transform, column.type, options) for name in columns]
        value = read[0] if len(read) == 1 else f"COALESCE({', '.join(read)})" if read else ""
    if field.value is not None:
        constant = f"CAST({literal(field.value)} AS {column.type})"
        value = f"COALESCE({value}, {constant})" if value else constant
    return value


def _shown(column: Column, rows: FeedRows, columns: list[Column]) -> str:
    value = typed_name(column.name)
    if column.name == "attributes":
        return _attributes(rows, columns)
    if column.name in MADE_KEYS:
        return f"COALESCE({value}, _file || ':' || _line)"
    if column.name == "source_key":
        return f"COALESCE({value}, {_fingerprint(rows)})"
    return soft(column, rows.feed.fields.get(column.name)) if any(c.name == "attributes" for c in columns) else value


def _fingerprint(rows: FeedRows) -> str:
    """Return a key made of the row's own values: the same after every landing, wherever the row moved."""
    names = sorted({name for field in rows.feed.fields.values() for name in field.columns if name in rows.raw})
    texts = ", ".join(text_name(name) for name in names)
    hashed = f"SUBSTRING(MD5(CONCAT_WS('|', {texts or '_file, _line'})), 1, {FINGERPRINT})"
    parts = f"{typed_name('source_key')} IS NULL, {hashed}"
    nth = f"ROW_NUMBER() OVER (PARTITION BY {parts} ORDER BY _landed_at, _file, _line)"
    return f"{hashed} || CASE WHEN {nth} > 1 THEN '-' || {nth} ELSE '' END"


def _attributes(rows: FeedRows, columns: list[Column]) -> str:
    """Return the JSON of every raw column that no field takes, and of values that their field could not read.

    A column that only stands in where a field's first is empty is kept, too: the first may not be.
    """
    fields = rows.feed.fields.values()
    taken = {name for field in fields for name in field.columns[: None if field.transform in COMBINED else 1]}
    pairs = [
        f"{literal(name)}, {text_name(name)}" for name in rows.raw if name not in taken and not name.startswith("_")
    ]
    for column in columns:
        field = rows.feed.fields.get(column.name)
        if field is None or column.type == "VARCHAR" or column.name == "attributes":
            continue
        for name in field.columns:
            if name in rows.raw:
                unread = f"CASE WHEN {soft(column, field)} IS NULL THEN {text_name(name)} END"
                pairs.append(f"{literal(name)}, {unread}")
    return f"JSON_MERGE_PATCH('{{}}', JSON_OBJECT({', '.join(pairs)}))" if pairs else "CAST(NULL AS JSON)"
