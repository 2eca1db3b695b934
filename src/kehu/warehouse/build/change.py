"""What changed in the lake's tables since they were last built from: by the lake's change feed, and by this build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kehu.warehouse.build.state import committed
from kehu.warehouse.store.engine import name, quoted
from kehu.warehouse.store.history import META, commits, level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kehu.warehouse.lake import Writer

Change = Literal["none", "some", "all"]
CHANGED = f"""
WITH live AS (
  SELECT table_id, table_name, begin_snapshot FROM {META}.ducklake_table WHERE end_snapshot IS NULL
), file AS (
  SELECT table_id, begin_snapshot, end_snapshot FROM {META}.ducklake_data_file
  UNION ALL SELECT table_id, begin_snapshot, end_snapshot FROM {META}.ducklake_delete_file
)
SELECT l.table_name, bool_or(l.begin_snapshot > {{since}})
FROM live AS l LEFT JOIN file AS f USING (table_id)
WHERE l.begin_snapshot > {{since}} OR f.begin_snapshot > {{since}} OR f.end_snapshot > {{since}}
GROUP BY l.table_name
"""


class Changes:
    """The changed rows of tables, one build long.

    Parameters
    ----------
    writer : Writer
        The build's transaction; the feed is read at once, before the build changes anything.
    since : int
        The snapshot that the tables to build are up to date with.
    tables : iterable of str
        The tables whose changed rows are asked for; of all others (raw ones) it is enough that their files changed.
    """

    def __init__(self, writer: Writer, since: int, tables: Iterable[str]) -> None:
        self.since = since = level(commits(writer.connection), since)
        self._writer = writer
        self._earlier: dict[str, Change] = {}
        self._own: dict[str, Change] = dict.fromkeys(writer.appended, "all")  # the feed tells what was committed
        self._touched: set[str] = set()
        self._whole: set[str] = set()
        self._fed_tables: set[str] = set()
        self._reached: dict[str, str] = {}
        latest = committed(writer)
        if since < latest:
            self._read_feed(set(tables), latest)

    def of(self, table: str) -> Change:
        """Return whether nothing, known rows or everything changed in a table."""
        states = {self._earlier.get(table, "none"), self._own.get(table, "none")}
        return "all" if "all" in states else "some" if "some" in states else "none"

    def note(self, table: str, change: Change) -> None:
        """Remember what this build did to a table; of known rows ``delta_<table>`` holds them."""
        self._own[table] = change
        if change == "some":
            self._show(table)

    def note_touched(self, table: str) -> None:
        """Remember that ``touched_<table>`` holds the keys this build looked at."""
        self._touched.add(table)

    def note_whole(self, table: str) -> None:
        """Remember that this build computed a table whole: nobody knows which of its keys were looked at."""
        self._whole.add(table)

    def reached(self, select: str) -> str:
        """Return the temporary table of the keys that a SELECT reaches; several tables ask the same of built ones.

        What changed stands on the right of its joins. DuckLake takes all files of a table for as large as the first.
        """
        if select not in self._reached:
            place = self._reached[select] = f"reached_{len(self._reached)}"
            with self._writer.as_written():
                self._writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {place} AS {select}")
        return self._reached[select]

    def was_whole(self, table: str) -> bool:
        """Return whether this build has computed ``table`` whole."""
        return table in self._whole

    def was_touched(self, table: str) -> bool:
        """Return whether this build has looked at keys of ``table``."""
        return table in self._touched

    def _read_feed(self, tables: set[str], latest: int) -> None:
        is_kept = self._is_kept(latest)
        for table, is_new in altered(self._writer, self.since).items():
            is_fed = table in tables and is_kept and not is_new
            self._earlier[table] = self._fed(table, latest) if is_fed else "all"

    def _is_kept(self, latest: int) -> bool:
        """Return whether no snapshot in between has expired; the feed is whole only then."""
        between = f"SELECT count(*) FROM lake.snapshots() WHERE snapshot_id > {self.since} AND snapshot_id <= {latest}"
        found = self._writer.connection.execute(between).fetchone()
        return bool(found and found[0] == latest - self.since)

    def _fed(self, table: str, latest: int) -> Change:
        feed = f"ducklake_table_changes('lake', 'main', {quoted(table)}, {self.since + 1}, {latest})"
        old = "change_type IN ('delete', 'update_preimage') AS _is_old"
        sql = f"SELECT * EXCLUDE (snapshot_id, rowid, change_type), {old} FROM {feed}"
        self._writer.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name(f'feed_{table}')} AS {sql}")
        self._fed_tables.add(table)
        self._show(table)
        found = self._writer.connection.execute(f"SELECT 1 FROM temp.{name(f'feed_{table}')} LIMIT 1").fetchone()
        return "some" if found else "none"

    def _show(self, table: str) -> None:
        """Make ``changed_<table>`` the changed rows of both, with ``_is_old``."""
        parts = [f"SELECT * FROM temp.{name(f'feed_{table}')}"] if table in self._fed_tables else []
        if self._own.get(table) == "some":
            parts.append(f"SELECT * EXCLUDE (_rowid) FROM temp.{name(f'delta_{table}')}")
        union = " UNION ALL BY NAME ".join(parts)
        self._writer.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name(f'changed_{table}')} AS {union}")


def altered(writer: Writer, since: int) -> dict[str, bool]:
    """Return the tables whose files changed after a snapshot; True for those made anew since then."""
    return dict(writer.connection.execute(CHANGED.format(since=since)).fetchall())
