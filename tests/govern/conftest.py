from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kehu.govern.control import Control

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    store = Control(tmp_path / "data" / "control.sqlite")
    yield store
    store.close()
