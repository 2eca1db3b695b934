"""How long work tells the one who waits: a callable, silent by default."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives one line per step; ``fraction`` is 0-1 inside the step, or None when unknown."""

    def __call__(self, step: str, fraction: float | None = None) -> None:
        """Show that ``step`` is being worked on."""


def silent(step: str, fraction: float | None = None) -> None:  # the Protocol's shape
    """Show nothing."""
