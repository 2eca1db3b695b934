"""How old and how whole the published data is: what every tile stands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from kehu.govern.workspace import Workspace


@dataclass(frozen=True)
class Source:
    """The newest landing of one source."""

    name: str
    landed_at: datetime
    rows: int


@dataclass(frozen=True)
class Freshness:
    """The published snapshot and what it was made from.

    Attributes
    ----------
    snapshot : int
        Id of the named snapshot.
    published_at : datetime
        When it was published, UTC.
    first_on, as_of : date or None
        First and last local day with an order; None when there is no order.
    currency : str
        The workspace's currency.
    quarantined : int or None
        Rows in quarantine; None when the actor may not know.
    sources : tuple of Source
        By name; empty when the actor may not read batches.
    """

    snapshot: int
    published_at: datetime
    first_on: date | None
    as_of: date | None
    currency: str
    quarantined: int | None = None
    sources: tuple[Source, ...] = field(default=())


def freshness(workspace: Workspace) -> Freshness | None:
    """Return the newest published snapshot's days and sources, or None when nothing is published yet."""
    newest = workspace.snapshot()
    if newest is None:
        return None
    parts = [
        (
            "SELECT 'days' AS part, '' AS name, min(day_on) AS first_on, max(day_on) AS last_on,"
            " NULL::TIMESTAMP AS landed_at, 0::BIGINT AS row_count FROM daily_metric"
        )
    ]
    if workspace.sees("import_batch"):
        columns = dict(workspace.tables().get("import_batch", ()))  # lakes of earlier versions lack the later ones
        reverted = " AND reverted_at IS NULL" if "reverted_at" in columns else ""
        parts.append(
            "SELECT 'source', source, NULL, NULL, max(landed_at), sum(rows)::BIGINT FROM import_batch"
            f" WHERE replaced_by IS NULL{reverted} GROUP BY source"
        )
    if workspace.sees("quarantine"):
        parts.append("SELECT 'quarantine', '', NULL, NULL, NULL, count(*) FROM quarantine")
    rows = workspace.read(" UNION ALL ".join(parts) + " ORDER BY part, name", subject="page:freshness").dicts()
    days = next(row for row in rows if row["part"] == "days")
    held = [row["row_count"] for row in rows if row["part"] == "quarantine"]
    return Freshness(
        newest.id,
        newest.at,
        days["first_on"],
        days["last_on"],
        workspace.settings.currency,
        held[0] if held else None,
        tuple(Source(row["name"], row["landed_at"], row["row_count"]) for row in rows if row["part"] == "source"),
    )
