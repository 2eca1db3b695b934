"""Questions to a project: people's SQL, what a table is, where a column comes from, who a customer is."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from kehu.base.errors import AccessError, QueryError
from kehu.flow.source import mappings
from kehu.flow.tables import full_catalog
from kehu.warehouse.table import Column, Table

if TYPE_CHECKING:
    from kehu.base.types import Json, Result
    from kehu.flow.project import Project
    from kehu.flow.tables import Columns
    from kehu.present.identity.evidence import Joining, NearMiss
    from kehu.warehouse.catalog import Catalog, Node


def ask(project: Project, sql: str, *, at: str = "") -> Result:
    """Return the rows of SQL typed by a person, from the newest published snapshot or an earlier one.

    Parameters
    ----------
    project : Project
        Opened for the one who asks; their rights narrow what is seen.
    sql : str
        One SELECT.
    at : str
        A published snapshot's number, or a day (2026-11-21): the newest snapshot published by the end of it, UTC.

    Raises
    ------
    QueryError
        When the gate refuses the SQL, it is wrong, or ``at`` is neither a number nor a day.
    LakeError
        When there is no such snapshot.
    """
    return project.workspace.query(sql, at=snapshot_at(project, at) if at else None)


def snapshot_at(project: Project, at: str) -> int:
    """Return the published snapshot that a number or a day means."""
    if at.isdecimal():
        return int(at)
    try:
        day = date.fromisoformat(at)
    except ValueError as error:
        raise QueryError(
            f"--at {at!r} is no snapshot and no day", fix="Write a snapshot's number or YYYY-MM-DD"
        ) from error
    found = [one.id for one in project.workspace.published() if one.at.date() <= day]
    if not found:
        raise QueryError(f"nothing that was published by {day} is kept", fix="'kehu status' lists the snapshots")
    return max(found)


def catalog(project: Project) -> Catalog:
    """Return all tables down to the raw ones of the newest published snapshot."""
    return full_catalog(project, project.workspace.tables(), mappings(project))


def show(project: Project, name: str) -> dict[str, Json]:
    """Return what a table is: description, grain, columns with meaning, neighbors, SQL, and its rows today.

    Raises
    ------
    TableError
        When there is no such table.
    """
    known = catalog(project)
    table = raw_table(name, known.raw[name]) if name in known.raw else known.table(name)
    stored = name in project.workspace.tables()
    count = project.workspace.read(f'SELECT count(*) FROM "{name}"').value() if stored else None
    return {
        "name": table.name,
        "layer": table.layer,
        "kind": table.kind,
        "description": table.description,
        "grain": table.grain,
        "key": list(table.key),
        "owner": table.owner,
        "rows": count,
        "depends": sorted(table.depends),
        "used_by": sorted(other for other, one in known.tables.items() if name in one.depends),
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "unit": column.unit,
                "meaning": column.meaning,
                "pii": column.name in known.pii(name),
            }
            for column in table.columns
        ],
        "checks": [check.sql for check in table.checks],
        "file": str(table.path) if table.path else "",
        "sql": table.sql or "",
    }


def listed(project: Project) -> list[dict[str, Json]]:
    """Return name, layer, grain and description of every table, raw ones first."""
    known = catalog(project)
    tables = [raw_table(name, columns) for name, columns in known.raw.items()] + list(known.tables.values())
    kept = [table for table in tables if table.kind != "scratch"]
    return [{part: getattr(table, part) for part in ("name", "layer", "grain", "description")} for table in kept]


def raw_table(name: str, columns: Columns) -> Table:
    """Return what is known of a raw table: its columns as they came."""
    kept = tuple(Column(column, kind, "as the source has it", pii=True) for column, kind in columns)
    about = "Rows of a source as they came."
    return Table(name, "raw", "full", about, "one row per source row", ("_batch_id", "_line"), owner="", columns=kept)


def lineage(project: Project, name: str) -> dict[str, Json]:
    """Return where ``table.column`` (or every column of ``table``) comes from, as a tree of name, pii and from."""
    known = catalog(project)
    table, _, column = name.partition(".")
    if column:
        return branch(known.lineage(table, column))
    columns = [branch(known.lineage(table, one.name)) for one in known.table(table).columns]
    return {"name": table, "pii": any(one["pii"] for one in columns), "from": columns}


def branch(node: Node) -> dict[str, Json]:
    """Return a lineage node as JSON-ready values."""
    return {"name": f"{node.table}.{node.column}", "pii": node.pii, "from": [branch(one) for one in node.sources]}


def find(project: Project, text: str, *, limit: int = 20) -> dict[str, Json]:
    """Return customers whose name, pinyin, phone or e-mail holds every word of ``text``, richest first."""
    from kehu.present.directory import Search, directory

    found = directory(project.workspace, Search(text=text.strip()[:100], size=limit))
    return {"query": text, "total": found.total, "customers": [without(row, "total") for row in found.rows]}


def customer(project: Project, customer_id: str) -> dict[str, Json]:
    """Return one customer: golden record with the source of each value, household, and the newest touches.

    Raises
    ------
    QueryError
        When there is no such customer.
    """
    from kehu.present.profile import profile
    from kehu.present.timeline import timeline

    found = profile(project.workspace, customer_id)
    if found is None:
        raise no_customer(customer_id)
    return {
        "customer": {name: parsed(value) for name, value in found.customer.items()},
        "values": [
            {"field": value.field, **(asdict(value.origin) if value.origin else {}), "value": value.value}
            for value in found.values
        ],
        "household": found.household,
        "timeline": [asdict(entry) for entry in timeline(project.workspace, customer_id).entries],
    }


def explain(project: Project, customer_id: str) -> dict[str, Json]:
    """Return why records are one customer: records, links with their weights step by step, near misses, decisions.

    Raises
    ------
    QueryError
        When there is no such customer.
    AccessError
        When the actor may not read the records of the sources.
    """
    from kehu.present.identity import explanation

    if not project.workspace.sees("customer_record"):
        raise AccessError("the records behind a customer are for owners and agents", fix="Ask one of them")
    found = explanation(project.workspace, customer_id)
    return {
        "customer_id": customer_id,
        "records": found.records,
        "links": [*map(_joined, found.joinings), *map(_near, found.near)],
        "former": [_joined(joining) for joining in found.former],
        "decisions": found.decisions,
    }


def _joined(joining: Joining) -> dict[str, Json]:
    told = {name: getattr(joining, name) for name in ("merge_id", "actor", "merged_at", "ended_at")}
    return {**_pair(joining), "joined": joining.ended_at is None, **told}


def _near(pair: NearMiss) -> dict[str, Json]:
    return {**_pair(pair), "joined": False, "why": pair.why, "customer_id": pair.customer_id, "record": pair.record}


def _pair(pair: Joining | NearMiss) -> dict[str, Json]:
    weight = pair.waterfall
    return {
        "left": ":".join(pair.left),
        "right": ":".join(pair.right),
        "rule": pair.rule,
        "probability": weight.probability,
        "weight": weight.weight,
        "steps": [asdict(step) for step in weight.steps],
    }


def no_customer(customer_id: str) -> QueryError:
    """Return the error for an id that nobody has."""
    return QueryError(f"there is no customer {customer_id!r}", fix="Look for one with 'kehu customer find TEXT'")


def without(row: dict[str, Json], *names: str) -> dict[str, Json]:
    """Return a row without some of its columns."""
    return {name: value for name, value in row.items() if name not in names}


def parsed(value: Json) -> Json:
    """Return JSON text as its value, anything else as it is."""
    if isinstance(value, str) and value[:1] in "[{" and value:
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value
