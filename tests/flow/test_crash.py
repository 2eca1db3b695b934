"""Kills the steps of the main job at random moments; `benchmarks/crash.py --kills 500` does it for longer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CRASH = Path(__file__).parents[2] / "benchmarks" / "crash.py"
KILLS = 50


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_fifty_kills_lose_nothing_double_nothing_and_change_no_number() -> None:
    command = [sys.executable, CRASH, "--kills", str(KILLS), "--look-every", "10", "--run-every", "25", "--json"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)

    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["problems"] == []
    assert report["kills"] == KILLS
