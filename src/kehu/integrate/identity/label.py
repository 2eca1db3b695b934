"""Labels: the pairs of records that people decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

LEAST_LABELS = 500  # from so many on they teach
# Pairs that people decided, each under a key of its own, with what their two records say.
LABELED = """
SELECT row_number() OVER (ORDER BY d.left_source, d.left_key, d.right_source, d.right_key) AS label,
  d.kind = 'same' AS is_same, d.left_source, d.left_key, d.right_source, d.right_key
FROM decided_pair AS d
SEMI JOIN match_record AS l ON l.source = d.left_source AND l.source_key = d.left_key
SEMI JOIN match_record AS r ON r.source = d.right_source AND r.source_key = d.right_key
"""


def labels(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many pairs of persons' records people decided, as the decisions hold now; or of all, if too few."""
    for select in ("decided_pair", f"({LABELED})"):  # to look for their records takes long
        found = connection.execute(f"SELECT count(*) FROM {select}").fetchone()
        size = int(found[0]) if found else 0
        if size < LEAST_LABELS:
            break
    return size
