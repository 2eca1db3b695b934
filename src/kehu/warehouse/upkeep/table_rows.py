"""How many rows there are, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.warehouse.session.direct import columns_of
from kehu.warehouse.session.pool import borrowed
from kehu.warehouse.store.engine import attach, name, quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    from kehu.warehouse.lake import Lake


def table_rows(lake: Lake, among: Collection[str] = ()) -> dict[str, int]:
    """Return the rows of every table (``among`` these, when given) in the newest published snapshot.

    Before the first build there are none.
    """
    newest = lake.snapshot()
    if newest is None:
        return {}
    with borrowed(lake.place) as connection:
        attach(connection, lake.place, f"READ_ONLY, SNAPSHOT_VERSION {newest.id:d}")
        tables = columns_of(connection)
        chosen = [table for table in tables if not among or table in among]
        counts = [f"SELECT {quoted(table)}, count(*) FROM {name(table)}" for table in chosen]
        return dict(connection.execute(" UNION ALL ".join(counts)).fetchall()) if counts else {}
