"""What a project holds: tables, quarantine, scores, and the reconciliation of sources with tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kehu.base.types import Json
    from kehu.flow.project import Project
    from kehu.warehouse.lake import Snapshot

SOURCES = """
SELECT source, stream, entity, raw_rows, superseded_rows, current_rows, mapped_rows, quarantined_rows, rejected_rows,
  lost_rows, amount
FROM reconciliation ORDER BY source, stream, entity
"""
ENTITIES = """
SELECT 'order_line' AS entity, count(*) AS rows, sum(amount) AS amount,
  count(*) FILTER (customer_id IS NULL) AS without_customer
FROM order_line
UNION ALL SELECT 'orders', count(*), sum(amount), count(*) FILTER (customer_id IS NULL) FROM orders
UNION ALL SELECT 'interaction', count(*), NULL, count(*) FILTER (customer_id IS NULL) FROM interaction
UNION ALL SELECT 'survey_response', count(*), NULL, count(*) FILTER (customer_id IS NULL) FROM survey_response
UNION ALL SELECT 'contact_response', count(*), NULL, count(*) FILTER (customer_id IS NULL) FROM contact_response
UNION ALL SELECT 'customer_record', count(*), NULL, count(*) FILTER (x.customer_id IS NULL)
FROM customer_record LEFT JOIN customer_xref AS x USING (source, source_key)
UNION ALL SELECT 'customer', count(*), NULL, 0 FROM customer
UNION ALL SELECT 'household', count(*), NULL, 0 FROM household
UNION ALL SELECT 'product', count(*), NULL, 0 FROM product
UNION ALL SELECT 'store', count(*), NULL, 0 FROM store
ORDER BY entity
"""
IDENTITY = """
SELECT source, count(*) AS records, count(DISTINCT (source, source_key)) AS keys,
  count(DISTINCT customer_id) AS customers
FROM customer_xref GROUP BY source ORDER BY source
"""
QUARANTINE = "SELECT source, stream, rule, count(*) AS rows FROM quarantine GROUP BY ALL ORDER BY ALL"
SCORERS = """
SELECT scorer, target, published_as, is_baseline, as_of_on, scored_at, card ->> 'verdict' AS verdict FROM score_run
QUALIFY run_id = max(run_id) OVER (PARTITION BY scorer) ORDER BY scorer, target
"""
TRUST = (
    "records", "customers", "provisional_customers", "records_per_customer", "largest_customer", "expected_precision",
    "expected_recall", "reviewed_pairs", "reviewed_same", "open_reviews", "suspicious_customers",
)  # fmt: skip
CHANGE = ("carried_over", "new", "merged", "split")
WHOLE = {"reconciliation", "customer_360", "score_run"}  # else only single tables were ever built


def status(project: Project) -> dict[str, Json]:
    """Return what is published, what is landed and not built yet, and where every source row is.

    Returns
    -------
    dict
        snapshot (None before the first build), snapshots (the published ones that are kept), pending (commits since
        the newest), and lists of rows: sources (raw, superseded,
        mapped, quarantined and lost rows and money per source, stream and entity), entities (rows, money, rows
        without a customer), identity (records and customers per source), trust (how far identity may be trusted, and
        what the newest build changed in it), quarantine, scorers.
    """
    workspace = project.workspace
    published = workspace.snapshot()
    state: dict[str, Json] = {
        "project": str(project.settings.folder),
        "workspace": project.settings.workspace,
        "snapshot": named(published) if published else None,
        "snapshots": [named(one) for one in workspace.published()],
        "pending": [named(one) for one in workspace.pending()],
    }
    parts = {
        "sources": SOURCES,
        "entities": ENTITIES,
        "identity": IDENTITY,
        "quarantine": QUARANTINE,
        "scorers": SCORERS,
    }
    is_whole = workspace.tables().keys() >= WHOLE
    for part, sql in parts.items():
        state[part] = workspace.read(sql).dicts() if is_whole else []
    state["trust"] = trust(project) if is_whole else []
    return state


def trust(project: Project) -> list[dict[str, Json]]:
    """Return how far identity may be trusted, a row per measure, and what the newest build changed in it."""
    from kehu.present.identity import identity_quality

    found = identity_quality(project.workspace, most=0)
    if found is None:
        return []
    rows = [{"measure": name, "value": found.measures[name]} for name in TRUST if name in found.measures]
    change = found.change
    counts = {} if change is None else {name: getattr(change, name) for name in CHANGE}
    return rows + [{"measure": f"newest build: {name.replace('_', ' ')}", "value": n} for name, n in counts.items()]


def named(snapshot: Snapshot) -> dict[str, Json]:
    """Return a snapshot as JSON-ready values."""
    return {"id": snapshot.id, "name": snapshot.name, "at": snapshot.at}
