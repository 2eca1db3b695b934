"""What steps took when they last ran, kept beside the lake."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kehu.base.settings import Settings


def keep(settings: Settings, **seconds: float) -> None:
    """Remember what steps took, each by its name."""
    path = _path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({**kept(settings), **seconds}), encoding="utf-8")
    part.replace(path)


def kept(settings: Settings) -> dict[str, float]:
    """Return what steps took, in seconds; nothing of those that never ran."""
    with suppress(FileNotFoundError, json.JSONDecodeError):
        return {str(name): float(value) for name, value in json.loads(_path(settings).read_text("utf-8")).items()}
    return {}


def _path(settings: Settings) -> Path:
    return settings.lake / "seconds.json"
