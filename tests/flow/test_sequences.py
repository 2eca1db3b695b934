"""After any sequence of joining, changing and parting, customers are as if those parted had never been joined.

Fifty random sequences run together, see `towns`; ``SEQUENCES=1000 STEPS=8 SEED=1 pytest tests/flow/test_sequences.py``
runs a thousand.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from towns import Towns  # beside this file

pytestmark = pytest.mark.slow

SEQUENCES, SEED = int(os.environ.get("SEQUENCES", "50")), int(os.environ.get("SEED", "1"))
STEPS = int(os.environ.get("STEPS", "2"))


def test_after_any_sequence_builds_are_as_full_ones_and_parted_customers_as_if_never_joined(tmp_path: Path) -> None:
    towns = Towns(tmp_path, random.Random(SEED), SEQUENCES)
    for step in range(STEPS):
        towns.step(is_last=step == STEPS - 1)

        assert towns.apart_from_full(tmp_path / "full") == [], f"seed {SEED}, step {step}"
        assert towns.apart_from_twin() == [], f"seed {SEED}, step {step}"
