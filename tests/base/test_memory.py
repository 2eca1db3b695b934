from __future__ import annotations

import numpy as np
import pytest

from kehu.base.memory import give_back, resident_mb, share


@pytest.mark.parametrize(
    ("limit", "expected"), [("3000000000", "1000MB"), ("6000000000", "1500MB"), ("90000000000000", None), ("max", None)]
)
def test_a_quarter_of_what_the_control_group_has_is_taken(tmp_path, limit, expected) -> None:
    (tmp_path / "memory.max").write_text(f"{limit}\n", encoding="ascii")
    whole = share(tmp_path / "absent")

    found = share(tmp_path / "memory.max")

    assert found == (expected or whole)
    assert 1000 <= int(whole.removesuffix("MB")) <= 2500


def test_what_is_not_used_any_more_is_given_back() -> None:
    pieces = [np.ones(8_000) for _ in range(4_000)]  # 256 MB, of which C's allocator keeps what lies below a used piece
    last = pieces[-1]
    del pieces
    before = resident_mb()

    give_back()

    assert resident_mb() < before - 150
    assert last.sum() == 8_000
