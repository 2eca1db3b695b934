"""Which staged rows share a base with those that land: numbered copies do, a source's own numbers do not."""

from __future__ import annotations

import duckdb
import pytest

from kehu.integrate.restage import BASE

MADE = "0123456789abcdef"


@pytest.mark.parametrize(
    ("key", "base"),
    [
        (MADE, MADE),
        (f"{MADE}-2", MADE),
        (f"{MADE}-117", MADE),
        ("C-1001", "C-1001"),
        ("2026-11-24-000017", "2026-11-24-000017"),
        ("客户-17", "客户-17"),
    ],
)
def test_only_keys_made_of_content_lose_a_number(key: str, base: str) -> None:
    assert duckdb.execute(f"SELECT {BASE.format(key='k')} FROM (SELECT ? AS k)", [key]).fetchone() == (base,)
