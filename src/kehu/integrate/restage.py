"""How staging follows what lands: which raw rows must be typed anew when batches come, go, or other rows change.

A raw row is typed by itself, with three exceptions that reach across rows: equal keys (the first of them stays),
references to rows of other entities, and keys made of a row's content (equal rows are numbered). So the touched rows
are those of the batches that changed, those that name what changed, and those with an equal key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kehu.integrate.feed import FINGERPRINT, ROW_ID, reads
from kehu.integrate.mapping import entity_tables, field_columns
from kehu.integrate.reject import REJECT
from kehu.integrate.transform import literal, quoted
from kehu.warehouse.follow import Follow
from kehu.warehouse.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kehu.integrate.feed import FeedRows
    from kehu.integrate.mapping import Mapping

RAW = Follow(key=ROW_ID, prune="_batch_id", prune_by="split_part(_k1, '-', 1)")
LANDED = f"""
SELECT {ROW_ID} AS _row_id, b._is_new AS _is_fresh FROM {{raw}} AS r JOIN (
  SELECT batch_id, bool_and(NOT _is_old) AS _is_new FROM changed_import_batch GROUP BY batch_id
) AS b ON b.batch_id = r._batch_id
"""
NAMED = """
SELECT row_id FROM (SELECT row_id, unnest(faults) AS f FROM {reject})
WHERE f.rule = 'unknown_reference' AND f."column" = {column}
  AND f.value IN (SELECT {key} FROM changed_{target} WHERE NOT _is_old)
UNION ALL
SELECT row_id FROM {staged} WHERE {column_name} IN (
  SELECT {key} FROM changed_{target} WHERE _is_old{still}
)
"""
# Most rows that land are new, so it is asked first whether any row has the telling part of their keys: one column.
EQUAL = """
WITH asked AS MATERIALIZED (
  SELECT _source AS source, {mapped} FROM mapped_{entity} UNION SELECT source, {mapped} FROM ({was})
), held AS MATERIALIZED (
  SELECT DISTINCT {of_staged} AS telling FROM {staged} AS s SEMI JOIN asked AS t ON t.{telling} = {of_staged}
)
SELECT s.row_id FROM {staged} AS s SEMI JOIN (
  SELECT a.* FROM asked AS a SEMI JOIN held AS h ON h.telling = a.{telling}
) AS t ON t.source = s.source AND {same}
UNION ALL
SELECT r.row_id FROM (SELECT row_id, source, unnest(faults) AS f FROM {reject}) AS r SEMI JOIN (
  SELECT _source AS source, {text} AS v FROM mapped_{entity} UNION SELECT source, {text} FROM ({was})
) AS t ON t.source = r.source AND t.v = r.f.value WHERE r.f.rule = 'duplicate_key'
"""
# What numbered keys have in common. A source's own keys (C-1001) seldom look so, and then share little.
BASE = (
    f"CASE WHEN strlen({{key}}) > {FINGERPRINT} AND substr({{key}}, {FINGERPRINT + 1}, 1) = '-' "
    f"THEN left({{key}}, {FINGERPRINT}) ELSE {{key}} END"
)


def restaged(tables: dict[str, Table], rows: list[FeedRows], rejects: list[Table]) -> list[Table]:
    """Return the staging tables and their rejects as tables that are kept by raw row.

    A staging table whose header does not say ``by: [row_id]`` (a project's own) stays as it is.
    """
    known = {table.name: table for table in rejects}
    found = []
    for entity, staged in sorted(entity_tables(tables).items()):
        fed = [row for row in rows if row.feed.entity == entity]
        if not fed or staged.by != ("row_id",):
            continue
        reject = known[f"{REJECT}{entity}"]
        raw = {row.table: RAW for row in fed}
        own: dict[str, Follow] = {"import_batch": Follow(), **raw}
        known[reject.name] = replace(
            reject, kind="merge", by=("row_id",), also=_equal(staged, fed), is_local=True,
            follows={**own, "import_batch": _landed(fed), **_references(staged, fed, rows)},
        )  # fmt: skip
        touched = {reject.name: Follow(touched=True), **dict.fromkeys(_references(staged, fed, rows), Follow())}
        found.append(
            replace(
                staged, kind="merge", is_local=True, follows={**own, **touched}, depends=(*staged.depends, reject.name)
            )
        )
    if unfed := known.get(f"{REJECT}none"):
        streams = [row for row in rows if row.feed.only]
        follows = {"import_batch": _landed(streams), **{row.table: RAW for row in streams}}
        known[unfed.name] = replace(unfed, kind="merge", by=("row_id",), is_local=True, follows=follows)
    return [*found, *known.values()]


def raw_tally(mappings: Sequence[Mapping], raw: dict[str, dict[str, str]]) -> Table:
    """Return the table of raw rows per batch, counted, not believed."""
    landed = sorted({(m.name, s.name) for m in mappings for s in m.streams if f"raw_{m.name}_{s.name}" in raw})
    selects = [
        f"SELECT {literal(source)} AS source, {literal(stream)} AS stream, _batch_id AS batch_id, COUNT(*) AS rows"
        f" FROM {quoted(f'raw_{source}_{stream}')}"
        " WHERE _batch_id IN (SELECT batch_id FROM import_batch) GROUP BY _batch_id"
        for source, stream in landed
    ]
    columns = (*(Column(n, "VARCHAR", pii=False) for n in ("source", "stream", "batch_id")), Column("rows", "BIGINT"))
    empty = ", ".join(f"CAST(NULL AS {c.type}) AS {quoted(c.name)}" for c in columns)
    sql = " UNION ALL ".join(selects) or f"SELECT {empty} WHERE FALSE"
    batch = Follow(key="_batch_id", prune="_batch_id", prune_by="_k1")
    follows = {f"raw_{source}_{stream}": batch for source, stream in landed}
    return Table(
        name="stg_raw_tally", layer="staging", kind="merge" if landed else "full", owner="data",
        description="Rows of the raw tables by batch, counted, not believed.", grain="one row per batch",
        key=("source", "stream", "batch_id"), columns=columns, by=("batch_id",),
        follows={"import_batch": Follow(key="batch_id"), **follows} if landed else {},
        sql=sql, depends=reads(sql),
    )  # fmt: skip


def _landed(fed: list[FeedRows]) -> Follow:
    tables = sorted({row.table for row in fed})
    return Follow(key=" UNION ALL ".join(f"({LANDED.format(raw=quoted(table))})" for table in tables))


def _references(staged: Table, fed: list[FeedRows], rows: list[FeedRows]) -> dict[str, Follow]:
    """Return, per staging table that rows of this one name, which rows a change there touches."""
    active = {row.feed.entity for row in rows}
    found: dict[str, Follow] = {}
    for column in field_columns(staged):
        target, _, key = column.references.partition(".")
        if target in active:
            found[f"stg_{target}"] = Follow(key=_named(staged, f"stg_{target}", column.name, quoted(key)))
    if staged.entity == "order_line" and any(row.feeds_too("orders") for row in fed):
        found["stg_orders"] = Follow(key=_named(staged, "stg_orders", "order_key", "order_key", is_shared=False))
    return found


def _named(staged: Table, target: str, column: str, key: str, *, is_shared: bool = True) -> str:
    """Return the SELECT of rows that name a changed key; a shared one is still known when another source has it."""
    still = f" EXCEPT SELECT {key} FROM {target}" if is_shared else ""
    return NAMED.format(
        reject=f"{REJECT}{staged.entity}", staged=staged.name, target=target, key=key, column=literal(column),
        column_name=quoted(column), still=still,
    )  # fmt: skip


def has_own_keys(staged: Table, fed: Sequence[FeedRows]) -> bool:
    """Tell whether any stream brings every part of its key; keys made from file and line cannot meet twice."""
    made = {name for name in staged.key if name in ("line_key", "response_key", "interaction_key", "source_key")}
    return any(all(name in row.feed.fields for name in made) for row in fed)


def _equal(staged: Table, fed: Sequence[FeedRows]) -> tuple[str, ...]:
    """Return the SELECT of rows whose key a touched row has, or had."""
    if staged.entity != "customer_record" and not has_own_keys(staged, fed):
        return ()
    keys = [quoted(name) for name in staged.key if name != "source"]
    mapped, same = ", ".join(keys), " AND ".join(f"t.{key} = s.{key}" for key in keys)
    telling, of_staged = keys[0], f"s.{keys[0]}"
    if staged.entity == "customer_record":  # equal rows without a key are numbered: fingerprint, fingerprint-2, ...
        telling, of_staged = "base", BASE.format(key="s.source_key")
        mapped, same = f"{BASE.format(key='source_key')} AS base", f"t.base = {of_staged}"
    was = f"SELECT * FROM {staged.name} WHERE row_id IN (SELECT _k1 FROM touched WHERE NOT _is_fresh)"
    text = f"CONCAT_WS(', ', {', '.join(keys)})"
    select = EQUAL.format(
        staged=staged.name, entity=staged.entity, mapped=mapped, same=same, was=was, text=text,
        reject=f"{REJECT}{staged.entity}", telling=telling, of_staged=of_staged,
    )  # fmt: skip
    return (select,)
