"""Inputs are cut to the rows of touched keys, through another where the key stands there, once for all tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sales import LINE, table

from kehu.base.errors import TableError
from kehu.warehouse.build import narrow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sales import Shop

OWNER = table(
    "SELECT sale_id, customer_id FROM raw_sale", "sale_id: VARCHAR, customer_id: VARCHAR",
    kind="merge", key="[sale_id]", by="[sale_id]", follows="{raw_sale: {key: sale_id, unique: true}}",
)  # fmt: skip
REACHED = "SELECT o.customer_id FROM owner AS o SEMI JOIN changed_line AS c ON c.sale_id = o.sale_id"
FOLLOWS = f'{{owner: customer_id, line: {{through: owner, key: "{REACHED}"}}}}'


def spent(aggregate: str, follows: str = FOLLOWS) -> str:
    return table(
        f"SELECT o.customer_id, {aggregate}(l.amount)::BIGINT AS amount FROM owner AS o JOIN line AS l USING (sale_id)"
        " GROUP BY ALL",
        "customer_id: VARCHAR, amount: BIGINT",
        kind="merge", key="[customer_id]", by="[customer_id]", follows=follows,
    )  # fmt: skip


FILES = {"line": LINE, "owner": OWNER, "least": spent("min"), "most": spent("max"), "total": spent("sum")}
CHANGES = (
    "UPDATE raw_sale SET amount = 6 WHERE sale_id = 's1'",
    "UPDATE raw_sale SET customer_id = 'ann' WHERE sale_id = 's3'",
    "INSERT INTO raw_sale VALUES ('s5', 'cleo', 'web', 3)",
    "DELETE FROM raw_sale WHERE sale_id = 's4'",
)


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Note by table and key of which inputs rows are looked up in the lake."""
    found, real = [], narrow.looked_up

    def noted(connection, scan, by, wanted, *, is_sorted):
        (count,) = connection.execute(f"SELECT count(*) FROM ({wanted})").fetchone()
        found.append((re.search(r'FROM (?:lake\.main\.)?"(\w+)"', scan)[1], *by, count))
        return real(connection, scan, by, wanted, is_sorted=is_sorted)

    monkeypatch.setattr(narrow, "looked_up", noted)
    return found


@pytest.mark.parametrize("change", CHANGES)
def test_an_input_cut_through_another_gives_the_rows_of_a_full_build(shop: Callable[..., Shop], change: str) -> None:
    one = shop(**FILES)
    one.sql(change)

    assert set(one.done().values()) == {"merge"}
    assert one.is_as_if_built_whole()


def test_tables_share_what_was_cut(shop: Callable[..., Shop], lookups: list[tuple[str, ...]]) -> None:
    one = shop(**FILES)
    one.sql(CHANGES[0])

    one.done("least", "most", "total")

    assert [found for found in lookups if found[0] in FILES] == [
        ("owner", '"customer_id"', 1),
        ("line", '"sale_id"', 2),
    ]


def test_what_was_cut_for_many_keys_is_not_kept(
    shop: Callable[..., Shop], lookups: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrow, "FEW_ENOUGH", 0)
    one = shop(**FILES)
    one.sql(CHANGES[0])

    one.done("least", "most", "total")

    assert [found for found in lookups if found[0] == "owner"] == [("owner", '"customer_id"', 1)] * 3
    assert one.is_as_if_built_whole()


def test_only_further_keys_are_looked_up_for_a_later_table(
    shop: Callable[..., Shop], lookups: list[tuple[str, ...]]
) -> None:
    also = FOLLOWS.replace("line: {", 'guest: "SELECT customer_id FROM changed_guest", line: {')
    total = spent("sum", also).replace(
        "GROUP BY", "WHERE o.customer_id NOT IN (SELECT customer_id FROM guest) GROUP BY"
    )
    guest = table("SELECT max(customer_id) AS customer_id FROM raw_guest", "customer_id: VARCHAR", key="[customer_id]")
    one = shop(**FILES)
    one.sql("CREATE TABLE raw_guest AS SELECT 'nobody' AS customer_id")
    one.files |= {"guest": guest, "total": total}
    one.build()
    lookups.clear()
    one.sql(CHANGES[0], "UPDATE raw_guest SET customer_id = 'bob'")

    done = one.done()

    assert done["total"] == "merge"
    assert [found[-1] for found in lookups if found[0] == "owner" and found[-1]] == [1, 2]
    assert one.rows("total") == [("ann", 13), ("wang", 2)]


@pytest.mark.parametrize(
    ("follows", "said"),
    [
        ("{owner: customer_id, line: {through: ownr}}", "through names 'ownr'.*Did you mean 'owner'"),
        ("{owner: SELECT customer_id FROM changed_owner, line: {through: owner}}", "'owner', which is not cut"),
        ("{owner: customer_id, raw_sale: {through: owner}}", "'raw_sale', which has no key"),
    ],
)
def test_a_wrong_through_names_file_and_fix(shop: Callable[..., Shop], follows: str, said: str) -> None:
    files = {**FILES, "total": spent("sum", follows).replace("GROUP BY", "WHERE EXISTS (FROM raw_sale) GROUP BY")}

    with pytest.raises(TableError, match=rf"(?s)total.*{said}|{said}.*total"):
        shop(**files)
