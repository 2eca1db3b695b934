"""Modules loaded beside what runs: while the database works, Python is idle."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from threading import Thread


def load_beside(*modules: str) -> None:
    """Start to import modules that are needed soon; who imports one meanwhile waits for it as ever.

    What cannot be imported is passed over: whoever needs it is told.
    """
    missing = [module for module in modules if module not in sys.modules]
    if missing:
        Thread(target=_load, args=(missing,), name="load-beside").start()


def _load(modules: list[str]) -> None:
    for module in modules:
        with suppress(ImportError):
            import_module(module)
