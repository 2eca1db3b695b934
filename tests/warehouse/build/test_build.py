from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import TableError
from kehu.warehouse.build.build import BuildReport, Scope, build
from kehu.warehouse.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable

    from kehu.base.settings import Settings
    from kehu.warehouse.lake import Lake
    from kehu.warehouse.table import Table

    Load = Callable[[dict[str, str]], dict[str, Table]]

FILES = {
    "staging/mapped_line.sql": """
        /*
        description: d
        grain: g
        kind: scratch
        columns: {order_id: VARCHAR, amount: 'DECIMAL(18,2)'}
        */
        SELECT order_id, TRY_CAST(amount AS DECIMAL(18, 2)) AS amount FROM raw_shop_lines
    """,
    "entity/orders.sql": """
        /*
        description: d
        grain: g
        key: [order_id]
        sort: [order_id]
        columns: {order_id: VARCHAR, amount: 'DECIMAL(18,2)', zone: VARCHAR}
        checks: [amount >= 0]
        */
        SELECT (SELECT time_zone FROM workspace_setting) AS zone, order_id, sum(amount)::DECIMAL(18, 2) AS amount
        FROM mapped_line GROUP BY order_id
    """,
    "mart/total.py": '''
        """
        description: d
        grain: g
        depends: [orders]
        origin: [orders.amount]
        columns: {amount: 'DECIMAL(18,2)', runs: INTEGER}
        """
        import pyarrow as pa

        def compute(inputs):
            before = "SELECT max(runs) FROM total" if inputs.has("total") else "SELECT 0"
            (runs,) = inputs.connection.sql(before).fetchone()
            (amount,) = inputs.connection.sql("SELECT sum(amount) FROM orders").fetchone()
            return pa.table({"runs": [runs + 1], "amount": [amount]})
    ''',
    "ledger/score.sql": "/*\ndescription: d\ngrain: g\ncolumns: {run_id: VARCHAR, value: DOUBLE}\n*/",
}


@pytest.fixture
def land(lake: Lake) -> Lake:
    with lake.writer("shop", publish=False) as writer:
        rows = "VALUES ('o2', '3.50'), ('o1', '1.25'), ('o1', '0.25')"
        writer.replace("raw_shop_lines", f"SELECT * FROM ({rows}) AS t(order_id, amount)")
    return lake


def _build(lake: Lake, tables: dict[str, Table], settings: Settings, names: list[str] | None = None) -> BuildReport:
    with lake.writer("build", publish=True) as writer:
        return build(writer, Catalog(tables), settings, Scope(names))


def test_a_build_publishes_all_tables_at_once(land: Lake, tables: Load, settings: Settings) -> None:
    report = _build(land, tables(FILES), settings)

    done = {run.name: (run.action, run.rows) for run in report.tables}
    orders = land.reader().execute("SELECT order_id, amount::VARCHAR AS amount, zone FROM orders").rows
    assert done == {"orders": ("full", 2), "total": ("full", 1), "score": ("ledger", -1)}
    assert orders == [("o1", "1.50", "Asia/Shanghai"), ("o2", "3.50", "Asia/Shanghai")]
    assert set(land.reader().tables()) == {"raw_shop_lines", "orders", "total", "score", "build_state"}
    assert [snapshot.name for snapshot in land.snapshots()] == ["publish: build", "land: shop"]


def test_a_second_build_keeps_ledgers_and_sees_its_own_past(land: Lake, tables: Load, settings: Settings) -> None:
    files = tables(FILES)
    _build(land, files, settings)
    with land.writer("score", publish=False) as writer:
        writer.append("score", "SELECT 'r1' AS run_id, 0.5::DOUBLE AS value")
        writer.append("raw_shop_lines", "SELECT 'o3' AS order_id, '1' AS amount")
    wider = FILES["ledger/score.sql"].replace("value: DOUBLE", "value: DOUBLE, band: VARCHAR")

    _build(land, tables({**FILES, "ledger/score.sql": wider}), settings)

    assert land.reader().execute("SELECT run_id, value, band FROM score").rows == [("r1", 0.5, None)]
    assert land.reader().execute("SELECT runs FROM total").value() == 2


def test_named_tables_are_built_with_what_they_read(land: Lake, tables: Load, settings: Settings) -> None:
    report = _build(land, tables(FILES), settings, ["orders"])

    assert [run.name for run in report.tables] == ["orders"]
    assert set(land.reader().tables()) == {"raw_shop_lines", "orders", "build_state"}


def test_progress_names_each_table(land: Lake, tables: Load, settings: Settings) -> None:
    steps: list[str] = []

    with land.writer("build", publish=True) as writer:
        build(writer, Catalog(tables(FILES)), settings, progress=lambda step, fraction=None: steps.append(step))

    assert steps == ["score", "orders", "total", "built"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("amount >= 0", "amount < 3", "check amount < 3 fails for 1 rows, for example order_id=o2"),
        ("[order_id]\n", "[zone]\n", r"check unique\(zone\) fails for 1 rows, for example zone=Asia"),
        ("sum(amount)::DECIMAL(18, 2)", "sum(amount)", r"amount is DECIMAL\(38,2\), the header says DECIMAL\(18,2\)"),
        ("AS zone", "AS place", "column zone is missing; column place is not in the header"),
        ("FROM mapped_line", "FROM maped_line", r"orders\.sql.*maped_line"),
        ("[amount >= 0]", "[amont >= 0]", "check amont >= 0: the check is no condition"),
    ],
)
def test_a_table_that_is_not_as_described_publishes_nothing(
    land: Lake, tables: Load, settings: Settings, old: str, new: str, said: str
) -> None:
    wrong = FILES["entity/orders.sql"].replace(old, new, 1)
    broken = tables({**FILES, "entity/orders.sql": wrong})

    with pytest.raises(TableError, match=f"(?s){said}"):
        _build(land, broken, settings)

    assert land.snapshot() is None
