"""The mapped rows of every entity as scratch tables whose SQL is generated from the mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kehu.base.errors import MappingError, did_you_mean
from kehu.integrate.feed import FeedRows, feed_select, reads
from kehu.integrate.mapping import entity_tables, field_columns
from kehu.integrate.quality import FAULTS, Rule, faults
from kehu.integrate.reject import reject_tables
from kehu.integrate.restage import has_own_keys, raw_tally, restaged
from kehu.integrate.transform import literal, quoted
from kehu.warehouse.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Mapping as Dictionary

    from kehu.integrate.mapping import Mapping

PLACE = ("_source", "_stream", "_row_id", "_file", "_line", "_batch_id")
PLACE_TYPES = {name: "BIGINT" if name == "_line" else "VARCHAR" for name in PLACE}
AGAIN = ("_source", "_stream", "_row_id", "_key", "_first")
INHERITED = {("order_line", "ordered_at"): "orders"}  # a line's day is its order's where an order header says it


@dataclass(frozen=True)
class _Entity:
    table: Table
    rows: tuple[FeedRows, ...]
    active: frozenset[str]  # entities that any landed stream feeds


def mapped_tables(
    mappings: Sequence[Mapping],
    tables: Dictionary[str, Table],
    raw: Dictionary[str, Iterable[tuple[str, str]]],
    *,
    region: str = "US",
) -> list[Table]:
    """Return the tables of a build that follow from the mappings.

    Parameters
    ----------
    mappings : sequence of Mapping
        Every source of the workspace.
    tables : dict
        All tables by name; staging headers with an ``entity`` say which fields there are.
    raw : dict
        Landed raw tables by name (``raw_<source>_<stream>``) with their columns and types; a stream that has
        not landed counts as not mapped.
    region : str
        ISO 3166 code that reads phone numbers without a country code (``Settings.region``).

    Returns
    -------
    list of Table
        ``mapped_<entity>``: one row per current raw row and entity: where it stands (``_source`` ... ``_batch_id``),
        the entity's fields typed, ``_faults`` (NULL where the row is good). Empty where nothing feeds the entity.
        ``again_<entity>``: the good rows whose key another good row had before, where keys can meet twice.
        ``stg_reject_<entity>``, ``mapped_reject``: the faulty ones with their whole raw row. ``stg_raw_tally``: rows
        per batch. And the staging tables themselves, told how they follow what lands (see `restage`).

    Raises
    ------
    MappingError
        When a mapping names a column that the landed stream lacks, with the nearest name.
    """
    entities = entity_tables(dict(tables))
    columns = {name: dict(described) for name, described in raw.items()}
    rows = [row for mapping in mappings for row in _feeds(mapping, columns, region)]
    active = frozenset(row.feed.entity for row in rows)
    mapped = []
    for entity, table in sorted(entities.items()):
        described = _Entity(table, tuple(row for row in rows if row.feed.entity == entity), active)
        mapped += [*_again(described), _mapped(described)]
    return [*mapped, *restaged(dict(tables), rows, reject_tables(rows)), raw_tally(mappings, columns)]


def _feeds(mapping: Mapping, raw: dict[str, dict[str, str]], region: str) -> list[FeedRows]:
    feeds = []
    feeders = frozenset(f.entity for s in mapping.streams if f"raw_{mapping.name}_{s.name}" in raw for f in s.feeds)
    for stream in mapping.streams:
        table = f"raw_{mapping.name}_{stream.name}"
        if table not in raw:
            continue
        for feed in stream.feeds:
            where = f"{mapping.where}, stream {stream.name}, entity {feed.entity}"
            wanted = [(f.columns, f"field {f.name}") for f in feed.fields.values() if f.columns]
            wanted += [((only.column,), "where") for only in feed.only]
            for columns, place in wanted:
                if not any(column in raw[table] for column in columns):
                    said = did_you_mean(columns[0], raw[table])
                    fix = said or f"Its columns: {', '.join(c for c in raw[table] if not c.startswith('_'))}"
                    raise MappingError(f"the stream has no column {columns[0]!r}", where=f"{where}, {place}", fix=fix)
            feeds.append(FeedRows(mapping.name, stream, feed, table, raw[table], region, feeders))
    return feeds


def _mapped(entity: _Entity) -> Table:
    fields = field_columns(entity.table)
    columns = (
        *(Column(name, kind, meaning="Where the row comes from") for name, kind in PLACE_TYPES.items()),
        *(Column(c.name, c.type, c.meaning, c.unit, pii=c.pii) for c in fields),
        Column("_faults", FAULTS, meaning="Rules the row breaks; NULL for a good one"),
    )
    name = f"mapped_{entity.table.entity}"
    sql = _sql(entity) if entity.rows else _empty(columns)
    return Table(
        name=name, layer="staging", kind="view", grain="one row per current raw row", key=(), owner="data",
        description=f"Raw rows as {entity.table.entity}, typed, with the faults of each.", columns=columns,
        sql=sql, depends=reads(sql),
    )  # fmt: skip


def _empty(columns: tuple[Column, ...]) -> str:
    return "SELECT " + ", ".join(f"CAST(NULL AS {c.type}) AS {quoted(c.name)}" for c in columns) + " WHERE FALSE"


def _sql(entity: _Entity) -> str:
    """Compose: every stream typed -> references known -> keys met before (a table of its own, so that it is small)."""
    steps: list[str] = []
    last = _checked(entity, steps, "typed", "checked")
    shown = _shown(entity)
    if not has_own_keys(entity.table, entity.rows):
        return f"WITH {', '.join(steps)} SELECT {shown}, _faults FROM {last}"
    names = ", ".join(name for name in entity.table.key if name != "source")
    reason = f"{literal(names + ': the same key as ')} || a._first"
    rule = Rule("duplicate_key", "a._row_id IS NOT NULL", names, "a._key", reason)
    columns = ", ".join(f"t.{name}" for name in shown.split(", "))
    again = f"again_{entity.table.entity} AS a ON a._row_id = t._row_id AND a._source = t._source"
    return (
        f"WITH {', '.join(steps)} SELECT {columns}, {faults([rule], 't._faults')} AS _faults"
        f" FROM {last} AS t LEFT JOIN {again} AND a._stream = t._stream"
    )


def _checked(entity: _Entity, steps: list[str], typed: str, checked: str, within: str = "") -> str:
    """Add the typed rows and, where references can be checked, the rows with those faults; return the last step."""
    selects = [feed_select(entity.table, row, _inherited(entity, row), within=within) for row in entity.rows]
    steps.append(f"{typed} AS NOT MATERIALIZED ({' UNION ALL '.join(selects)})")
    rules, marks = _reference_rules(entity)
    if not rules:
        return typed
    known = f"SELECT *, {', '.join(marks)} FROM {typed}"
    found = f"SELECT {_shown(entity)}, _landed_at, {faults(rules, '_faults')} AS _faults FROM ({known}) AS k"
    steps.append(f"{checked} AS NOT MATERIALIZED ({found})")
    return checked


def _again(entity: _Entity) -> list[Table]:
    """Return the scratch table of rows whose key a good row had before; only keys that occur twice are looked at."""
    if not (entity.rows and has_own_keys(entity.table, entity.rows)):
        return []
    steps: list[str] = []
    key = [quoted(name) for name in entity.table.key if name != "source"]
    parts = ", ".join(("_source", *key))
    selects = [feed_select(entity.table, row, frozenset()) for row in entity.rows]
    steps = [
        f"typed AS NOT MATERIALIZED ({' UNION ALL '.join(selects)})",
        f"twice AS (SELECT HASH({parts}) AS _hash FROM typed GROUP BY HASH({parts}) HAVING COUNT(*) > 1)",
        f"suspect AS MATERIALIZED (SELECT _row_id FROM typed WHERE HASH({parts}) IN (SELECT _hash FROM twice))",
    ]
    last = _checked(entity, steps, "suspect_typed", "suspect_checked", "_row_id IN (SELECT _row_id FROM suspect)")
    same = f"PARTITION BY {parts} ORDER BY _landed_at, _batch_id, _file, _line, _stream"
    ranked = (
        f"SELECT _source, _stream, _row_id, CONCAT_WS(', ', {', '.join(key)}) AS _key, ROW_NUMBER() OVER same AS _nth,"
        f" FIRST_VALUE(_file || ', line ' || _line) OVER same AS _first"
        f" FROM {last} WHERE _faults IS NULL WINDOW same AS ({same})"
    )
    found = f"SELECT _source, _stream, _row_id, _key, _first FROM ({ranked}) AS ranked WHERE _nth > 1"
    sql = f"WITH {', '.join(steps)} {found}"
    return [
        Table(
            name=f"again_{entity.table.entity}", layer="staging", kind="scratch", grain="one row per repeated row",
            key=(), owner="data", description=f"Rows of {entity.table.entity} whose key a good row had before.",
            columns=tuple(Column(name, "VARCHAR") for name in AGAIN), sql=sql, depends=reads(sql),
        )
    ]  # fmt: skip


def _shown(entity: _Entity) -> str:
    return ", ".join((*PLACE, *(quoted(column.name) for column in field_columns(entity.table))))


def _reference_rules(entity: _Entity) -> tuple[list[Rule], list[str]]:
    rules, marks = [], []
    for column in field_columns(entity.table):
        target, _, key = column.references.partition(".")
        if not target or target not in entity.active:
            continue
        name, mark = quoted(column.name), f"_known_{column.name}"
        marks.append(f"{name} IN (SELECT {quoted(key)} FROM stg_{target}) AS {mark}")
        reason = f"'{column.name}: no {target} has the key ' || {name}"
        rules.append(Rule("unknown_reference", f"NOT {mark}", column.name, name, reason))
    headless = [row for row in entity.rows if _inherited(entity, row)]
    if headless:
        marks.append(
            "_source || ':' || order_key IN (SELECT source || ':' || order_key FROM stg_orders) AS _known_order"
        )
        streams = ", ".join(literal(f"{row.source}:{row.stream.name}") for row in headless)
        condition = f"NOT _known_order AND _source || ':' || _stream IN ({streams})"
        reason = "'order_key: no order has the key ' || order_key"
        rules.append(Rule("unknown_reference", condition, "order_key", "order_key", reason))
    return rules, marks


def _inherited(entity: _Entity, row: FeedRows) -> frozenset[str]:
    """Return the unmapped fields that another stream of the same source brings."""
    return frozenset(
        field
        for (name, field), giver in INHERITED.items()
        if name == entity.table.entity and field not in row.feed.fields and row.feeds_too(giver)
    )
