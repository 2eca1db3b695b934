"""What ``kehu status`` says about identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.flow.project import open_project
from kehu.flow.status import status

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_status_says_how_far_identity_may_be_trusted(built_shop: Path) -> None:
    state = status(open_project(built_shop))

    found = {row["measure"]: row["value"] for row in state["trust"]}
    assert (found["records"], found["customers"], found["suspicious_customers"]) == (4.0, 3.0, 0.0)
    assert found["expected_precision"] > 0.9
    assert (found["newest build: carried over"], found["newest build: new"]) == (0, 3)
