"""The web shop: the other third of the baskets, CSV in GB18030 with Chinese headers, keyed by e-mail or phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from kehu.demo import spelling
from kehu.demo.dice import dice
from kehu.demo.record import Known
from kehu.demo.sale import ORDER, months

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb

    from kehu.demo.people import Person

_SLOTS = 8  # spellings per shopper; a basket takes one by its number
_CHANGED = "2017-05-15"  # until then, shoppers with a new e-mail address ordered with the old one

_ORDERS = f"""
COPY (
    SELECT
        'W' || basket_id AS 订单编号, line_no AS 订单行号,
        coalesce(sold_text, strftime(sold_at, '%Y/%-m/%-d %H:%M:%S')) AS 下单时间,
        buyer.email AS 买家邮箱, buyer.phone AS 手机号码, product_id AS 商品编码, product_name AS 商品名称,
        quantity AS 数量, amount_text AS 实付金额, retail_disc + coupon_disc + coupon_match_disc AS 优惠金额,
        'USD' AS 币种, store_id AS 发货门店, '已完成' AS 订单状态
    FROM sale
    JOIN buyer ON buyer.household_id = sale.household_id AND buyer.slot = basket_id % 1009 % {_SLOTS}
        AND buyer.is_early = (sold_at < '{_CHANGED}')
    LEFT JOIN product_name USING (product_id)
    WHERE is_web AND month = $month ORDER BY {ORDER}
) TO $file (FORMAT csv, HEADER true, QUOTE '"')
"""

_SEEN = f"""
SELECT DISTINCT household_id, source_key, has_email, has_phone
FROM (
    SELECT sale.household_id, buyer.source_key,
        buyer.email IS NOT NULL AS has_email, buyer.phone IS NOT NULL AS has_phone
    FROM sale JOIN buyer ON buyer.household_id = sale.household_id AND buyer.slot = basket_id % 1009 % {_SLOTS}
        AND buyer.is_early = (sold_at < '{_CHANGED}')
    WHERE is_web
) ORDER BY ALL
"""


def buyers(connection: duckdb.DuckDBPyConnection, holders: Mapping[int, Person]) -> list[Known]:
    """Create ``buyer`` (how each shopper signs each order) and return the shop's records.

    60 % sign with their e-mail (half of them leave a phone number too), 22 % with their phone, 18 % change
    between the two: those are two records of one person.
    """
    rows = [row for person in holders.values() for row in _signatures(person)]
    connection.register("buyer_rows", pa.Table.from_pylist(rows))
    connection.execute("CREATE TABLE buyer AS SELECT * FROM buyer_rows")
    connection.unregister("buyer_rows")
    seen: dict[str, Known] = {}
    for household, key, has_email, has_phone in connection.execute(_SEEN).fetchall():
        person = holders[household]
        phone = person.phone if has_phone else seen[key].phone if key in seen else ""
        seen[key] = Known("shop", key, person, email=key if has_email else "", phone=phone)
    return list(seen.values())


def _signatures(person: Person) -> list[dict[str, object]]:
    rng = dice(f"shop:{person.household_id}")
    chance = rng.random()
    if person.shares_phone and rng.random() < 0.9:
        chance = max(chance, 0.3) * 0.8  # a couple's phone tells nobody apart: nearly all of them sign by e-mail
    by_email, by_phone = chance >= 0.22, chance < 0.22 or chance >= 0.82
    leaves_phone = 0.22 <= chance < 0.52
    rows: list[dict[str, object]] = []
    for is_early in (True, False):
        address = person.old_email if is_early and person.old_email else person.email
        for slot in range(_SLOTS):
            with_email = by_email and not (by_phone and slot % 2)
            email = spelling.email(rng, address) if with_email else None
            phone = spelling.phone(rng, person.phone) if not with_email or leaves_phone else None
            rows.append(
                {
                    "household_id": person.household_id,
                    "is_early": is_early,
                    "slot": slot,
                    "email": email,
                    "phone": phone,
                    "source_key": address if with_email else person.phone,
                }
            )
    return rows


def write(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write ``orders-<month>.csv``, months by UTC."""
    for month in months(connection, is_web=True):
        draft = folder / f"orders-{month}.utf8"
        connection.execute(_ORDERS, {"month": month, "file": str(draft)})
        text = draft.read_text(encoding="utf-8")
        (folder / f"orders-{month}.csv").write_text(text, encoding="gb18030", newline="\n")
        draft.unlink()
