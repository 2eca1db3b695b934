"""
description: >-
  What every degree of agreement between two records weighs, version by version. A build learns a new version when there
  is none, a source is new, or the records have doubled; else it weighs with the newest one.
grain: one row per version
kind: full
key: [version]
owner: identity
depends: [match_record, match_key, match_organization, decided_pair]
columns:
  version: {type: BIGINT, meaning: "Version, from 1", pii: false}
  kind: {type: VARCHAR, pii: false, meaning: "person, organization, or rescorer: what people's answers teach"}
  trained_at: {type: TIMESTAMP, meaning: When it was learned, unit: UTC, pii: false}
  records: {type: BIGINT, meaning: Records or answers it was learned from, unit: records, pii: false}
  parameters: {type: JSON, pii: true, meaning: "Share of true pairs, m and u of every level, frequent values"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.base.clock import now
from kehu.integrate.identity.parameter import parameter_versions

if TYPE_CHECKING:
    import pyarrow as pa

    from kehu.warehouse.table import Inputs


def compute(inputs: Inputs) -> pa.Table:
    """Return all versions, with a new one when none fits the records."""
    has_previous = inputs.has("match_parameter")
    return parameter_versions(inputs.connection, inputs.settings, at=now(), has_previous=has_previous)
