from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kehu.govern.workspace import Workspace

LONG = (
    "(SELECT string_agg(a.order_id || b.order_id, '') FROM orders a, orders b, orders c, orders d, orders e, orders f)"
)


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("levenshtein('smith', 'smyth')", 1),
        ("editdist3('smith', 'smyth')", 1),
        ("damerau_levenshtein('smith', 'smiht')", 1),
        ("jaro_similarity('smith', 'smith')", 1.0),
        ("jaro_winkler_similarity('smith', 'smith')", 1.0),
        ("levenshtein(NULL, 'smith')", None),
        (f"levenshtein(text, text || levenshtein('a', text))  FROM (SELECT {LONG} AS text)", 0),
        (f"damerau_levenshtein(text, 'x' || text) FROM (SELECT {LONG} AS text)", 2),
        (f"jaro_similarity(text, text || 'x') FROM (SELECT {LONG} AS text)", 1.0),
    ],
)
def test_likeness_of_texts_looks_at_their_first_thousand_letters(
    viewer: Workspace, call: str, wanted: float | None
) -> None:
    assert viewer.query(f"SELECT {call}").value() == wanted
