from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.base.errors import TableError
from kehu.warehouse.table import load_tables

if TYPE_CHECKING:
    from pathlib import Path


Load = "Callable[[dict[str, str]], dict[str, Table]]"
ORDERS = """
    /*
    description: Orders of all
      channels.
    grain: one row per order
    key: [order_id]
    owner: sales
    sort: [customer_id, order_id]
    is_scanned: true
    columns:
      order_id: VARCHAR
      customer_id: {type: VARCHAR, meaning: who bought, references: customer.customer_id}
      amount: {type: DECIMAL(18,2), unit: currency, names: [金额, amount]}
    checks: [unique(order_id, customer_id), amount >= 0, not_null(order_id)]
    */
    WITH lines AS (SELECT * FROM order_line)
    SELECT order_id, customer_id, sum(amount)::DECIMAL(18,2) AS amount
    FROM lines JOIN customer USING (customer_id) WHERE EXISTS (SELECT 1 FROM store) GROUP BY ALL;
"""
PYTHON = '''
    """
    description: Scores.
    grain: one row per customer
    depends: [customer]
    origin: [customer.customer_id]
    columns:
      customer_id: VARCHAR
    """
    raise RuntimeError("listing tables must not run them")


    def compute(inputs):
        return inputs
'''


def test_a_sql_file_says_everything_in_its_header(tables: Load) -> None:
    orders = tables({"entity/orders.sql": ORDERS})["orders"]

    assert (orders.layer, orders.kind, orders.owner) == ("entity", "full", "sales")
    assert orders.description == "Orders of all channels."
    assert (orders.key, orders.sort, orders.is_scanned) == (("order_id",), ("customer_id", "order_id"), True)
    assert orders.column("amount").type == "DECIMAL(18,2)"
    assert orders.column("amount").names == ("金额", "amount")
    assert [check.sql for check in orders.checks] == [
        "unique(order_id, customer_id)", "amount >= 0", "not_null(order_id)",
    ]  # fmt: skip
    assert orders.sql.startswith("WITH lines")
    assert orders.sql.endswith("GROUP BY ALL")


def test_dependencies_are_the_tables_the_select_names(tables: Load) -> None:
    orders = tables({"entity/orders.sql": ORDERS})["orders"]

    assert orders.depends == ("customer", "order_line", "store")


def test_listing_a_python_table_does_not_run_it(tables: Load) -> None:
    scored = tables({"mart/scored.py": PYTHON})["scored"]

    assert scored.depends == ("customer",)
    assert scored.column("customer_id").origin == ("customer.customer_id",)
    with pytest.raises(RuntimeError, match="must not run"):
        scored.compute(None)


def test_a_ledger_needs_no_select(tables: Load) -> None:
    text = "/*\ndescription: d\ngrain: g\ncolumns:\n  run_id: VARCHAR\n*/"

    score = tables({"ledger/score.sql": text})["score"]

    assert (score.kind, score.sql, score.depends) == ("ledger", None, ())


def test_a_later_folder_replaces_a_table_of_the_same_name(tables: Load, tmp_path: Path) -> None:
    tables({"entity/orders.sql": ORDERS})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "orders.sql").write_text(
        "/*\ndescription: mine\ngrain: g\ncolumns: {n: INTEGER}\n*/ SELECT 1 AS n", encoding="utf-8"
    )

    found = load_tables(tmp_path / "tables", tmp_path / "mine")

    assert found["orders"].description == "mine"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("/*", "--", "header comment is missing"),
        ("description: Orders of all\n      channels.", "", "no description"),
        ("owner: sales", "ownr: sales", "Did you mean 'owner'"),
        ("owner: sales", "kind: increment", "unknown kind 'increment'"),
        ("key: [order_id]", "key: [id]", "names 'id', which is no column"),
        ("unit: currency", "pii: maybe", "pii must be true or false"),
        ("is_scanned: true", "is_scanned: often", "is_scanned must be true or false"),
        ("order_id: VARCHAR", "order_id: {meaning: x}", "a column needs a type"),
        ("grain: one row", "grain: [one row", "no YAML"),
    ],
)
def test_a_wrong_header_names_file_and_fix(tables: Load, old: str, new: str, said: str) -> None:
    with pytest.raises(TableError, match=rf"orders\.sql.*{said}"):
        tables({"entity/orders.sql": ORDERS.replace(old, new, 1)})


MERGED = ORDERS.replace(
    "key: [order_id]",
    """key: [order_id]
    kind: merge
    by: [order_id]
    follows:
      order_line: {key: order_id, covers: true, when: "amount > 0 OR _is_old"}
      customer: "SELECT o.order_id FROM order_line AS o JOIN changed_customer AS c USING (customer_id)"
      store: \"upper(order_id), left(order_id, 1)\"""",
)


def test_a_merge_table_says_by_which_key_it_follows_its_inputs(tables: Load) -> None:
    orders = tables({"entity/orders.sql": MERGED})["orders"]

    line, customer, store = (orders.follows[name] for name in ("order_line", "customer", "store"))
    assert (orders.kind, orders.by) == ("merge", ("order_id",))
    assert (line.keys, line.covers, line.unique, line.when) == (('"order_id"',), True, False, "amount > 0 OR _is_old")
    assert (line.is_select, customer.is_select) == (False, True)
    assert (line.narrows, customer.narrows) == (True, False)
    assert [key.lower() for key in store.keys] == ["upper(order_id)", "left(order_id, 1)"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("by: [order_id]", "by: [id]", "names 'id', which is no column"),
        ("by: [order_id]", "owner: me", "a merge table has a key, by and follows"),
        ("key: [order_id]", "owner: me", "a merge table has a key, by and follows"),
        ("covers: true", "covres: true", "follows order_line.*unknown option 'covres'.*Did you mean 'covers'"),
        ("covers: true", "covers: maybe", "covers must be true or false, not 'maybe'"),
        ("kind: merge", "kind: merged", "unknown kind 'merged'.*merge"),
        ("covers: true", "slice: order_id", "slices that no input, or more than one, can tell apart"),
    ],
)
def test_a_wrong_way_to_follow_names_file_and_fix(tables: Load, old: str, new: str, said: str) -> None:
    with pytest.raises(TableError, match=rf"(?s)orders\.sql.*{said}|{said}.*orders\.sql"):
        tables({"entity/orders.sql": MERGED.replace(old, new, 1)})


@pytest.mark.parametrize("also", ["", "store: {slice: order_id}", "line: {slice: amount}"])
def test_slices_are_told_apart_by_one_input_and_a_part_of_the_key(tables: Load, also: str) -> None:
    follows = f"follows:\n      day: {{slice: order_id}}\n      {also}\n    owner: sales"
    text = MERGED[: MERGED.index("follows:")] + follows + MERGED[MERGED.index("    owner: sales") + 16 :]

    if not also:
        assert tables({"entity/orders.sql": text})["orders"].slice_by == ("day", "order_id")
        return
    with pytest.raises(TableError, match=r"(?s)slices that no input, or more than one.*no key beside it"):
        tables({"entity/orders.sql": text})


def test_follows_is_a_mapping(tables: Load) -> None:
    text = MERGED[: MERGED.index("follows:")] + "follows: [order_line]\n" + MERGED[MERGED.index("    owner: sales") :]

    with pytest.raises(TableError, match=r"follows is no mapping.*follows: \{orders: customer_id\}"):
        tables({"entity/orders.sql": text})


def test_two_statements_are_refused(tables: Load) -> None:
    orders = tables({"entity/orders.sql": ORDERS + "DROP TABLE customer"})["orders"]

    with pytest.raises(TableError, match="exactly one SELECT"):
        _ = orders.depends


def test_a_python_table_must_say_where_its_columns_come_from(tables: Load) -> None:
    with pytest.raises(TableError, match="column customer_id: a Python table names its origins"):
        tables({"mart/scored.py": PYTHON.replace("origin: [customer.customer_id]", "owner: x")})
