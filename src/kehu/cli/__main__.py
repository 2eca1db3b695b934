"""Run as ``python -m kehu.cli``, where the program ``kehu`` may not be on the path."""

from __future__ import annotations

from kehu.cli.main import main

main()
