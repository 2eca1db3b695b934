"""What a build's seconds were for: the floor's marts, staging, identity, the other marts; and its slowest tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from measure import Cost

MARTS = (  # the floor's four, with the tables they are made through
    "order_line", "orders", "customer_total", "customer_month", "channel_day", "data_span", "customer_rfm",
    "cohort_retention",
)  # fmt: skip
IDENTITY = (
    "customer_record", "blocked_value", "match_record", "match_organization", "match_parameter", "record_link",
    "record_cluster", "reference_link", "customer_xref", "merge_event", "household_key", "household_member",
    "customer_value", "customer", "household",
)  # fmt: skip


def parts_of(found: Cost) -> dict[str, float]:
    """Return the seconds of a full build by what they were for."""
    parts = dict.fromkeys(("marts", "staging", "identity", "other marts"), 0.0)
    for run in (found.answer or {}).get("tables", []):
        name = run["name"]
        if name in MARTS:
            part = "marts"
        elif name.startswith("stg_") or name in ("quarantine", "reconciliation"):
            part = "staging"
        else:
            part = "identity" if name in IDENTITY else "other marts"
        parts[part] += run["seconds"]
    parts["start, commit"] = max(0.0, found.seconds - sum(parts.values()))
    return {name: round(seconds, 2) for name, seconds in parts.items()}


def slowest(found: Cost) -> dict[str, float]:
    """Return the seconds of the dozen slowest tables of a build."""
    runs = (found.answer or {}).get("tables", [])
    return {run["name"]: round(run["seconds"], 2) for run in sorted(runs, key=lambda run: -run["seconds"])[:12]}
