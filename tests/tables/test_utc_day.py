"""``utc_day`` beside the time zone's own rules: around every change, and at many other moments."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import kehu.tables
from kehu.warehouse.table import load_table

DIFFERENCES = """
WITH moment AS (
  SELECT TIMESTAMP '1972-01-01' + to_minutes(i * 6173) AS utc_at FROM range(10_000) AS r(i)
  UNION ALL SELECT changes_at + to_seconds(k)
  FROM utc_day, unnest([-1, 0, 1, -36000, -7200, -900, 900, 7200, 36000]) AS u(k)
  WHERE isfinite(changes_at)
), day AS (
  SELECT utc_at,
    CAST(utc_at + to_seconds(IF(utc_at < changes_at, offset_before, offset_after)) AS DATE) AS found,
    CAST(timezone($zone, timezone('UTC', utc_at)) AS DATE) AS wanted
  FROM moment JOIN utc_day ON utc_on = CAST(utc_at AS DATE)
)
SELECT count(*), count(*) FILTER (found IS DISTINCT FROM wanted) FROM day
"""


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia"])
def test_days_are_those_of_the_time_zones_own_rules(zone):
    table = load_table(Path(kehu.tables.__file__).parent / "entity" / "utc_day.sql")
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE TABLE workspace_setting AS SELECT $zone AS time_zone", {"zone": zone})
    connection.execute(f"CREATE TABLE utc_day AS {table.sql}")

    moments, differences = connection.execute(DIFFERENCES, {"zone": zone}).fetchone()

    assert moments >= 7_000
    assert differences == 0
