"""What a table's statement is given to read, and how it is planned: neither may change its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sales import LINE, table

from kehu.base.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sales import Shop


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("max(l.amount)", "9"),
        ("max(to_json(l))", '{"sale_id":"s5","customer_id":"bob","amount":9}'),
        ("max(columns('am.*'))", "9"),
    ],
)
def test_an_input_has_all_columns_that_the_table_reads_of_it(
    shop: Callable[..., Shop], select: str, expected: str
) -> None:
    last = table(
        f"SELECT l.customer_id, CAST({select} AS VARCHAR) AS last FROM line AS l GROUP BY l.customer_id",
        "customer_id: VARCHAR, last: VARCHAR",
        kind="merge", key="[customer_id]", by="[customer_id]", follows="{line: customer_id}",
    )  # fmt: skip
    one = shop(line=LINE, last=last)
    one.sql("INSERT INTO raw_sale VALUES ('s5', 'bob', 'web', 9)")

    assert one.done() == {"line": "merge", "last": "merge"}
    assert dict(one.rows("last"))["bob"] == expected


def test_a_new_table_beside_one_of_an_earlier_run_is_joined_as_written(shop: Callable[..., Shop]) -> None:
    asked = "SELECT current_setting('disabled_optimizers')"
    sale = table("SELECT sale_id, amount FROM raw_sale", "sale_id: VARCHAR, amount: BIGINT")
    pair = table(
        f"SELECT ({asked}) AS without, count(*) AS sales FROM first JOIN second USING (sale_id)",
        "without: VARCHAR, sales: BIGINT",
    )
    one = shop(first=sale, second=sale, pair=pair)
    assert one.rows("pair") == [("", 4)]

    one.files["first"] = sale.replace("sale_id, amount FROM", "sale_id, amount + 1 AS amount FROM")
    assert one.done() == {"first": "full", "second": "skip", "pair": "full"}
    assert one.rows("pair") == [("build_side_probe_side", 4)]
    assert one.ask(asked) == [("",)]

    one.files["first"] = sale
    one.files["pair"] = pair.replace("count(*)", "error('late')::BIGINT")
    with pytest.raises(TableError, match="late"):
        one.build()
    assert one.ask(asked) == [("",)]
