"""Modules that load beside what runs."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from kehu.base.ahead import load_beside

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def wait() -> None:
    for thread in threading.enumerate():
        if thread.name == "load-beside":
            thread.join(10)


def test_a_module_is_there_soon_and_a_missing_one_harms_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kehu_soon.py").write_text("number = 7\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    load_beside("kehu_never", "kehu_soon")
    wait()

    assert sys.modules.pop("kehu_soon").number == 7
    assert "kehu_never" not in sys.modules


def test_what_is_loaded_starts_nothing() -> None:
    before = threading.active_count()

    load_beside("sys", "threading")

    assert threading.active_count() <= before
