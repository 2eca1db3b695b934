"""A row of numbers as the path of a small line, drawn without a script."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def smooth(values: Sequence[float], points: int = 48) -> list[float]:
    """Return at most ``points`` values: means of equal runs, so that a year fits a thumbnail."""
    if len(values) <= points:
        return list(values)
    edges = [round(step * len(values) / points) for step in range(points + 1)]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]


def path(values: Sequence[float], *, width: int = 120, height: int = 32) -> str:
    """Return the ``d`` of an SVG path through ``values``, the largest at the top; empty without two values.

    Examples
    --------
    >>> path([0, 1], width=10, height=10)
    'M0 9L10 1'
    """
    drawn = smooth(values)
    if len(drawn) < 2:
        return ""
    low, high = min(drawn), max(drawn)
    reach = (high - low) or 1.0
    step = width / (len(drawn) - 1)
    points = (
        f"{_short(i * step)} {_short(height - 1 - (v - low) / reach * (height - 2))}" for i, v in enumerate(drawn)
    )
    return "M" + "L".join(points)


def area(values: Sequence[float], *, width: int = 120, height: int = 32) -> str:
    """Return the path closed along the bottom, for a fill."""
    line = path(values, width=width, height=height)
    return f"{line}L{width} {height}L0 {height}Z" if line else ""


def _short(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
