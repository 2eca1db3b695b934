from __future__ import annotations

import pytest

from kehu.base.memory import share


@pytest.mark.parametrize(
    ("limit", "expected"), [("3000000000", "1000MB"), ("6000000000", "1500MB"), ("90000000000000", None), ("max", None)]
)
def test_a_quarter_of_what_the_control_group_has_is_taken(tmp_path, limit, expected) -> None:
    (tmp_path / "memory.max").write_text(f"{limit}\n", encoding="ascii")
    whole = share(tmp_path / "absent")

    found = share(tmp_path / "memory.max")

    assert found == (expected or whole)
    assert 1000 <= int(whole.removesuffix("MB")) <= 2500
